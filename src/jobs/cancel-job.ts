import type { Origin } from '../core/audit/audit.ts'
import type { JobEvent } from '../core/job/events.ts'
import type { Job } from '../core/job/job.ts'
import { jobView } from '../core/job/job-view.ts'
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

/** Who wants it, and whether Azure is to abort the operation that is under way. */
interface Wish {
  by: string
  abort: boolean
}

/**
 * Asks a job to stop before its next step. A job that has not begun ends at once; one with a write in
 * flight finishes that step first, because what Azure does is not undone by looking away.
 */
export async function cancelJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  wish: Wish,
  origin?: Origin,
  witness?: Witness<Job>,
): Promise<Job> {
  for (let attempt = 1; ; attempt++) {
    const job = await loadJob(deps.database.kysely, plans, jobId)
    if (job === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
    if (job.state.finishedAt !== null)
      throw new Refusal('JOB_ALREADY_FINISHED', { jobId, status: job.state.status })
    const write = async (trx: Queries, view: Job) => {
      await witness?.(trx, view)
      await auditAllowed(trx, deps, origin, subjectOf(job))
    }
    if (isWished(job, wish)) {
      const view = jobView(jobId, job.plan, job.state)
      await deps.database.kysely.transaction().execute((trx) => write(trx, view))
      return view
    }
    try {
      const events = cancellation(deps, job, wish)
      const { plan, state } = advanced(job, events)
      const view = jobView(jobId, plan, state)
      await record(deps, job, events, nextLook(job, wish), (trx) => write(trx, view))
      deps.logger.info({ ...logFacts(job), ...wish }, 'cancellation asked for')
      return view
    } catch (error) {
      if (!(error instanceof Fenced) || attempt === TRIES) throw error
    }
  }
}

function subjectOf({ row, plan }: LoadedJob) {
  return { clusterId: row.cluster_key, planId: plan.id, jobId: row.id, reason: null }
}

function isWished({ state }: LoadedJob, { abort }: Wish): boolean {
  return state.cancelRequestedAt !== null && (!abort || state.isAbortWanted)
}

function cancellation(deps: JobsDeps, { state }: LoadedJob, wish: Wish): JobEvent[] {
  const at = deps.now().toISOString()
  const asked: JobEvent = { type: 'cancelRequested', at, ...wish }
  return state.startedAt === null ? [asked, { type: 'ended', at, status: 'Canceled', error: null }] : [asked]
}

/** At once where the job can end at once; with a write in flight when it would have been looked at anyway. */
function nextLook({ state }: LoadedJob, { abort }: Wish): Date | null {
  const step = state.current === null ? undefined : state.steps[state.current]
  if (step === undefined || step.write.phase === 'none') return null
  // To abort is urgent, and possible as soon as Azure has taken the write.
  if (abort && step.write.phase !== 'intended') return null
  if (step.notBefore !== null) return new Date(step.notBefore)
  // A worker is sending it just now and records what comes of it.
  return step.write.phase === 'intended' ? settleTime(step.write.at) : null
}
