import type { Plan } from '../contract/plan.ts'
import type { JobEvent } from '../core/job/events.ts'
import { foldEvents } from '../core/job/fold-events.ts'
import type { JobState } from '../core/job/job-state.ts'
import { toJob } from '../core/job/job-view.ts'
import type { Queries } from '../database/engine/database.ts'
import {
  appendEvents,
  type JobRow,
  jobEvents,
  jobRow,
  releaseClusterLock,
} from '../database/stores/job-store.ts'
import { planText } from '../database/stores/plan-store.ts'
import type { JobsDeps } from './deps.ts'

/** A job with its plan and its folded log. */
export interface LoadedJob {
  row: JobRow
  plan: Plan
  state: JobState
  events: JobEvent[]
}

/** What every line of the log says about a job; the step is the present one unless another is named. */
export function logFacts({ row, plan, state }: LoadedJob, step?: { key: string }): Record<string, unknown> {
  return { jobId: row.id, planId: plan.id, cluster: plan.cluster.id, step: step?.key ?? state.current }
}

/** Plans never change, so the last ones are kept parsed: a job is loaded at every tick. */
const MAX_CACHED_PLANS = 64
const EPOCH = new Date(0)

export class PlanCache {
  readonly #plans = new Map<string, Plan>()

  async get(db: Queries, planId: string): Promise<Plan | null> {
    const kept = this.#plans.get(planId)
    if (kept !== undefined) return kept
    const found = await planText(db, planId, EPOCH)
    if (found === null) return null
    const plan = JSON.parse(found.text) as Plan
    const oldest = this.#plans.keys().next().value
    if (this.#plans.size >= MAX_CACHED_PLANS && oldest !== undefined) this.#plans.delete(oldest)
    this.#plans.set(planId, plan)
    return plan
  }
}

/** The same job as it is now. */
export async function reloadJob(db: Queries, { row: { id }, plan }: LoadedJob): Promise<LoadedJob> {
  const row = await jobRow(db, id)
  if (row === null) throw new Error(`job ${id} is gone`)
  const events = await jobEvents<JobEvent>(db, id)
  return { row, plan, state: foldEvents(plan, events), events }
}

/** Loads a job; null when there is none. */
export async function loadJob(db: Queries, plans: PlanCache, jobId: string): Promise<LoadedJob | null> {
  const row = await jobRow(db, jobId)
  if (row === null) return null
  const plan = await plans.get(db, row.plan_id)
  if (plan === null) throw new Error(`job ${jobId} names a plan that does not exist`)
  const events = await jobEvents<JobEvent>(db, jobId)
  return { row, plan, state: foldEvents(plan, events), events }
}

/**
 * Appends what happened, renews the view, orders the next tick and, at the end, gives the cluster's lock
 * back: one transaction, fenced by the revision that the job was loaded at. Rejects with `Fenced` when
 * somebody else was faster; then nothing of this has happened.
 *
 * `nextAt` is when the job is to be looked at again; null for at once. `last` is done in the same transaction.
 */
export async function recordEvents(
  deps: JobsDeps,
  job: LoadedJob,
  events: JobEvent[],
  nextAt: Date | null = null,
  last?: (trx: Queries) => Promise<void>,
): Promise<LoadedJob> {
  const next = withEvents(job, events)
  await deps.database.kysely.transaction().execute(async (trx) => {
    await recordInTransaction(trx, deps, job, next, events, nextAt)
    await last?.(trx)
  })
  deps.observer?.advanced(job.state, next.state)
  return next
}

/** As `recordEvents`, inside a transaction that is under way; `next` is the job with the events. */
async function recordInTransaction(
  trx: Queries,
  deps: JobsDeps,
  job: LoadedJob,
  next: LoadedJob,
  events: JobEvent[],
  nextAt: Date | null,
): Promise<void> {
  const isFinal = next.state.finishedAt !== null
  const view = toJob(job.row.id, job.plan, next.state)
  await appendEvents(trx, {
    jobId: job.row.id,
    revision: job.row.revision,
    length: job.state.length,
    events,
    status: next.state.status,
    view: JSON.stringify(view),
    nextTickAt: isFinal ? null : (nextAt ?? deps.now()),
  })
  if (isFinal) await releaseClusterLock(trx, job.row.cluster_key, job.row.id)
  else await deps.queue.order(trx, { version: 1, jobId: job.row.id, revision: next.row.revision }, nextAt)
  const { startedAt, length } = job.state
  const appended = { hadStarted: startedAt !== null, length, events, job: view }
  await deps.webhooks?.publish(trx, job.row.cluster_key, appended)
}

/** The job as it is with these events appended. */
export function withEvents(job: LoadedJob, events: JobEvent[]): LoadedJob {
  const all = [...job.events, ...events]
  const state = foldEvents(job.plan, all)
  return {
    ...job,
    row: { ...job.row, revision: job.row.revision + 1, status: state.status },
    state,
    events: all,
  }
}
