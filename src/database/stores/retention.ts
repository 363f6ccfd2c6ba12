import { sql } from 'kysely'
import type { Queries } from '../engine/database.ts'

/** The last row that a batch has looked at: the next batch continues behind it. */
interface Position {
  at: string
  id: string
}

/** One batch: how many rows it deleted, and where the next one continues; null at the end. */
export interface Batch {
  deleted: number
  next: Position | null
}

/** Deletes one batch of what is older than `before`, in the transaction that is handed in. */
export type DeleteBatch = (
  trx: Queries,
  before: Date,
  after: Position | null,
  limit: number,
) => Promise<Batch>

/**
 * Jobs that finished before, with their plans, logs, approvals and webhooks. These stay:
 *
 * - every job that has not finished: it waits, is held, or runs
 * - a job that still holds the lock of its cluster, or whose messages are not delivered yet
 * - the newest finished job of each cluster: rollback and cleanup plans are made from it
 * - a job of a campaign that has not ended: its result is part of the result of the campaign
 */
export const deleteFinishedJobs: DeleteBatch = async (trx, before, after, limit) => {
  const { at, id } = after ?? { at: '', id: NIL }
  const { rows } = await sql<{ id: string; plan_id: string; at: string; is_kept: boolean }>`
      select id, plan_id, finished_at as at,
        not exists (select from jobs newer where newer.cluster_key = jobs.cluster_key
          and newer.id > jobs.id and newer.finished_at is not null)
        or exists (select from cluster_locks where job_id = jobs.id)
        or exists (select from webhook_deliveries where job_id = jobs.id and status = 'pending')
        or exists (select from campaign_members member
          where is_open and member.cluster_key = jobs.cluster_key and member.job_id = jobs.id) as is_kept
      from jobs
      where finished_at < ${before.toISOString()} and next_tick_at is null and (finished_at, id) > (${at}, ${id})
      order by finished_at, id limit ${limit} for update skip locked`.execute(trx)
  const old = rows.filter((row) => !row.is_kept)
  if (old.length > 0) await deleteJobs(trx, old)
  return { deleted: old.length, next: nextPosition(rows, limit) }
}

async function deleteJobs(trx: Queries, jobs: readonly { id: string; plan_id: string }[]): Promise<void> {
  const ids = jobs.map(({ id }) => id)
  await sql`select set_config('egress_planner.retention', 'on', true)`.execute(trx)
  await trx.deleteFrom('webhooks').where('job_id', 'in', ids).execute()
  await trx.deleteFrom('job_events').where('job_id', 'in', ids).execute()
  await trx.deleteFrom('jobs').where('id', 'in', ids).execute()
  await deletePlans(
    trx,
    jobs.map(({ plan_id }) => plan_id),
  )
}

/** Plans without a job that expired before. A plan that can be executed, or has a job, stays. */
export const deleteExpiredPlans: DeleteBatch = async (trx, before, after, limit) => {
  const { at, id } = after ?? { at: '-infinity', id: NIL }
  // A plan expires after its creation, whose index finds the plans.
  const { rows } = await sql<{ id: string; at: string; is_kept: boolean }>`
      select id, created_at::text as at,
        expires_at >= ${before} or exists (select from jobs where plan_id = plans.id) as is_kept
      from plans
      where created_at < ${before} and (created_at, id) > (${at}::timestamptz, ${id})
      order by created_at, id limit ${limit} for update skip locked`.execute(trx)
  const old = rows.filter((row) => !row.is_kept)
  await deletePlans(
    trx,
    old.map((row) => row.id),
  )
  return { deleted: old.length, next: nextPosition(rows, limit) }
}

async function deletePlans(trx: Queries, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await trx.deleteFrom('plan_approvals').where('plan_id', 'in', ids).execute()
  await trx.deleteFrom('plans').where('id', 'in', ids).execute()
}

/** Rows of a campaign of one batch: each is small, and a campaign has up to 5,000 members and many more log entries. */
const CAMPAIGN_ROWS = 1_000

