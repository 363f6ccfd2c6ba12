import { sql } from 'kysely'
import type { Attempt, Delivery, DeliveryStatus, MessageType } from '../../contract/delivery.ts'
import type { ClusterScope } from '../../core/access/access-policy.ts'
import type { Queries } from '../engine/database.ts'
import type { WebhookDeliveriesTable } from '../engine/tables.ts'
import { scopeCondition } from './list-conditions.ts'

/** A message with what only its sender needs. */
export interface StoredDelivery extends Delivery {
  clusterKey: string | null
  tries: number
  round: number
  body: string
}

/** What an order of the queue names: this attempt of this message. */
export interface AttemptRef {
  deliveryId: string
  /** How many attempts there were before it. */
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

/** Replays add attempts without end; the last ones tell how it stands. */
const MAX_STORED_ATTEMPTS = 30

/** Stores messages that are due at once. */
export async function insertDeliveries(db: Queries, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  const rows = deliveries.map((each) => ({
    id: each.id,
    webhook_id: each.webhookId,
    type: each.type,
    job_id: each.jobId,
    cluster_key: each.clusterKey,
    created_at: each.createdAt,
    status: 'pending' as const,
    tries: 0,
    round: 0,
    next_attempt_at: each.createdAt,
    attempts: '[]',
    body: each.body,
  }))
  await db.insertInto('webhook_deliveries').values(rows).execute()
}

/** One message; of one webhook only, where that is given. */
export async function deliveryRow(
  db: Queries,
  id: string,
  given: { webhookId?: string; reach?: ClusterScope } = {},
): Promise<StoredDelivery | null> {
  let query = db.selectFrom('webhook_deliveries').selectAll().where('id', '=', id)
  if (given.webhookId !== undefined) query = query.where('webhook_id', '=', given.webhookId)
  if (given.reach !== undefined) query = query.where(deliveryScopeCondition(given.reach))
  const row = await query.executeTakeFirst()
  return row === undefined ? null : fromColumns(row)
}

export interface DeliveryFilter {
  webhookId: string
  status?: DeliveryStatus | undefined
  /** What the caller may see: messages of other clusters are not there. */
  reach?: ClusterScope | undefined
  limit: number
  after: string | null
}

/** Newest first, and one more than `limit` where there are more. */
export async function listDeliveryRows(db: Queries, filter: DeliveryFilter): Promise<StoredDelivery[]> {
  const { webhookId, status, reach = 'everything', limit, after } = filter
  let query = db.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', webhookId)
  query = query.where(deliveryScopeCondition(reach))
  if (status !== undefined) query = query.where('status', '=', status)
  if (after !== null) query = query.where('id', '<', after)
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return rows.map(fromColumns)
}

/**
 * Records what came of an attempt, if no other attempt was recorded since; whether it was. `next` is null where the
 * message has arrived or is given up.
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

/** Makes messages of a webhook due anew: this one, or those that failed and were made since. At most `limit` of them. */
export async function rescheduleDeliveries(
  db: Queries,
  webhookId: string,
  which: { deliveryId: string } | { failedSince: Date },
  given: { now: Date; limit: number; reach: ClusterScope },
): Promise<AttemptRef[]> {
  const chosen = db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .where(deliveryScopeCondition(given.reach))
    .orderBy('id')
    .limit(given.limit)
  const ids =
    'deliveryId' in which
      ? chosen.where('id', '=', which.deliveryId)
      : chosen.where('status', '=', 'failed').where('created_at', '>=', which.failedSince)
  const rows = await db
    .updateTable('webhook_deliveries')
    .set({ status: 'pending', round: 0, next_attempt_at: given.now })
    .where('id', 'in', ids)
    .returning(['id', 'tries'])
    .execute()
  return rows.map(({ id, tries }) => ({ deliveryId: id, tries }))
}

/** Takes pending messages whose attempt has been due since `before`, and puts it at `now`: no two sweeps take the same. */
export async function claimDueDeliveries(db: Queries, before: Date, now: Date): Promise<AttemptRef[]> {
  const rows = await db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: now })
    .where('status', '=', 'pending')
    .where('next_attempt_at', '<=', before)
    .returning(['id', 'tries'])
    .execute()
  return rows.map(({ id, tries }) => ({ deliveryId: id, tries }))
}

/** Forgets messages that were made before this moment and are on their way no more, and with the last of them webhooks of single jobs. */
export async function deleteOldDeliveries(db: Queries, before: Date): Promise<void> {
  await db
    .deleteFrom('webhook_deliveries')
    .where('created_at', '<', before)
    .where('status', '!=', 'pending')
    .execute()
  await db
    .deleteFrom('webhooks')
    .where('job_id', 'in', db.selectFrom('jobs').select('id').where('next_tick_at', 'is', null))
    .where('created_at', '<', before)
    .where((each) =>
      each.not(
        each.exists(
          each
            .selectFrom('webhook_deliveries')
            .select('webhook_deliveries.id')
            .whereRef('webhook_deliveries.webhook_id', '=', 'webhooks.id'),
        ),
      ),
    )
    .execute()
}

/** Messages on their way, of the whole service. */
export async function countPendingDeliveries(db: Queries): Promise<number> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select((each) => each.fn.countAll<string>().as('count'))
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** A ping is about no cluster, and seen by whoever sees its webhook. */
function deliveryScopeCondition(reach: ClusterScope) {
  if (reach === 'everything') return sql<boolean>`true`
  return sql<boolean>`(cluster_key is null or ${scopeCondition(reach)})`
}

function fromColumns(row: WebhookDeliveriesTable): StoredDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    type: row.type,
    jobId: row.job_id,
    createdAt: row.created_at.toISOString(),
    status: row.status,
    nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
    attempts: JSON.parse(row.attempts) as Attempt[],
    clusterKey: row.cluster_key,
    tries: row.tries,
    round: row.round,
    body: row.body,
  }
}
