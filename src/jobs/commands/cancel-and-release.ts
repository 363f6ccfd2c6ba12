import type { Job } from '../../contract/job.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { canBeReleased, isHeld } from '../../core/job/job-state.ts'
import { toJob } from '../../core/job/job-view.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, loadJob, logFacts, type PlanCache, recordEvents } from '../event-log.ts'
import type { CallContext, Cancellation, Release } from '../jobs.ts'
import { resolveReconcileTime } from '../steps/send-write.ts'

/** A worker that continues the job at the same moment fences a command; a few attempts suffice. */
const MAX_ATTEMPTS = 10

/** A request to a job that has not ended. */
interface JobCommand {
  /** For the log of the service. */
  line: { message: string; facts: object }
  /** The reason that the caller gave, for the audit log. */
  reason: string | null
  /** Throws a `DomainError` when the job cannot do this now. */
  assertPossible?(job: LoadedJob): void
  /** Whether it was requested before: then nothing is recorded, and that is no error. */
  isKnown(job: LoadedJob): boolean
  events(job: LoadedJob): JobEvent[]
  /** The time of the next tick; null means now. */
  nextTick(job: LoadedJob): Date | null
}

/**
 * Records a command in a job's log and orders the tick that carries it out, with the audit record and the hook in one
 * transaction. Returns the job with the command. When a worker continues the job meanwhile, everything is checked again.
 */
export async function appendCommand(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  command: JobCommand,
  { origin, hook, precondition }: CallContext<Job>,
): Promise<Job> {
  const db = deps.database.kysely
  for (let attempt = 1; ; attempt++) {
    const job = await loadJob(db, plans, jobId)
    if (job === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
    const { row, plan, state } = job
    precondition?.(String(state.length))
    if (state.finishedAt !== null)
      throw new DomainError('JOB_ALREADY_FINISHED', { jobId, status: state.status })
    command.assertPossible?.(job)
    const runHooks = async (trx: Queries, { state: latest }: LoadedJob) => {
      await hook?.(trx, toJob(jobId, plan, latest))
      const subject = { clusterId: row.cluster_key, planId: plan.id, jobId: row.id, reason: command.reason }
      await auditAllowed(trx, deps, origin, subject)
    }
    if (command.isKnown(job)) {
      await db.transaction().execute((trx) => runHooks(trx, job))
      return toJob(jobId, plan, state)
    }
    try {
      const nextAt = command.nextTick(job)
      const next = await recordEvents(deps, job, command.events(job), { nextAt, hook: runHooks })
      deps.logger.info({ ...logFacts(job), ...command.line.facts }, command.line.message)
      return toJob(jobId, plan, next.state)
    } catch (error) {
      if (!(error instanceof StaleRevisionError) || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

/** Now where the job can act now; with a write in flight when the job would have been read anyway. */
function nextRegularTick({ state }: LoadedJob): Date | null {
  const step = state.current === null ? undefined : state.steps[state.current]
  if (step === undefined || step.write.phase === 'none') return null
  if (step.notBefore !== null) return new Date(step.notBefore)
  // A worker is sending the write and records the response.
  return step.write.phase === 'intended' ? resolveReconcileTime(step.write.at) : null
}

/**
 * Cancels a job before its next step. A job that has not started, or is held, ends immediately; a job with a write in
 * flight completes that step first, because Azure continues it anyway.
 */
export async function cancelJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, abort = false }: Cancellation,
  call: CallContext<Job> = {},
): Promise<Job> {
  const facts = { by, abort }
  const command: JobCommand = {
    line: { message: 'cancellation requested', facts },
    reason: null,
    isKnown: ({ state }) => state.cancelRequestedAt !== null && (!abort || state.isAbortWanted),
    events({ state }) {
      const at = deps.now().toISOString()
      const requested: JobEvent = { type: 'cancelRequested', at, ...facts }
      const isAtRest = state.startedAt === null || isHeld(state)
      return isAtRest ? [requested, { type: 'ended', at, status: 'Canceled', error: null }] : [requested]
    },
    nextTick(job) {
      // An abort is urgent, and possible as soon as Azure has accepted the write.
      const { current, steps } = job.state
      const isSending = current !== null && steps[current]?.write.phase === 'intended'
      return abort && !isSending ? null : nextRegularTick(job)
    },
  }
  return appendCommand(deps, plans, jobId, command, call)
}

/** Releases a job that is held before its cutover; a job that has not arrived there does not stop there any more. */
export async function releaseJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, reason = null }: Release,
  call: CallContext<Job> = {},
): Promise<Job> {
  const command: JobCommand = {
    line: { message: 'job released', facts: { by } },
    reason,
    assertPossible: assertReleasable,
    isKnown: ({ state }) => state.hold !== null && state.hold.releasedAt !== null,
    events: () => [{ type: 'released', at: deps.now().toISOString(), by, reason }],
    nextTick: nextRegularTick,
  }
  return appendCommand(deps, plans, jobId, command, call)
}

function assertReleasable({ row, state }: LoadedJob): void {
  if (canBeReleased(state)) return
  const reason = state.hold === null ? 'it was created without a hold' : 'its cutover has already begun'
  throw new DomainError('JOB_NOT_HELD', { jobId: row.id, reason })
}
