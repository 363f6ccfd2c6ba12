import { sql } from 'kysely'
import type { HoldStatus, JobStatus } from '../../contract/job.ts'
import type { Queries } from '../engine/database.ts'
import type { JobsTable } from '../engine/tables.ts'
import {
  equalTo,
  type ListQuery,
  labelConditions,
  listConditions,
  pageOf,
  type RowQuery,
  visibleConditions,
} from './list-query.ts'

/**
 * Takes the lock of a cluster for a job. Contention is no error: the answer is null when it was taken, or
 * the job that holds it. Belongs into the transaction that makes the job.
 */
export async function acquireClusterLock(
  db: Queries,
  clusterKey: string,
  jobId: string,
  takenAt: Date,
): Promise<string | null> {
  for (;;) {
    const taken = await db
      .insertInto('cluster_locks')
      .values({ cluster_key: clusterKey, job_id: jobId, taken_at: takenAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('job_id')
      .executeTakeFirst()
    if (taken !== undefined) return null
    const holder = await lockHolder(db, clusterKey)
    if (holder !== null) return holder
    // Given back between the two statements: it is free now.
  }
}

export async function lockHolder(db: Queries, clusterKey: string): Promise<string | null> {
  const row = await db
    .selectFrom('cluster_locks')
    .select('job_id')
    .where('cluster_key', '=', clusterKey)
    .executeTakeFirst()
  return row?.job_id ?? null
}

/** Gives the lock back, if it is still this job's. */
export async function releaseClusterLock(db: Queries, clusterKey: string, jobId: string): Promise<void> {
  await db
    .deleteFrom('cluster_locks')
    .where('cluster_key', '=', clusterKey)
    .where('job_id', '=', jobId)
    .execute()
}

export type JobRow = Pick<JobsTable, 'id' | 'plan_id' | 'cluster_key' | 'status' | 'revision'>

/** Another writer has appended to the job's log meanwhile, so the new events are invalid. */
export class StaleRevisionError extends Error {
  constructor(jobId: string) {
    super(`another worker has moved job ${jobId} on`)
    this.name = 'StaleRevisionError'
  }
}

/** Stores a new job with its first events; its revision is 1. */
export async function insertJob(
  db: Queries,
  job: Omit<JobsTable, 'revision' | 'log_length' | 'hold_status' | 'finished_at' | 'begins_at'>,
  events: readonly object[],
): Promise<void> {
  await db
    .insertInto('jobs')
    .values({ ...job, revision: 1, log_length: events.length })
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

/** The latest job of a plan, which is canceled if the plan is free again; null if there was none. */
export async function latestJobId(db: Queries, clusterKey: string, planId: string): Promise<string | null> {
  const row = await db
    .selectFrom('jobs')
    .select('id')
    .where('cluster_key', '=', clusterKey)
    .where('plan_id', '=', planId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** The job as callers see it, as JSON text: one row read, nothing parsed. */
export async function jobText(db: Queries, id: string): Promise<string | null> {
  const row = await db.selectFrom('jobs').select('view').where('id', '=', id).executeTakeFirst()
  return row?.view ?? null
}

/** Jobs of the cluster between two jobs, the oldest or the newest first, as `jobText`. */
export async function jobTextsBetween(
  db: Queries,
  clusterKey: string,
  { after, before = null, first }: { after: string; before?: string | null; first: 'oldest' | 'newest' },
  limit: number,
): Promise<{ id: string; view: string }[]> {
  const query = db
    .selectFrom('jobs')
    .select(['id', 'view'])
    .where('cluster_key', '=', clusterKey)
    .where('id', '>', after)
    .orderBy('id', first === 'oldest' ? 'asc' : 'desc')
    .limit(limit)
  return (before === null ? query : query.where('id', '<', before)).execute()
}

/** The job that holds the lock on a cluster, as `jobText`; null if there is none. */
export async function lockingJobText(db: Queries, clusterKey: string): Promise<string | null> {
  const row = await db
    .selectFrom('cluster_locks')
    .innerJoin('jobs', 'jobs.id', 'cluster_locks.job_id')
    .select('jobs.view')
    .where('cluster_locks.cluster_key', '=', clusterKey)
    .executeTakeFirst()
  return row?.view ?? null
}

/** A job as polls ask for it: its text with what tells whether that is news. */
interface PolledJob extends JobVersion {
  view: string
}

/** How far a job has come. */
export interface JobVersion {
  log_length: number
  status: JobStatus
  hold_status: HoldStatus | null
  begins_at: string | null
}

const VERSION_COLUMNS = ['log_length', 'status', 'hold_status', 'begins_at'] as const

/** Without the text: what a poll costs that finds nothing new. */
export async function jobVersion(db: Queries, id: string): Promise<JobVersion | null> {
  const query = db.selectFrom('jobs').select(VERSION_COLUMNS).where('id', '=', id)
  return (await query.executeTakeFirst()) ?? null
}

export async function polledJob(db: Queries, id: string): Promise<PolledJob | null> {
  const query = db
    .selectFrom('jobs')
    .select([...VERSION_COLUMNS, 'view'])
    .where('id', '=', id)
  return (await query.executeTakeFirst()) ?? null
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
 * Appends to a job's log and renews its view, in the transaction that is handed in. Rejects with `StaleRevisionError`
 * when the log has grown since `revision`; then the transaction must roll back.
 */
export async function appendEvents(db: Queries, append: Append): Promise<void> {
  const result = await db
    .updateTable('jobs')
    .set({
      revision: append.revision + 1,
      log_length: append.length + append.events.length,
      status: append.status,
      // A read that found nothing changes nothing that callers see, even if a newer program would show it
      // differently.
      ...(append.events.length === 0 ? {} : { view: append.view }),
      next_tick_at: append.nextTickAt,
    })
    .where('id', '=', append.jobId)
    .where('revision', '=', append.revision)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new StaleRevisionError(append.jobId)
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
 * Takes the unfinished jobs that are due before this moment, or all of them for null, and makes them due at `now`. So
 * two sweeps, of one process or of many, never take the same job.
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

export interface JobQuery extends ListQuery {
  planId?: string | undefined
  status?: JobStatus | readonly JobStatus[] | undefined
  hold?: HoldStatus | undefined
}

/** The stored views of one page of jobs, newest first, and one row more if there are more. */
export async function listJobViews(
  db: Queries,
  query: RowQuery<JobQuery>,
): Promise<{ id: string; view: string }[]> {
  const { planId, status, hold } = query
  const conditions = [
    ...listConditions(query),
    ...equalTo<JobsTable>({ plan_id: planId, hold_status: hold }),
    ...(status === undefined ? [] : [sql<boolean>`status = any (${[status].flat()}::text[])`]),
    ...labelConditions('jobs', query.labels),
  ]
  const visible = await visibleConditions(db, 'jobs', query, conditions)
  return pageOf(db.selectFrom('jobs').select(['id', 'view']), query, visible).execute()
}
