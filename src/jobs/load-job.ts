import type { JobEvent } from '../core/job/events.ts'
import { foldEvents } from '../core/job/fold-events.ts'
import type { JobState } from '../core/job/job-state.ts'
import type { Plan } from '../core/plan.ts'
import type { Queries } from '../database/database.ts'
import { type JobRow, jobEvents, jobRow } from '../database/job-store.ts'
import { planText } from '../database/plan-store.ts'

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
const KEPT_PLANS = 64
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
    if (this.#plans.size >= KEPT_PLANS && oldest !== undefined) this.#plans.delete(oldest)
    this.#plans.set(planId, plan)
    return plan
  }
}

/** The same job as it is now. */
export async function reload(db: Queries, { row: { id }, plan }: LoadedJob): Promise<LoadedJob> {
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
