import type { OperationState } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/errors/arm-fault.ts'
import { MAX_OPERATION_MS } from '../../core/job/polling.ts'
import { jobRow, StaleRevisionError } from '../../database/stores/job-store.ts'
import { elapsedMs, startSendDeadline } from '../deps.ts'
import { logFacts } from '../event-log.ts'
import { endAbortedJob, failJob, scheduleNextRead } from './outcome.ts'
import { reservePoll } from './send-write.ts'
import { recordStep, type StepContext, type StepFacts, stepState } from './step-context.ts'

/**
 * Polls the operation of an accepted write once. Its `status` determines when to read the target back; the target
 * determines the outcome.
 */
export async function pollWriteOperation(context: StepContext): Promise<void> {
  const write = stepState(context)?.write
  if (write?.phase !== 'accepted') throw new Error('no operation to poll')
  try {
    await recordOperationState(context, write, await context.deps.arm.pollOperation(write.poller))
  } catch (error) {
    if (!(error instanceof ArmFault) || error.kind !== 'not-found') throw error
    // ARM deletes operations after some time, but the target still shows the outcome.
    await recordStep(context, [{ type: 'writeAdopted', because: 'the operation no longer exists in Azure.' }])
  }
}

async function recordOperationState(
  context: StepContext,
  write: { poller: string; at: string },
  state: OperationState,
): Promise<void> {
  switch (state.status) {
    case 'running':
      return scheduleNextPoll(context, write, state)
    case 'succeeded':
      await recordStep(context, operationEndedFacts(state))
      return
    case 'failed':
      return failJob(context, 'ARM_OPERATION_FAILED', { arm: { ...state.error, requestId: state.requestId } })
    case 'canceled': {
      if (context.job.state.abortRequestedAt !== null) return endAbortedJob(context)
      const error = state.error ?? { code: 'Canceled', message: 'The operation was canceled.' }
      return failJob(context, 'ARM_OPERATION_FAILED', { arm: { ...error, requestId: state.requestId } })
    }
  }
}

async function scheduleNextPoll(
  context: StepContext,
  write: { poller: string; at: string },
  { poller, retryAfterMs }: Extract<OperationState, { status: 'running' }>,
): Promise<void> {
  const runningMs = elapsedMs(context.deps, write.at)
  if (runningMs > MAX_OPERATION_MS) return failJob(context, 'OPERATION_TIMED_OUT')
  const pollAt = reservePoll(context, runningMs, retryAfterMs)
  if (poller === write.poller) return scheduleNextRead(context, pollAt)
  await recordStep(context, [{ type: 'pollMoved', poller, pollAt: pollAt.toISOString() }], pollAt)
}

/** An error together with a success is only a warning: recordings contain it for operations that succeeded. */
function operationEndedFacts({
  error,
  requestId,
}: Extract<OperationState, { status: 'succeeded' }>): StepFacts[] {
  const ended: StepFacts = { type: 'operationEnded', error, requestId }
  if (error === null) return [ended]
  const message = `Azure reported success together with an error: ${error.code}: ${error.message}`
  return [ended, { type: 'warned', message }]
}

/**
 * Asks AKS to abort the cluster's operation. The operation itself, which is still polled, shows whether it was aborted.
 * AKS rejects the request if the operation has already ended. The rejection is recorded, and the job continues.
 */
export async function abortOperation(context: StepContext): Promise<void> {
  const { deps, job, step } = context
  // Nothing is recorded before this request, so the revision is checked: a worker that was suspended after it loaded
  // the job must not abort the operation of another worker.
  const maySend = startSendDeadline(deps)
  const row = await jobRow(deps.database.kysely, job.row.id)
  if (row?.revision !== job.row.revision) throw new StaleRevisionError(job.row.id)
  try {
    const { requestId } = await deps.arm.abortClusterOperation(job.plan.cluster, { maySend })
    await recordStep(context, [{ type: 'abortRequested', requestId, refusal: null }])
    deps.logger.warn(
      { ...logFacts(job, step), armRequestId: requestId },
      'asked Azure to abort the operation',
    )
  } catch (error) {
    if (!(error instanceof ArmFault) || !isRejection(error)) throw error
    const { code, message, requestId } = error
    await recordStep(context, [{ type: 'abortRequested', requestId, refusal: { code, message } }])
  }
}

function isRejection({ kind }: ArmFault): boolean {
  return kind === 'refused' || kind === 'conflict' || kind === 'not-found' || kind === 'denied'
}