/** Campaigns that ended before: members first, because a campaign without members is visible to no caller. */
export const deleteEndedCampaigns: DeleteBatch = async (trx, before) => {
  const oldest = trx.selectFrom('campaigns').select('id').where('finished_at', '<', before)
  const campaign = await oldest.orderBy('finished_at').orderBy('id').limit(1).executeTakeFirst()
  if (campaign === undefined) return { deleted: 0, next: null }
  const again = { at: '', id: NIL }
  for (const [table, key] of [
    ['campaign_members', 'id'],
    ['campaign_events', 'sequence'],
  ] as const) {
    const [name, column] = [sql.table(table), sql.ref(key)]
    const { numAffectedRows = 0n } = await sql`delete from ${name} where campaign_id = ${campaign.id}
      and ${column} in (select ${column} from ${name} where campaign_id = ${campaign.id} limit ${CAMPAIGN_ROWS})`.execute(
      trx,
    )
    if (numAffectedRows >= CAMPAIGN_ROWS) return { deleted: 0, next: again }
  }
  await trx.deleteFrom('campaigns').where('id', '=', campaign.id).execute()
  return { deleted: 1, next: again }
}

/** Messages that were created before and are not pending. */
export const deleteOldDeliveries: DeleteBatch = async (trx, before, _after, limit) => {
  const old = trx
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('created_at', '<', before)
    .where('status', '!=', 'pending')
    .orderBy('created_at')
    .limit(limit)
  const { numDeletedRows } = await trx
    .deleteFrom('webhook_deliveries')
    .where('id', 'in', old)
    .executeTakeFirstOrThrow()
  return whileFull(Number(numDeletedRows), limit)
}

/** Probes of their own that were created before and have ended. */
export const deleteOldProbes: DeleteBatch = async (trx, before, _after, limit) => {
  const old = trx
    .selectFrom('probes')
    .select('id')
    .where('created_at', '<', before)
    .where('next_tick_at', 'is', null)
    .orderBy('created_at')
    .limit(limit)
  const { numDeletedRows } = await trx.deleteFrom('probes').where('id', 'in', old).executeTakeFirstOrThrow()
  return whileFull(Number(numDeletedRows), limit)
}

/** Webhooks of single jobs that were created before and have neither a job that continues nor messages. */
export const deleteOldJobWebhooks: DeleteBatch = async (trx, before, _after, limit) => {
  const old = trx
    .selectFrom('webhooks')
    .select('id')
    .where('job_id', 'in', trx.selectFrom('jobs').select('id').where('next_tick_at', 'is', null))
    .where('created_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('webhook_deliveries')
            .select('webhook_deliveries.id')
            .whereRef('webhook_deliveries.webhook_id', '=', 'webhooks.id'),
        ),
      ),
    )
    .limit(limit)
  const { numDeletedRows } = await trx.deleteFrom('webhooks').where('id', 'in', old).executeTakeFirstOrThrow()
  return whileFull(Number(numDeletedRows), limit)
}

/** Keys of requests that were claimed before. */
export const deleteExpiredKeys: DeleteBatch = async (trx, before, _after, limit) => {
  const { numAffectedRows = 0n } = await sql`delete from idempotency_keys where (scope, key) in (
    select scope, key from idempotency_keys where claimed_at < ${before} order by claimed_at limit ${limit})`.execute(
    trx,
  )
  return whileFull(Number(numAffectedRows), limit)
}

/** Rows of the inventory that were made before. */
function inventoryBatch(table: string, column: string): DeleteBatch {
  return async (trx, before, _after, limit) => {
    const [name, time] = [sql.table(table), sql.ref(column)]
    const { numAffectedRows = 0n } = await sql`delete from ${name} where id in (
      select id from ${name} where ${time} < ${before} order by ${time} limit ${limit})`.execute(trx)
    return whileFull(Number(numAffectedRows), limit)
  }
}

export const deleteOldChanges = inventoryBatch('inventory_changes', 'at')
export const deleteGoneClusters = inventoryBatch('inventory_clusters', 'gone_at')
export const deleteOldRefreshes = inventoryBatch('inventory_refreshes', 'ended_at')

const NIL = '00000000-0000-0000-0000-000000000000'

function nextPosition(rows: readonly Position[], limit: number): Position | null {
  const last = rows.at(-1)
  return rows.length < limit || last === undefined ? null : { at: last.at, id: last.id }
}

/** For a batch that leaves nothing behind it that is old: a full one may have a successor, from the start. */
function whileFull(deleted: number, limit: number): Batch {
  return { deleted, next: deleted < limit ? null : { at: '', id: NIL } }
}
