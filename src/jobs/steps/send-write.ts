import type { MaySend, StartedOperation } from '../../azure/arm.ts'
import { ArmFault, SENT_TOO_LATE } from '../../azure/errors/arm-fault.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { pollInterval } from '../../core/job/polling.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import { startSendDeadline } from '../deps.ts'
import { logFacts, reloadJob } from '../event-log.ts'
import { failJob, handleArmError } from './outcome.ts'
import { recordStep, type StepContext, stepState } from './step-context.ts'
import { WriteNotSentError, type WriteTarget } from './write-target.ts'

/**
 * A worker that intends a write also records its response within this time, because Azure has 1 min to respond. After
 * this time, only a read shows whether the write arrived.
 */
const RECONCILE_AFTER_MS = 90_000

/** The time of the read that reconciles a write with the intent at `intendedAt` (RFC 3339). */
export function resolveReconcileTime(intendedAt: string): Date {
  return new Date(new Date(intendedAt).getTime() + RECONCILE_AFTER_MS)
}

/** The job fails after this number of lost writes. */
const MAX_LOST_WRITES = 5

/**
 * Sends the write of the step. The intent is committed between the new GET and the write, so after a crash the log
 * always shows that a write may have been sent. The same transaction orders the tick that reconciles the write. Two
 * workers cannot both commit an intent: the second worker gets an error and sends nothing. A worker that is suspended
 * after its commit does not send the write later, because its time to send has passed (`startSendDeadline`).
 */
export async function sendWrite(context: StepContext, target: WriteTarget): Promise<void> {
  const { deps } = context
  if ((stepState(context)?.lostWrites ?? 0) >= MAX_LOST_WRITES)
    return failJob(context, 'ARM_UNAVAILABLE', { detail: `${MAX_LOST_WRITES} writes did not take effect.` })
  const progress: { intended: StepContext | null; maySend: MaySend } = {
    intended: null,
    maySend: () => false,
  }
  const intend = async (etag: string | null, changes: FieldChange[]) => {
    progress.maySend = startSendDeadline(deps)
    const reconcileAt = resolveReconcileTime(deps.now().toISOString())
    progress.intended = await recordStep(context, [{ type: 'writeIntended', etag, changes }], reconcileAt)
  }
  let operation: StartedOperation
  try {
    operation = await target.start({ intend, maySend: () => progress.maySend() })
  } catch (error) {
    if (error instanceof WriteNotSentError) return recordUnsentWrite(context, error)
    if (progress.intended === null) return handleArmError(context, error)
    return recordRejectedWrite(progress.intended, error)
  }
  if (progress.intended === null) throw new Error('a write was sent without its intent')
  await recordWriteResponse(progress.intended, (latest) => recordAcceptedWrite(latest, operation))
}

/** Records why a write was not sent. */
async function recordUnsentWrite(context: StepContext, { reason }: WriteNotSentError): Promise<void> {
  switch (reason.kind) {
    case 'fail':
      return failJob(context, reason.code, { detail: reason.detail })
    case 'busy': {
      const message = `${reason.name} is ${reason.state}; another operation is in progress.`
      const fault = new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message })
      return handleArmError(context, fault)
    }
    default:
      await recordStep(context, [{ type: reason.kind, because: reason.because }])
  }
}

/** Records an error response to a write, or the missing response. */
async function recordRejectedWrite(intended: StepContext, error: unknown): Promise<void> {
  const { deps, job, step } = intended
  const isTooLate = error instanceof ArmFault && error.code === SENT_TOO_LATE
  if (isTooLate) deps.logger.warn(logFacts(job, step), 'write not sent: its time limit has passed')
  // A missing response proves nothing: the outcome stays open, and a read reconciles the write.
  const isUnanswered =
    !isTooLate && error instanceof ArmFault && (error.kind === 'transient' || error.kind === 'unknown')
  const type = isUnanswered ? 'faulted' : 'writeRefused'
  await recordWriteResponse(intended, (latest) => handleArmError(latest, error, type))
}

/**
 * Records the response to a write after all existing entries of the log. A cancellation during the PUT changes the
 * revision, but discarding the response would lose the operation. If another worker has already reconciled the write,
 * the response is discarded (`StaleRevisionError`).
 */
async function recordWriteResponse(
  intended: StepContext,
  record: (latest: StepContext) => Promise<void>,
): Promise<void> {
  for (let context = intended; ; ) {
    try {
      return await record(context)
    } catch (error) {
      if (!(error instanceof StaleRevisionError)) throw error
      const job = await reloadJob(context.deps.database.kysely, context.job)
      context = { ...context, job }
      if (!isStillOpen(context, intended)) throw error
    }
  }
}

function isStillOpen(context: StepContext, intended: StepContext): boolean {
  const [now, then] = [stepState(context), stepState(intended)]
  return (
    context.job.state.current === context.step.key &&
    now?.write.phase === 'intended' &&
    now.attempts === then?.attempts &&
    now.notBefore === null
  )
}

async function recordAcceptedWrite(context: StepContext, operation: StartedOperation): Promise<void> {
  const { poller, requestId, retryAfterMs } = operation
  const { deps, job, step } = context
  const pollAt = reservePoll(context, 0, retryAfterMs)
  await recordStep(
    context,
    [{ type: 'writeAccepted', poller, requestId, pollAt: pollAt.toISOString() }],
    pollAt,
  )
  deps.logger.info({ ...logFacts(job, step), armRequestId: requestId }, 'Azure accepted the request')
}

/** The time of the next poll of an operation that has run for `elapsedMs`, within the limits of Azure for all jobs. */
export function reservePoll(
  { deps, job }: StepContext,
  elapsedMs: number,
  retryAfterMs: number | null,
): Date {
  const wantedMs = pollInterval(elapsedMs, retryAfterMs)
  return new Date(deps.now().getTime() + deps.polls.reserve(job.plan.cluster, wantedMs, deps.uptime()))
}
