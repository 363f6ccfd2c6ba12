import type { Plan } from '../contract/plan.ts'
import { factsAfterAuthorization } from '../core/inventory/inventory-facts.ts'
import type { JobEvent } from '../core/job/events.ts'
import { foldEvents } from '../core/job/fold-events.ts'
import { type JobState, neverBegan } from '../core/job/job-state.ts'
import { toJob } from '../core/job/job-view.ts'
import type { Queries } from '../database/engine/database.ts'
import { discardJobReading, updateJobReading } from '../database/stores/job-readings.ts'
import {
  appendEvents,
  type JobRow,
  jobEvents,
  jobRow,
  releaseClusterLock,
} from '../database/stores/job-store.ts'
import { currentStatus, planDocument, reopenPlan } from '../database/stores/plan-store.ts'
import { recordReading } from './cluster-reading.ts'
import type { JobsDeps } from './deps.ts'

/** A job with its plan and its folded log. */
export interface LoadedJob {
  row: JobRow
  plan: Plan
  state: JobState
  events: JobEvent[]
}

/** The fields of every log line about a job. Default for the step: the current step. */
export function logFacts({ row, plan, state }: LoadedJob, step?: { key: string }): Record<string, unknown> {
  return { jobId: row.id, planId: plan.id, cluster: plan.cluster.id, step: step?.key ?? state.current }
}

/** Plans never change, and a job is loaded at every tick. So the most recently used plans are kept in parsed form. */
const MAX_CACHED_PLANS = 64
const EPOCH = new Date(0)

export class PlanCache {
  readonly #plans = new Map<string, Plan>()

  /** The plan, even if it has expired; null if it does not exist. */
  async get(db: Queries, planId: string): Promise<Plan | null> {
    const cached = this.#plans.get(planId)
    if (cached !== undefined) return cached
    const stored = await planDocument(db, planId)
    if (stored === null) return null
    const plan = { status: currentStatus(stored, EPOCH), ...JSON.parse(stored.document) } as Plan
    const oldest = this.#plans.keys().next().value
    if (this.#plans.size >= MAX_CACHED_PLANS && oldest !== undefined) this.#plans.delete(oldest)
    this.#plans.set(planId, plan)
    return plan
  }
}

/** Loads a job; null if it does not exist. */
export async function loadJob(db: Queries, plans: PlanCache, jobId: string): Promise<LoadedJob | null> {
  const row = await jobRow(db, jobId)
  if (row === null) return null
  const plan = await plans.get(db, row.plan_id)
  if (plan === null) throw new Error(`the plan of job ${jobId} does not exist`)
  return withLog(db, row, plan)
}

/** The current state of the same job. */
export async function reloadJob(db: Queries, { row: { id }, plan }: LoadedJob): Promise<LoadedJob> {
  const row = await jobRow(db, id)
  if (row === null) throw new Error(`job ${id} no longer exists`)
  return withLog(db, row, plan)
}

async function withLog(db: Queries, row: JobRow, plan: Plan): Promise<LoadedJob> {
  const events = await jobEvents<JobEvent>(db, row.id)
  return { row, plan, state: foldEvents(plan, events), events }
}

/** The job with these events appended. */
export function withEvents(job: LoadedJob, events: readonly JobEvent[]): LoadedJob {
  const all = [...job.events, ...events]
  const state = foldEvents(job.plan, all)
  const row = { ...job.row, revision: job.row.revision + 1, status: state.status }
  return { ...job, row, state, events: all }
}

/** Whether the API server allows the addresses that the job has discovered. */
function isAuthorized({ steps }: JobState): boolean {
  const status = steps['authorize-discovered-ips']?.status
  return status === 'Succeeded' || status === 'Skipped'
}

export interface RecordOptions {
  /** The time of the next tick; null means now. */
  nextAt?: Date | null
  /** Runs in the same transaction, with the job as recorded. */
  hook?: (trx: Queries, job: LoadedJob) => Promise<void>
}

/**
 * Appends events, updates the view, schedules the next tick and, at the end, releases the cluster's lock, and the plan
 * if the job never began. This is one transaction, which requires that the job still has the revision at which it was
 * loaded. Rejects with `StaleRevisionError` and records nothing if another worker has changed the job since.
 */
export async function recordEvents(
  deps: JobsDeps,
  job: LoadedJob,
  events: JobEvent[],
  { nextAt = null, hook }: RecordOptions = {},
): Promise<LoadedJob> {
  const next = withEvents(job, events)
  const { id: jobId, revision, cluster_key: clusterKey } = job.row
  const { startedAt, length } = job.state
  const isFinal = next.state.finishedAt !== null
  const view = toJob(jobId, job.plan, next.state)
  await deps.database.kysely.transaction().execute(async (trx) => {
    await appendEvents(trx, {
      jobId,
      revision,
      length,
      events,
      status: next.state.status,
      view: JSON.stringify(view),
      nextTickAt: isFinal ? null : (nextAt ?? deps.now()),
    })
    if (isFinal) await releaseClusterLock(trx, clusterKey, jobId)
    if (isFinal && view.status !== 'Succeeded')
      await discardJobReading(trx, clusterKey, next.state.rollback !== null)
    if (isAuthorized(next.state) && !isAuthorized(job.state))
      await updateJobReading(trx, clusterKey, (facts) =>
        factsAfterAuthorization(facts, next.state.observed.authorizedIPRanges ?? []),
      )
    if (isFinal && view.status === 'Succeeded') await recordReading(deps, trx, clusterKey)
    if (!isFinal) await deps.queue.order(trx, { version: 1, jobId, revision: next.row.revision }, nextAt)
    const appended = { hadStarted: startedAt !== null, length, events, job: view }
    await deps.webhooks?.publish(trx, clusterKey, appended)
    await hook?.(trx, next)
    // This comes last, because the hook of a withdrawn approval must still find the plan of the job.
    if (neverBegan(next.state)) await reopenPlan(trx, job.plan.id, jobId)
  })
  deps.observer?.advanced(job.state, next.state)
  return next
}
