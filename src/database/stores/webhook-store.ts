import { sql } from 'kysely'
import type { DisabledReason, EventType, Webhook } from '../../contract/webhook.ts'
import type { Owner } from '../../core/access/access-policy.ts'
import type { Queries } from '../engine/database.ts'
import { toIso } from '../engine/tables.ts'
import type { WebhooksTable } from '../engine/webhook-tables.ts'
import { equalTo, type PageQuery, pageOf, type RowQuery } from './list-query.ts'

/** A webhook with the members that no response contains. */
export interface StoredWebhook extends Webhook {
  owner: Owner
  secret: string
  formerSecret: string | null
  deliveredAt: string | null
}

export type NewWebhook = Pick<
  StoredWebhook,
  | 'id'
  | 'url'
  | 'description'
  | 'events'
  | 'clusters'
  | 'jobId'
  | 'createdAt'
  | 'createdBy'
  | 'owner'
  | 'secret'
>

export async function insertWebhook(db: Queries, webhook: NewWebhook): Promise<void> {
  await db
    .insertInto('webhooks')
    .values({
      id: webhook.id,
      url: webhook.url,
      description: webhook.description,
      events: JSON.stringify(webhook.events),
      clusters: JSON.stringify(webhook.clusters),
      status: 'enabled',
      disabled_because: null,
      disabled_at: null,
      job_id: webhook.jobId,
      created_at: new Date(webhook.createdAt),
      created_by: webhook.createdBy,
      created_by_id: webhook.owner.id,
      owner: JSON.stringify(webhook.owner),
      secret: webhook.secret,
      former_secret: null,
      former_until: null,
      delivered_at: null,
    })
    .execute()
}

/** One webhook, optionally of one owner only. With `forUpdate`, others can send to it but not change it until the transaction ends. */
export async function webhookRow(
  db: Queries,
  id: string,
  { ownerId, forUpdate = false }: { ownerId?: string; forUpdate?: boolean } = {},
): Promise<StoredWebhook | null> {
  let query = db.selectFrom('webhooks').selectAll().where('id', '=', id)
  if (ownerId !== undefined) query = query.where('created_by_id', '=', ownerId)
  if (forUpdate) query = query.forNoKeyUpdate()
  const row = await query.executeTakeFirst()
  return row === undefined ? null : toStoredWebhook(row)
}

/**
 * The enabled webhooks that may receive a message: every subscription, and those of the job if the message is about one.
 * They cannot be deleted before the transaction ends, or their messages would make that transaction fail.
 */
export async function listReceivingWebhooks(db: Queries, jobId: string | null): Promise<StoredWebhook[]> {
  const rows = await db
    .selectFrom('webhooks')
    .selectAll()
    .where('status', '=', 'enabled')
    .where((webhook) =>
      webhook.or([webhook('job_id', 'is', null), ...(jobId === null ? [] : [webhook('job_id', '=', jobId)])]),
    )
    .orderBy('id')
    .forKeyShare()
    .execute()
  return rows.map(toStoredWebhook)
}

export interface WebhookQuery extends PageQuery {
  ownerId: string
  /** The webhooks of this job; without it, the subscriptions. */
  jobId?: string | undefined
}

/** One page of webhooks, newest first, and one row more if there are more. */
export async function listWebhookRows(db: Queries, query: RowQuery<WebhookQuery>): Promise<StoredWebhook[]> {
  const { ownerId, jobId } = query
  const webhooks = db.selectFrom('webhooks').selectAll()
  const ofJob =
    jobId === undefined ? webhooks.where('job_id', 'is', null) : webhooks.where('job_id', '=', jobId)
  const rows = await pageOf(ofJob, query, equalTo<WebhooksTable>({ created_by_id: ownerId })).execute()
  return rows.map(toStoredWebhook)
}

/** The number of an owner's subscriptions. Until the transaction ends, other counts for the same owner wait. */
export async function countSubscriptions(db: Queries, ownerId: string): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${ownerId}, 0))`.execute(db)
  const row = await db
    .selectFrom('webhooks')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('created_by_id', '=', ownerId)
    .where('job_id', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** The members that an owner can change. */
export type WebhookPatch = Partial<Pick<Webhook, 'url' | 'description' | 'clusters'>> & {
  events?: EventType[]
  owner: Owner
}

/** Changes the members that are present. The caller becomes the owner: a webhook sends what its owner may see. */
export async function updateWebhook(db: Queries, id: string, change: WebhookPatch): Promise<void> {
  const { events, clusters, owner, url, description } = change
  await db
    .updateTable('webhooks')
    .set({
      owner: JSON.stringify(owner),
      ...(url === undefined ? {} : { url }),
      ...(description === undefined ? {} : { description }),
      ...(events === undefined ? {} : { events: JSON.stringify(events) }),
      ...(clusters === undefined ? {} : { clusters: JSON.stringify(clusters) }),
    })
    .where('id', '=', id)
    .execute()
}

export async function enableWebhook(db: Queries, id: string): Promise<void> {
  await db
    .updateTable('webhooks')
    .set({ status: 'enabled', disabled_because: null, disabled_at: null })
    .where('id', '=', id)
    .execute()
}

/** Disables a webhook; returns whether it was enabled. */
export async function disableWebhook(
  db: Queries,
  id: string,
  because: DisabledReason,
  at: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('webhooks')
    .set({ status: 'disabled', disabled_because: because, disabled_at: at })
    .where('id', '=', id)
    .where('status', '=', 'enabled')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Replaces the secret; messages are signed with the former one too until `until`. */
export async function replaceSecret(
  db: Queries,
  id: string,
  secret: string,
  former: { secret: string; until: Date } | null,
): Promise<void> {
  await db
    .updateTable('webhooks')
    .set({ secret, former_secret: former?.secret ?? null, former_until: former?.until ?? null })
    .where('id', '=', id)
    .execute()
}

/** Deletes former secrets that have expired. */
export async function deleteExpiredSecrets(db: Queries, now: Date): Promise<void> {
  await db
    .updateTable('webhooks')
    .set({ former_secret: null, former_until: null })
    .where('former_until', '<', now)
    .execute()
}

export async function markDelivered(db: Queries, id: string, at: Date): Promise<void> {
  await db.updateTable('webhooks').set({ delivered_at: at }).where('id', '=', id).execute()
}

/** Deletes a webhook and its messages. */
export async function deleteWebhook(db: Queries, id: string): Promise<void> {
  await db.deleteFrom('webhooks').where('id', '=', id).execute()
}

function toStoredWebhook(row: WebhooksTable): StoredWebhook {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: JSON.parse(row.events) as EventType[],
    clusters: JSON.parse(row.clusters) as Webhook['clusters'],
    status: row.status,
    disabledBecause: row.disabled_because,
    disabledAt: toIso(row.disabled_at),
    jobId: row.job_id,
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    formerSecretValidUntil: toIso(row.former_until),
    owner: JSON.parse(row.owner) as Owner,
    secret: row.secret,
    formerSecret: row.former_secret,
    deliveredAt: toIso(row.delivered_at),
  }
}
