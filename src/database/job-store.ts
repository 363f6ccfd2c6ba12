import type { Reach } from '../core/access/reach.ts'
import type { JobStatus } from '../core/job/job.ts'
import { clusterId, idKey } from '../core/resource-id.ts'
import type { ClusterRef } from '../core/target.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { Queries } from './database.ts'
import { reachCondition } from './reach-condition.ts'
import type { JobsTable } from './tables.ts'

export type JobRow = Pick<JobsTable, 'id' | 'plan_id' | 'cluster_key' | 'status' | 'revision'>

/** Somebody else has appended to the job's log meanwhile: what was about to be appended is worth nothing. */
export class Fenced extends Error {
  constructor(jobId: string) {
    super(`another worker has moved job ${jobId} on`)
    this.name = 'Fenced'
  }
}

/** Stores a new job with its first events; its revision is 1. */
export async function insertJob(
  db: Queries,
  job: Omit<JobsTable, 'revision'>,
  events: readonly object[],
): Promise<void> {
  await db
    .insertInto('jobs')
    .values({ ...job, revision: 1 })
    .execute()
  await insertEvents(db, job.id, 0, events)
}

export async function jobRow(db: Queries, id: string): Promise<JobRow | null> {
  const row = await db
    .selectFrom('jobs')
    .select(['id', 'plan_id', 'cluster_key', 'status', 'revision'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

/** The job as callers see it, as JSON text: one row read, nothing parsed. */
export async function jobText(db: Queries, id: string): Promise<string | null> {
  const row = await db.selectFrom('jobs').select('view').where('id', '=', id).executeTakeFirst()
  return row?.view ?? null
}

/** The job's log, oldest first, as JSON values. `after` is a sequence number. */
export async function jobEvents<E>(db: Queries, id: string, after = 0, limit?: number): Promise<E[]> {
  let query = db
    .selectFrom('job_events')
    .select('body')
    .where('job_id', '=', id)
    .where('sequence', '>', after)
    .orderBy('sequence')
  if (limit !== undefined) query = query.limit(limit)
  return (await query.execute()).map((row) => JSON.parse(row.body) as E)
}

export interface Append {
  jobId: string
  /** The revision that the events follow from. */
  revision: number
  /** How many events the log holds before these. */
  length: number
  events: readonly object[]
  status: JobStatus
  view: string
  nextTickAt: Date | null
}

/**
 * Appends to a job's log and renews its view, in the transaction that is handed in. Rejects with `Fenced`
 * when the log has grown since `revision`; then the transaction must roll back.
 */
export async function appendEvents(db: Queries, append: Append): Promise<void> {
  const result = await db
    .updateTable('jobs')
    .set({
      revision: append.revision + 1,
      status: append.status,
      view: append.view,
      next_tick_at: append.nextTickAt,
    })
    .where('id', '=', append.jobId)
    .where('revision', '=', append.revision)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new Fenced(append.jobId)
  await insertEvents(db, append.jobId, append.length, append.events)
}

async function insertEvents(
  db: Queries,
  jobId: string,
  length: number,
  events: readonly object[],
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event, index) => ({
    job_id: jobId,
    sequence: length + index + 1,
    body: JSON.stringify(event),
  }))
  await db.insertInto('job_events').values(rows).execute()
}

/**
 * Takes the unfinished jobs that should have been looked at before this moment, null for all of them, and
 * puts their next look at `now`: so two sweeps, of one process or of many, never take the same job.
 */
export async function claimUnfinishedJobs(
  db: Queries,
  before: Date | null,
  now: Date,
): Promise<{ id: string; revision: number }[]> {
  const query = db.updateTable('jobs').set({ next_tick_at: now }).where('next_tick_at', 'is not', null)
  return (before === null ? query : query.where('next_tick_at', '<', before))
    .returning(['id', 'revision'])
    .execute()
}

export interface JobFilter {
  status?: JobStatus | undefined
  cluster?: ClusterRef | undefined
  reach?: Reach | undefined
  limit: number
  cursor: string | null
}

/** The stored views, newest first. */
export async function listJobViews(
  db: Queries,
  filter: JobFilter,
): Promise<{ items: { id: string; view: string }[]; next: string | null }> {
  let query = db
    .selectFrom('jobs')
    .select(['id', 'view'])
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
  if (filter.cursor !== null) query = query.where('id', '<', readCursor(filter.cursor))
  if (filter.cluster !== undefined) query = query.where('cluster_key', '=', idKey(clusterId(filter.cluster)))
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.reach !== undefined && filter.reach !== 'everything')
    query = query.where(reachCondition(filter.reach))
  return pageOf(await query.execute(), filter.limit)
}
