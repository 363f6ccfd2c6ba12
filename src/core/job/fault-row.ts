import type { JobEvent } from './events.ts'
import type { FaultRow, StepState } from './job-state.ts'

export const NO_FAULTS: FaultRow = { count: 0, since: null, kind: null, ofKind: 0, kindSince: null }

/** Counts a fault in the row of faults of its step. */
export function recordFault(step: StepState, event: Extract<JobEvent, { fault: unknown }>): void {
  const { count, since, kind, ofKind, kindSince } = step.faults
  const isSame = event.fault.kind === kind
  step.faults = {
    count: count + 1,
    since: since ?? event.at,
    kind: event.fault.kind,
    ofKind: isSame ? ofKind + 1 : 1,
    kindSince: isSame ? kindSince : event.at,
  }
  step.notBefore = event.retryAt
}

/** A success resets the retry policy. */
export function clearFaults(step: StepState, notBefore: string | null): void {
  step.faults = NO_FAULTS
  step.notBefore = notBefore
}
