import type { ArmFaultKindName } from './fault-kind.ts'
import type { JobErrorCode } from './job.ts'

/** What to do about a fault: the same again at a time, or give the step up with a code. */
export type Verdict = { kind: 'retry'; afterMs: number } | { kind: 'fail'; code: JobErrorCode }

/** The first wait, doubled with every fault in a row. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
/** Waiting for somebody else's operation: AKS's own take minutes, so asking more often gains nothing. */
const CONFLICT_WAIT_MS = 15_000
/** How long one kind of fault in a row is borne before the step is given up. */
const BEAR_TRANSIENT_MS = 15 * 60_000
const BEAR_CONFLICT_MS = 45 * 60_000
const BEAR_THROTTLING_MS = 60 * 60_000
const BEAR_UNAUTHENTICATED_MS = 5 * 60_000
/** ARM refuses an early retry and times it anew, so a wait is never shorter than it asks (rulebook 12). */
const THROTTLED_WAIT_MS = 30_000

export interface FaultSituation {
  kind: ArmFaultKindName
  /** Faults in a row before this one. */
  count: number
  /** Time since the first of them, 0 for the first. */
  elapsedMs: number
  retryAfterMs: number | null
  /** 0 to 1, spreads the retries of many jobs. */
  random: number
}

/** The retry table. A pure function, so that every row can be tested. */
export function verdictOn(situation: FaultSituation): Verdict {
  const { kind, elapsedMs, retryAfterMs } = situation
  switch (kind) {
    case 'throttled':
      return bearing(elapsedMs, BEAR_THROTTLING_MS, 'ARM_UNAVAILABLE', retryAfterMs ?? THROTTLED_WAIT_MS)
    case 'transient':
    case 'unknown':
      return bearing(
        elapsedMs,
        BEAR_TRANSIENT_MS,
        'ARM_UNAVAILABLE',
        Math.max(retryAfterMs ?? 0, backoff(situation)),
      )
    case 'conflict':
      return bearing(
        elapsedMs,
        BEAR_CONFLICT_MS,
        'CLUSTER_BUSY',
        retryAfterMs ?? jittered(CONFLICT_WAIT_MS, situation.random),
      )
    case 'precondition-failed':
      // Somebody wrote between our GET and our PUT. The next try reads again and checks freshness first.
      return bearing(elapsedMs, BEAR_CONFLICT_MS, 'CLUSTER_BUSY', backoff(situation))
    case 'unauthenticated':
      return bearing(elapsedMs, BEAR_UNAUTHENTICATED_MS, 'ARM_ACCESS_DENIED', backoff(situation))
    case 'denied':
      return { kind: 'fail', code: 'ARM_ACCESS_DENIED' }
    case 'not-found':
      return { kind: 'fail', code: 'CLUSTER_GONE' }
    case 'refused':
      return { kind: 'fail', code: 'ARM_REFUSED' }
  }
}

function bearing(elapsedMs: number, mostMs: number, code: JobErrorCode, afterMs: number): Verdict {
  return elapsedMs + afterMs > mostMs ? { kind: 'fail', code } : { kind: 'retry', afterMs }
}

/** 1 s, 2 s, 4 s … 60 s, each spread over its upper half. */
function backoff({ count, random }: FaultSituation): number {
  return jittered(Math.min(FIRST_WAIT_MS * 2 ** Math.min(count, 16), LONGEST_WAIT_MS), random)
}

function jittered(ms: number, random: number): number {
  return Math.round(ms / 2 + (ms / 2) * random)
}
