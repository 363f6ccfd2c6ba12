import { armWord } from '../../core/arm/words.ts'
import { MAX_OPERATION_MS, pollInterval } from '../../core/job/polling.ts'
import { elapsedMs } from '../deps.ts'
import { logFacts } from '../event-log.ts'
import { endAbortedJob, failJob, scheduleNextRead, succeedStep } from './outcome.ts'
import { recordStep, type StepContext, stepState } from './step-context.ts'
import type { WriteTarget } from './write-target.ts'

/**
 * A PUT that was sent just before a crash can still be in flight. So a write counts as lost only if a second read after
 * this delay also finds no trace of the write. ARM shows `Updating` within this time.
 */
const SECOND_READ_DELAY_MS = 10_000

/**
 * Reconciles a write without a recorded response by reading its target. A write that left a trace is adopted. A write
 * without a trace in two reads is lost and can be repeated. Any other change makes the plan stale.
 */
export async function reconcileWrite(context: StepContext, target: WriteTarget): Promise<void> {
  const { deps, job, step } = context
  const reading = await target.read()
  const because = reading.trace()
  if (because !== null) {
    await recordStep(context, [{ type: 'writeAdopted', because }])
    deps.logger.info(logFacts(job, step), 'adopted a write whose response was lost')
    return
  }
  const detail = reading.staleness()
  if (detail !== null) return failJob(context, 'PLAN_STALE', { detail })
  if (stepState(context)?.write.phase === 'notSeen') {
    await recordStep(context, [{ type: 'writeLost' }])
    return
  }
  const nextRead = new Date(deps.now().getTime() + SECOND_READ_DELAY_MS / deps.waitScale)
  await recordStep(context, [{ type: 'writeNotSeen', lookAgainAt: nextRead.toISOString() }], nextRead)
}

/** Waits for the end of an adopted write by the target's provisioning state; one read per tick. */
export async function watchWrite(context: StepContext, target: WriteTarget): Promise<void> {
  const { deps, job } = context
  const write = stepState(context)?.write
  if (write?.phase !== 'adopted') throw new Error('no write to watch')
  const { state, stateLabel, isRunning } = await target.read()
  const end = armWord(state, ['Failed', 'Canceled'])
  if (end === 'Canceled' && target.isAbortable && job.state.abortRequestedAt !== null)
    return endAbortedJob(context)
  if (state !== null && end !== null) {
    const arm = { code: state, message: `${stateLabel} is ${state}.`, requestId: null }
    return failJob(context, 'ARM_OPERATION_FAILED', { arm })
  }
  if (!isRunning) {
    await recordStep(context, [{ type: 'operationEnded', error: null, requestId: null }])
    return
  }
  const now = deps.now()
  const runningMs = elapsedMs(deps, write.at)
  if (runningMs > MAX_OPERATION_MS) return failJob(context, 'OPERATION_TIMED_OUT')
  await scheduleNextRead(context, new Date(now.getTime() + pollInterval(runningMs, null)))
}

/**
 * The target may show the result later than its operation. After this time, its state counts as the result, even if an
 * operation is in progress.
 */
const MAX_LAG_MS = 5 * 60_000

/** Reads the target and compares it with what the step expects: the step succeeds only when the target shows it. */
export async function readBack(context: StepContext, target: WriteTarget): Promise<void> {
  const { deps } = context
  const reading = await target.read()
  const now = deps.now()
  const state = stepState(context)
  const since = state?.write.phase === 'ended' ? state.write.at : (state?.startedAt ?? now.toISOString())
  const laggingMs = elapsedMs(deps, since)
  if (reading.isLagging && laggingMs < MAX_LAG_MS)
    return scheduleNextRead(context, new Date(now.getTime() + pollInterval(laggingMs, null)))
  const mismatches = reading.mismatches()
  if (mismatches.length > 0)
    return failJob(context, 'TARGET_NOT_REACHED', { detail: `${mismatches.join('; ')}.` })
  await succeedStep(context, reading.observed(), reading.warnings())
}
