import type { Origin } from '../core/audit/audit.ts'
import type { JobEvent } from '../core/job/events.ts'
import type { Job } from '../core/job/job.ts'
import { jobView } from '../core/job/job-view.ts'
import type { Precondition } from '../core/precondition.ts'
import { Refusal } from '../core/refusal.ts'
import { auditAllowed } from '../database/audit-allowed.ts'
import type { Queries } from '../database/database.ts'
import type { Witness } from '../database/idempotency.ts'
import { Fenced } from '../database/job-store.ts'
import type { JobsDeps } from './deps.ts'
import { type LoadedJob, loadJob, logFacts, type PlanCache } from './load-job.ts'
import { advanced, record } from './record.ts'
import { settleTime } from './steps/settle-time.ts'

/** A worker that moves the job on at the same moment fences us; a few tries meet a quiet one. */
const TRIES = 10

/** What is asked of a job that has not ended. */
export interface Wish {
  /** What the log of the service says of it, and who wants it. */
  line: { message: string; facts: object }
  /** The reason that the caller gave, for the audit. */
  reason: string | null
  /** Whether what is asked can be had of the job as it is; throws the `Refusal` if not. */
  refuse?(job: LoadedJob): void
  /** Whether it was asked before: then nothing is added, and that is no error. */
  isKnown(job: LoadedJob): boolean
  /** What goes into the log. */
  events(job: LoadedJob): JobEvent[]
  /** When the job is looked at; null for at once. */
  nextLook(job: LoadedJob): Date | null
}

/**
 * Puts somebody's wish into a job's log, and orders the tick that obeys it; with the audit's row and what `witness`
 * writes in one transaction. Gives the job with the wish. Where somebody else moves the job on meanwhile, it is looked at
 * once more, and `precondition` is asked again.
 */
export async function askJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  wish: Wish,
  origin?: Origin,
  witness?: Witness<Job>,
  precondition?: Precondition,
): Promise<Job> {
  for (let attempt = 1; ; attempt++) {
    const job = await loadJob(deps.database.kysely, plans, jobId)
    if (job === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
    precondition?.(String(job.state.length))
    if (job.state.finishedAt !== null)
      throw new Refusal('JOB_ALREADY_FINISHED', { jobId, status: job.state.status })
    wish.refuse?.(job)
    const write = async (trx: Queries, view: Job) => {
      await witness?.(trx, view)
      await auditAllowed(trx, deps, origin, subjectOf(job, wish))
    }
    if (wish.isKnown(job)) {
      const view = jobView(jobId, job.plan, job.state)
      await deps.database.kysely.transaction().execute((trx) => write(trx, view))
      return view
    }
    try {
      const events = wish.events(job)
      const { plan, state } = advanced(job, events)
      const view = jobView(jobId, plan, state)
      await record(deps, job, events, wish.nextLook(job), (trx) => write(trx, view))
      deps.logger.info({ ...logFacts(job), ...wish.line.facts }, wish.line.message)
      return view
    } catch (error) {
      if (!(error instanceof Fenced) || attempt === TRIES) throw error
    }
  }
}

function subjectOf({ row, plan }: LoadedJob, { reason }: Wish) {
  return { clusterId: row.cluster_key, planId: plan.id, jobId: row.id, reason }
}

/** At once where the job can act at once; with a write in flight when it would have been looked at anyway. */
export function nextQuietLook({ state }: LoadedJob): Date | null {
  const step = state.current === null ? undefined : state.steps[state.current]
  if (step === undefined || step.write.phase === 'none') return null
  if (step.notBefore !== null) return new Date(step.notBefore)
  // A worker is sending it just now and records what comes of it.
  return step.write.phase === 'intended' ? settleTime(step.write.at) : null
}
