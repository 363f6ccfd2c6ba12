import { sql } from 'kysely'
import type { Attempt, Delivery, DeliveryStatus, MessageType } from '../../contract/delivery.ts'
import type { Queries } from '../engine/database.ts'
import { toIso } from '../engine/tables.ts'
import type { WebhookDeliveriesTable } from '../engine/webhook-tables.ts'
import { equalTo, type PageQuery, pageOf, type RowQuery } from './list-query.ts'
import { type VisibleClusters, visibleCondition } from './visible-clusters.ts'

/** A message with the members that only the sender uses. */
export interface StoredDelivery extends Delivery {
  clusterKey: string | null
  tries: number
  round: number
  body: string
}

/** One attempt of one message, as the queue orders it. */
export interface AttemptRef {
  deliveryId: string
  /** The number of attempts before it. */
  tries: number
}

export interface NewDelivery {
  id: string
  webhookId: string
  type: MessageType
  jobId: string | null
  clusterKey: string | null
  createdAt: Date
  body: string
}

/** Replays add attempts without end; the last ones are kept. */
const MAX_STORED_ATTEMPTS = 30

/** Stores messages that are due immediately. */
export async function insertDeliveries(db: Queries, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  const rows = deliveries.map((delivery) => ({
    id: delivery.id,
    webhook_id: delivery.webhookId,
    type: delivery.type,
    job_id: delivery.jobId,
    cluster_key: delivery.clusterKey,
    created_at: delivery.createdAt,
    status: 'pending' as const,
    tries: 0,
    round: 0,
    next_attempt_at: delivery.createdAt,
    attempts: '[]',
    body: delivery.body,
  }))
  await db.insertInto('webhook_deliveries').values(rows).execute()
}

/** One message, optionally of one webhook only. */
export async function deliveryRow(
  db: Queries,
  id: string,
  { webhookId, visible }: { webhookId?: string; visible?: VisibleClusters } = {},
): Promise<StoredDelivery | null> {
  const query = db.selectFrom('webhook_deliveries').selectAll().where('id', '=', id)
  const row = await (webhookId === undefined ? query : query.where('webhook_id', '=', webhookId))
    .where(visibleDelivery(visible))
    .executeTakeFirst()
  return row === undefined ? null : toStoredDelivery(row)
}

export interface DeliveryQuery extends PageQuery {
  webhookId: string
  status?: DeliveryStatus | undefined
}

/** One page of messages, newest first, and one row more if there are more. */
export async function listDeliveryRows(
  db: Queries,
  query: RowQuery<DeliveryQuery>,
): Promise<StoredDelivery[]> {
  const { webhookId, status, visible } = query
  const conditions = [
    visibleDelivery(visible),
    ...equalTo<WebhookDeliveriesTable>({ webhook_id: webhookId, status }),
  ]
  const rows = await pageOf(db.selectFrom('webhook_deliveries').selectAll(), query, conditions).execute()
  return rows.map(toStoredDelivery)
}

/**
 * Records the outcome of an attempt unless another attempt was recorded since; returns whether it was recorded. `next` is
 * null if the message was delivered or has failed.
 */
export async function recordAttempt(
  db: Queries,
  delivery: Pick<StoredDelivery, 'id' | 'tries' | 'round' | 'attempts'>,
  attempt: Attempt,
  next: Date | null,
): Promise<boolean> {
  const result = await db
    .updateTable('webhook_deliveries')
    .set({
      status: next !== null ? 'pending' : attempt.outcome === 'DELIVERED' ? 'delivered' : 'failed',
      tries: delivery.tries + 1,
      round: delivery.round + 1,
      next_attempt_at: next,
      attempts: JSON.stringify([...delivery.attempts, attempt].slice(-MAX_STORED_ATTEMPTS)),
    })
    .where('id', '=', delivery.id)
    .where('tries', '=', delivery.tries)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Restarts the attempts of one message, or of at most `limit` messages that failed and were created since a time. */
export async function rescheduleDeliveries(
  db: Queries,
  webhookId: string,
  which: { deliveryId: string } | { failedSince: Date },
  { now, limit, visible }: { now: Date; limit: number; visible: VisibleClusters },
): Promise<AttemptRef[]> {
  const chosen = db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .where(visibleDelivery(visible))
    .orderBy('id')
    .limit(limit)
  const ids =
    'deliveryId' in which
      ? chosen.where('id', '=', which.deliveryId)
      : chosen.where('status', '=', 'failed').where('created_at', '>=', which.failedSince)
  const rows = await db
    .updateTable('webhook_deliveries')
    .set({ status: 'pending', round: 0, next_attempt_at: now })
    .where('id', 'in', ids)
    .returning(['id', 'tries'])
    .execute()
  return rows.map(({ id, tries }) => ({ deliveryId: id, tries }))
}

/**
 * At most `limit` pending attempts that have been due since `before`, the oldest message first, from behind `after`. They
 * become due now, so that another sweep does not claim them.
 */
export async function claimDueDeliveries(
  db: Queries,
  before: Date,
  now: Date,
  { limit, after }: { limit: number; after: string | null },
): Promise<AttemptRef[]> {
  const due = db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('status', '=', 'pending')
    .where('next_attempt_at', '<=', before)
    .$if(after !== null, (query) => query.where('id', '>', after))
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const rows = await db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: now })
    .where('id', 'in', due)
    .returning(['id', 'tries'])
    .execute()
  return rows
    .map(({ id, tries }) => ({ deliveryId: id, tries }))
    .toSorted((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1))
}

/** The number of pending messages of the whole service. */
export async function countPendingDeliveries(db: Queries): Promise<number> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** A ping concerns no cluster: every caller who may see its webhook may see it. */
function visibleDelivery(visible: VisibleClusters | undefined) {
  return sql<boolean>`(cluster_key is null or ${visibleCondition(visible)})`
}

function toStoredDelivery(row: WebhookDeliveriesTable): StoredDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    type: row.type,
    jobId: row.job_id,
    createdAt: toIso(row.created_at),
    status: row.status,
    nextAttemptAt: toIso(row.next_attempt_at),
    attempts: JSON.parse(row.attempts) as Attempt[],
    clusterKey: row.cluster_key,
    tries: row.tries,
    round: row.round,
    body: row.body,
  }
}
