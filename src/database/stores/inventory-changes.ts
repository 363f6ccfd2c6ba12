import { sql } from 'kysely'
import type { InventoryChange, InventoryFacts } from '../../contract/inventory.ts'
import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { type CausingJob, causeOf } from '../../core/inventory/change-causes.ts'
import type { UndatedChange } from '../../core/inventory/inventory-changes.ts'
import type { Queries } from '../engine/database.ts'
import type { JobsTable } from '../engine/tables.ts'

/** A change of a cluster with the job that explains it; null if none does. */
export interface ExplainedChange {
  key: string
  change: UndatedChange
  jobId: string | null
}

export interface ChangeRecorder {
  /** UUID version 7. */
  newId: () => string
  /** Orders the messages about a change, in the transaction that stores it. */
  announce(trx: Queries, clusterKey: string, change: InventoryChange): Promise<void>
}

/** Stores changes, and announces all except those that the messages of a job have reported. */
export async function recordChanges(
  trx: Queries,
  { newId, announce }: ChangeRecorder,
  changes: readonly ExplainedChange[],
  at: Date,
): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map(({ key, change, jobId }) => ({
    id: newId(),
    cluster_key: key,
    at,
    kind: change.kind,
    body: JSON.stringify(change),
    job_id: jobId,
  }))
  await trx.insertInto('inventory_changes').values(rows).execute()
  for (const { key, change, jobId } of changes)
    if (jobId === null || change.kind !== 'egressChanged')
      await announce(trx, key, { at: at.toISOString(), jobId, ...change })
}

/** The states of these clusters before each change since a time, by the keys of the clusters. */
export async function formerStates(
  trx: Queries,
  keys: readonly string[],
  since: Date,
): Promise<Map<string, InventoryFacts[]>> {
  const found = new Map<string, InventoryFacts[]>()
  if (keys.length === 0) return found
  const rows = await trx
    .selectFrom('inventory_changes')
    .select(['cluster_key', 'body'])
    .where(sql<boolean>`cluster_key = any (${[...keys]}::text[])`)
    .where('at', '>=', since)
    .execute()
  for (const { cluster_key: key, body } of rows) {
    const { before } = JSON.parse(body) as UndatedChange
    if (before !== null) found.set(key, [...(found.get(key) ?? []), before])
  }
  return found
}

/** Adds to each change the job that explains it. `readAt` is the time of the previous reading of a cluster. */
export async function explainChanges(
  trx: Queries,
  changes: readonly Omit<ExplainedChange, 'jobId'>[],
  readAt: (key: string) => Date | null,
): Promise<ExplainedChange[]> {
  const jobs = await lastChangingJobs(trx, [...new Set(changes.map(({ key }) => key))])
  const since = await changesSince(trx, jobs)
  return changes.map(({ key, change }) => {
    const former = { readAt: readAt(key), changes: since.get(key) ?? [] }
    return { key, change, jobId: causeOf(change, jobs.get(key), former) }
  })
}

/** The last job of each of these clusters that runs or succeeded, by the keys of the clusters. */
async function lastChangingJobs(db: Queries, keys: readonly string[]): Promise<Map<string, CausingJob>> {
  if (keys.length === 0) return new Map()
  type Row = Pick<JobsTable, 'id' | 'cluster_key' | 'status' | 'from_type' | 'to_type' | 'view'>
  const { rows } = await sql<Row & { document: string | null }>`
    select distinct on (jobs.cluster_key) jobs.id, jobs.cluster_key, jobs.status, jobs.from_type, jobs.to_type,
        jobs.view, plans.document from jobs
      left join plans on plans.id = jobs.plan_id and jobs.status = 'Running'
      where jobs.cluster_key = any (${[...keys]}::text[]) and jobs.status in ('Running', 'Succeeded')
      order by jobs.cluster_key, jobs.id desc`.execute(db)
  return new Map(
    rows.map(({ id, cluster_key: key, status, from_type: from, to_type: to, view, document }) => {
      const { timestamps, result, hold, steps = [] } = JSON.parse(view) as Job
      const finishedAt = timestamps.finishedAt === null ? null : new Date(timestamps.finishedAt)
      const plan = document === null ? null : (JSON.parse(document) as Plan)
      const isHeld = hold?.status === 'Ahead' || hold?.status === 'Held'
      return [key, { id, status, from, to, isHeld, steps, finishedAt, plan, result }]
    }),
  )
}

/** The recorded changes of these clusters since their jobs ended, by the keys of the clusters. */
async function changesSince(
  db: Queries,
  jobs: ReadonlyMap<string, CausingJob>,
): Promise<Map<string, UndatedChange[]>> {
  const ended = [...jobs].flatMap(([key, { finishedAt }]) =>
    finishedAt === null ? [] : [{ key, finishedAt }],
  )
  const found = new Map<string, UndatedChange[]>()
  if (ended.length === 0) return found
  const { rows } = await sql<{ cluster_key: string; body: string }>`
    select cluster_key, body from inventory_changes
      join unnest(${ended.map(({ key }) => key)}::text[], ${ended.map(({ finishedAt }) => finishedAt)}::timestamptz[])
        as ended (key, finished_at) on ended.key = cluster_key and at >= ended.finished_at`.execute(db)
  for (const { cluster_key: key, body } of rows)
    found.set(key, [...(found.get(key) ?? []), JSON.parse(body) as UndatedChange])
  return found
}
