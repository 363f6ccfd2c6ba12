import type { Job } from '../../contract/job.ts'
import type { Origin } from '../../core/audit/audit.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { canBeReleased, isHeld } from '../../core/job/job-state.ts'
import { toJob } from '../../core/job/job-view.ts'
import { DomainError, type Precondition } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import type { TransactionHook } from '../../database/stores/idempotency.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, loadJob, logFacts, type PlanCache, recordEvents, withEvents } from '../event-log.ts'
import { resolveReconcileTime } from '../steps/send-write.ts'

/** A worker that moves the job on at the same moment fences us; a few tries meet a quiet one. */
const MAX_ATTEMPTS = 10

/** What is asked of a job that has not ended. */
interface JobCommand {
  /** What the log of the service says of it, and who wants it. */
  line: { message: string; facts: object }
  /** The reason that the caller gave, for the audit. */
  reason: string | null
  /** Whether what is asked can be had of the job as it is; throws the `DomainError` if not. */
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
async function appendCommand(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  wish: JobCommand,
  origin?: Origin,
  witness?: TransactionHook<Job>,
  precondition?: Precondition,
): Promise<Job> {
  for (let attempt = 1; ; attempt++) {
    const job = await loadJob(deps.database.kysely, plans, jobId)
    if (job === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
    precondition?.(String(job.state.length))
    if (job.state.finishedAt !== null)
      throw new DomainError('JOB_ALREADY_FINISHED', { jobId, status: job.state.status })
    wish.refuse?.(job)
    const write = async (trx: Queries, view: Job) => {
      await witness?.(trx, view)
      await auditAllowed(trx, deps, origin, auditSubject(job, wish))
    }
    if (wish.isKnown(job)) {
      const view = toJob(jobId, job.plan, job.state)
      await deps.database.kysely.transaction().execute((trx) => write(trx, view))
      return view
    }
    try {
      const events = wish.events(job)
      const { plan, state } = withEvents(job, events)
      const view = toJob(jobId, plan, state)
      await recordEvents(deps, job, events, { nextAt: wish.nextLook(job), hook: write })
      deps.logger.info({ ...logFacts(job), ...wish.line.facts }, wish.line.message)
      return view
    } catch (error) {
      if (!(error instanceof StaleRevisionError) || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

function auditSubject({ row, plan }: LoadedJob, { reason }: JobCommand) {
  return { clusterId: row.cluster_key, planId: plan.id, jobId: row.id, reason }
}

/** At once where the job can act at once; with a write in flight when it would have been looked at anyway. */
function nextRegularTick({ state }: LoadedJob): Date | null {
  const step = state.current === null ? undefined : state.steps[state.current]
  if (step === undefined || step.write.phase === 'none') return null
  if (step.notBefore !== null) return new Date(step.notBefore)
  // A worker is sending it just now and records what comes of it.
  return step.write.phase === 'intended' ? resolveReconcileTime(step.write.at) : null
}

/** Who wants it, and whether Azure is to abort the operation that is under way. */
interface Cancellation {
  by: string
  abort: boolean
}

/**
 * Asks a job to stop before its next step. A job that has not begun, or is held, ends at once; one with a write in
 * flight finishes that step first, because what Azure does is not undone by looking away.
 */
export async function cancelJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  wish: Cancellation,
  origin?: Origin,
  witness?: TransactionHook<Job>,
  precondition?: Precondition,
): Promise<Job> {
  const asked: JobCommand = {
    line: { message: 'cancellation asked for', facts: wish },
    reason: null,
    isKnown: (job) => isAlreadyRequested(job, wish),
    events: (job) => cancellationEvents(deps, job, wish),
    nextLook: (job) => nextTickAfterCancellation(job, wish),
  }
  return appendCommand(deps, plans, jobId, asked, origin, witness, precondition)
}

function isAlreadyRequested({ state }: LoadedJob, { abort }: Cancellation): boolean {
  return state.cancelRequestedAt !== null && (!abort || state.isAbortWanted)
}

function cancellationEvents(deps: JobsDeps, { state }: LoadedJob, wish: Cancellation): JobEvent[] {
  const at = deps.now().toISOString()
  const asked: JobEvent = { type: 'cancelRequested', at, ...wish }
  const isAtRest = state.startedAt === null || isHeld(state)
  return isAtRest ? [asked, { type: 'ended', at, status: 'Canceled', error: null }] : [asked]
}

/** To abort is urgent, and possible as soon as Azure has taken the write. */
function nextTickAfterCancellation(job: LoadedJob, { abort }: Cancellation): Date | null {
  const { current, steps } = job.state
  const isSending = current !== null && steps[current]?.write.phase === 'intended'
  return abort && !isSending ? null : nextRegularTick(job)
}

/** Lets a job go on that is held before its cut-over; one that has not come there yet does not stop any more. */
export async function releaseJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, reason }: { by: string; reason: string | null },
  origin?: Origin,
  witness?: TransactionHook<Job>,
  precondition?: Precondition,
): Promise<Job> {
  const asked: JobCommand = {
    line: { message: 'job released', facts: { by } },
    reason,
    refuse: assertReleasable,
    isKnown: ({ state }) => state.hold !== null && state.hold.releasedAt !== null,
    events: () => [{ type: 'released', at: deps.now().toISOString(), by, reason }],
    nextLook: nextRegularTick,
  }
  return appendCommand(deps, plans, jobId, asked, origin, witness, precondition)
}

function assertReleasable({ row, state }: LoadedJob): void {
  if (canBeReleased(state)) return
  const reason =
    state.hold === null ? 'it was not ordered with a hold' : 'nothing is left to hold: its cut-over has begun'
  throw new DomainError('JOB_NOT_HELD', { jobId: row.id, reason })
}
