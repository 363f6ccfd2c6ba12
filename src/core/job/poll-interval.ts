/**
 * When to ask about an operation again. AKS sends no Retry-After on a cluster PUT (recordings/README), an
 * outbound-type change took 172 s there, and the budget is 2 status reads a second for a whole subscription
 * (QT): so the first looks are quick and later ones every 15 s.
 */
const FIRST_MS = 1_000
const LONGEST_MS = 15_000
/** Each wait is about this part of the time that the operation has taken so far. */
const SHARE = 0.25

/** Milliseconds until the next poll of an operation that has run for `elapsedMs`; never a tight loop. */
export function pollInterval(elapsedMs: number, retryAfterMs: number | null): number {
  if (retryAfterMs !== null) return Math.max(retryAfterMs, FIRST_MS)
  return Math.round(Math.min(Math.max(elapsedMs * SHARE, FIRST_MS), LONGEST_MS))
}

/** An operation that has not ended by then is given up: three times AKS's own longest documented time-out. */
export const OPERATION_LIMIT_MS = 90 * 60_000
