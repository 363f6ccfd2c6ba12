import type { JobErrorCode } from '../../contract/job.ts'
import { MINUTE_MS } from '../lib/durations.ts'
import type { FaultKind, JobEvent } from './events.ts'
import type { FaultRow, StepState } from './job-state.ts'

/** The decision about an error: retry at a time, or fail the step with a code. */
export type RetryDecision = { kind: 'retry'; afterMs: number } | { kind: 'fail'; code: JobErrorCode }

/**
 * The first delay, doubled with each consecutive fault. Also the minimum, even if ARM allows less (`Retry-After: 0`).
 */
const MIN_WAIT_MS = 1_000
const MAX_WAIT_MS = 60_000
/** Waiting for another client's operation. AKS operations take minutes, so asking more often gains nothing. */
const CONFLICT_WAIT_MS = 15_000
/** ARM rejects an early retry and restarts its period, so a delay is never shorter than ARM requests. */
const THROTTLED_WAIT_MS = 30_000

/** The maximum duration of consecutive errors of one kind before the step fails. */
const MAX_TRANSIENT_MS = 15 * MINUTE_MS
const MAX_CONFLICT_MS = 45 * MINUTE_MS
const MAX_THROTTLING_MS = 60 * MINUTE_MS
const MAX_UNAUTHENTICATED_MS = 5 * MINUTE_MS
/** An internal error does not resolve by itself, except an unavailable database. */
const MAX_INTERNAL_MS = 10 * MINUTE_MS
/**
 * The maximum duration of consecutive errors of different kinds. Without it, two alternating kinds would be retried
 * forever.
 */
const MAX_TOTAL_MS = 90 * MINUTE_MS

/** A 409 that no retry resolves: a user has locked the resource deliberately. */
const LASTING_CONFLICTS = ['ScopeLocked']

export interface FaultSituation {
  kind: FaultKind
  /** The error code of ARM. */
  code: string
  /** Whether the call was for a resource other than the cluster. */
  isOther?: boolean
  /** The number of consecutive errors of this kind before this error. */
  count: number
  /** The time since the first consecutive error of this kind; 0 for the first error. */
  elapsedMs: number
  /** The time since the first consecutive error of any kind. */
  totalMs: number
  retryAfterMs: number | null
  /** A number from 0 to 1 that distributes the retries of many jobs. */
  random: number
}

/** The retry table. A pure function, so that every row can be tested. */
export function decideRetry(situation: FaultSituation): RetryDecision {
  const { kind, code, random } = situation
  const asked = situation.retryAfterMs === null ? null : Math.max(situation.retryAfterMs, MIN_WAIT_MS)
  const backOff = Math.max(asked ?? 0, backoff(situation))
  switch (kind) {
    case 'throttled':
      return retryWithin(situation, MAX_THROTTLING_MS, 'ARM_UNAVAILABLE', asked ?? THROTTLED_WAIT_MS)
    case 'transient':
    case 'unknown':
      return retryWithin(situation, MAX_TRANSIENT_MS, 'ARM_UNAVAILABLE', backOff)
    case 'conflict':
      if (LASTING_CONFLICTS.includes(code)) return { kind: 'fail', code: 'ARM_REFUSED' }
      return retryWithin(
        situation,
        MAX_CONFLICT_MS,
        'CLUSTER_BUSY',
        asked ?? jittered(CONFLICT_WAIT_MS, random),
      )
    case 'precondition-failed':
      // Another client wrote between the GET and the PUT. The next attempt reads again and checks staleness first.
      return retryWithin(situation, MAX_CONFLICT_MS, 'CLUSTER_BUSY', backOff)
    case 'unauthenticated':
      return retryWithin(situation, MAX_UNAUTHENTICATED_MS, 'ARM_ACCESS_DENIED', backOff)
    case 'internal':
      return retryWithin(situation, MAX_INTERNAL_MS, 'INTERNAL', backOff)
    case 'denied':
      return { kind: 'fail', code: 'ARM_ACCESS_DENIED' }
    case 'not-found':
      // Also a resource group that does not exist.
      return { kind: 'fail', code: situation.isOther === true ? 'ARM_REFUSED' : 'CLUSTER_GONE' }
    case 'refused':
      return { kind: 'fail', code: 'ARM_REFUSED' }
  }
}

function retryWithin(
  situation: FaultSituation,
  mostMs: number,
  code: JobErrorCode,
  afterMs: number,
): RetryDecision {
  const { elapsedMs, totalMs } = situation
  const isTooLong = elapsedMs + afterMs > mostMs || totalMs + afterMs > MAX_TOTAL_MS
  return isTooLong ? { kind: 'fail', code } : { kind: 'retry', afterMs }
}

/** 1 s, 2 s, 4 s … 60 s, each reduced by a random part of up to half. */
function backoff({ count, random }: FaultSituation): number {
  return jittered(Math.min(MIN_WAIT_MS * 2 ** Math.min(count, 16), MAX_WAIT_MS), random)
}

function jittered(ms: number, random: number): number {
  return Math.round(ms / 2 + (ms / 2) * random)
}

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
