import type { Plan } from '../../contract/plan.ts'
import type { Step } from '../../contract/steps.ts'
import { isSwitched, isWrite, type JobState, type StepState } from './job-state.ts'
import { beginsAt, isStartOverdue, nextCheckAt, nextStart } from './schedule.ts'

/** The action of a tick: exactly one of these actions, with at most one call to ARM. */
export type JobAction =
  | { kind: 'nothing' }
  | { kind: 'wait'; until: string }
  /** The job has missed its window, and waits for the next window. */
  | { kind: 'delayStart'; until: string }
  /** An action of a step that does not write: preparatory reads, waits, and reads of the result. */
  | { kind: 'perform'; step: Step; isNew: boolean }
  | { kind: 'write'; step: Step; isNew: boolean }
  /** The job has reached its hold. */
  | { kind: 'hold'; step: Step }
  /** After a hold, before the next step: a staleness check. */
  | { kind: 'recheck'; step: Step; isNew: boolean }
  | { kind: 'settle'; step: Step }
  | { kind: 'poll'; step: Step }
  | { kind: 'watch'; step: Step }
  | { kind: 'readBack'; step: Step }
  | { kind: 'abort'; step: Step }
  | { kind: 'giveUp' }
  | { kind: 'end'; status: 'Succeeded' | 'Canceled' }
  /** The rollback of a failed job has succeeded: the job ends with the original error. */
  | { kind: 'endRollback' }

/**
 * Decides from the state what the next tick does. A cancellation takes effect whenever no write is in flight: between
 * steps, while waiting, and before a write is retried. It does not take effect between the change of the outbound type
 * and the authorization of addresses that are unknown at plan time: stopping there would lock the nodes out.
 *
 * `elapsedMs` is the time since the last event on a monotonic clock; by default it is measured by `now`.
 */
export function nextAction(
  plan: Pick<Plan, 'steps'>,
  state: JobState,
  now: Date,
  elapsedMs = now.getTime() - Date.parse(state.lastEventAt),
): JobAction {
  if (state.finishedAt !== null) return { kind: 'nothing' }
  if (state.startedAt === null) {
    const waiting = waitForTime(state, now)
    if (waiting !== null) return waiting
  }
  const steps = [...plan.steps, ...(state.rollback?.steps ?? [])]
  const current = steps.find((step) => step.key === state.current)
  // A running rollback always completes: stopping it would leave an intermediate state.
  const isCancelled =
    state.cancelRequestedAt !== null && state.rollback === null && !owesAuthorization(plan, state)
  if (current === undefined) {
    const next = steps.find((step) => state.steps[step.key]?.status === 'Pending')
    if (next === undefined)
      return state.rollback === null ? { kind: 'end', status: 'Succeeded' } : { kind: 'endRollback' }
    if (isCancelled) return { kind: 'end', status: 'Canceled' }
    return atHold(next, state, now, true) ?? begin(next)
  }
  const progress = state.steps[current.key]
  if (progress === undefined) return { kind: 'nothing' }
  if (isCancelled && progress.write.phase === 'none') return { kind: 'end', status: 'Canceled' }
  if (isToBeAborted(current, progress, state)) return { kind: 'abort', step: current }
  const remainingMs = remainingWait(progress, state, elapsedMs)
  if (remainingMs > 0) return { kind: 'wait', until: new Date(now.getTime() + remainingMs).toISOString() }
  return atHold(current, state, now, false) ?? resume(current, progress)
}

/**
 * The rest of a wait. Changes of the clock since the last event do not affect it. If the clock was set back and no
 * monotonic clock is available, the wait is over, because it is never longer than a few minutes.
 */
function remainingWait({ notBefore }: StepState, { lastEventAt }: JobState, elapsedMs: number): number {
  if (notBefore === null || elapsedMs < 0) return 0
  return Date.parse(notBefore) - Date.parse(lastEventAt) - elapsedMs
}

/** A job that has not started waits for its schedule, or ends when its `giveUpAt` has passed; null when it may start. */
function waitForTime({ schedule, beginsAt: announced }: JobState, now: Date): JobAction | null {
  if (isStartOverdue(schedule, now)) return { kind: 'giveUp' }
  const start = nextStart(schedule, now)
  if (start === null || start <= now) return null
  const until = nextCheckAt(schedule, now).toISOString()
  const begins = beginsAt(schedule, now)?.toISOString() ?? null
  return begins === announced ? { kind: 'wait', until } : { kind: 'delayStart', until }
}

/** A held job is checked regularly; a check costs one read of the database. */
const HOLD_LOOK_MS = 3_600_000

/**
 * The action that a hold requires before this step; null if it requires none. An internal error can have started the step
 * earlier, so only a write shows that the step has passed the hold.
 */
function atHold(step: Step, { hold, steps }: JobState, now: Date, isNew: boolean): JobAction | null {
  if (hold?.step !== step.key || (steps[step.key]?.attempts ?? 0) > 0) return null
  if (hold.releasedAt !== null)
    return hold.heldAt === null || hold.isRechecked ? null : { kind: 'recheck', step, isNew }
  if (hold.heldAt === null) return { kind: 'hold', step }
  return { kind: 'wait', until: new Date(now.getTime() + HOLD_LOOK_MS).toISOString() }
}

/**
 * Azure is asked only once, and only about an operation of the cluster, because operations of other resources take only
 * seconds.
 */
function isToBeAborted(step: Step, { write }: StepState, state: JobState): boolean {
  const isRunning = write.phase === 'accepted' || write.phase === 'adopted'
  return (
    state.isAbortWanted && state.abortRequestedAt === null && isRunning && step.does.kind === 'updateCluster'
  )
}

/** The outbound type has changed, but the API server does not allow the new addresses yet. */
function owesAuthorization(plan: Pick<Plan, 'steps'>, state: JobState): boolean {
  const isPlanned = plan.steps.some((step) => step.key === 'authorize-discovered-ips')
  return isPlanned && isSwitched(state)
}

/**
 * Whether a cancellation now stops the job before its cutover. A plan whose traffic does not move has no cutover; then its
 * first write counts. A started step counts only once a write was meant to be sent.
 */
export function stopsBeforeCutover(plan: Pick<Plan, 'steps' | 'cutOver'>, state: JobState): boolean {
  if (state.finishedAt !== null || owesAuthorization(plan, state)) return false
  const cutover = plan.cutOver.step ?? plan.steps.find(isWrite)?.key
  const step = cutover === undefined ? undefined : state.steps[cutover]
  return step === undefined || (step.attempts === 0 && ['Pending', 'Running'].includes(step.status))
}

function begin(step: Step): JobAction {
  return { kind: isWrite(step) ? 'write' : 'perform', step, isNew: true }
}

function resume(step: Step, progress: StepState): JobAction {
  if (!isWrite(step)) return { kind: 'perform', step, isNew: false }
  switch (progress.write.phase) {
    case 'none':
      return { kind: 'write', step, isNew: false }
    case 'intended':
    case 'notSeen':
      return { kind: 'settle', step }
    case 'accepted':
      return { kind: 'poll', step }
    case 'adopted':
      return { kind: 'watch', step }
    case 'ended':
      return { kind: 'readBack', step }
  }
}
