import type { Attempt } from './webhook.ts'

/**
 * Seconds between two attempts, as Standard Webhooks advises: soon at first, in case of a hiccup, then over three days
 * (75 h 35 min), so that a receiver that is down for a weekend misses nothing.
 */
const WAIT_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
/** The first attempt and one after each wait. */
export const MOST_ATTEMPTS = WAIT_SECONDS.length + 1
/** Up to this part of a wait is added, so that what failed together is not tried again together. */
const JITTER = 0.1
/** What a receiver may ask for by Retry-After; more would be no delivery any more. */
const LONGEST_WISH_SECONDS = 86_400

/**
 * When a message is tried again, `made` attempts of this round having failed; null when there is none left. A wait
 * that the receiver asked for is kept to where it is longer. `random` is 0 to 1.
 */
export function nextAttemptAt(
  failed: Attempt,
  made: number,
  retryAfterSeconds: number | null,
  random: number,
): Date | null {
  const seconds = WAIT_SECONDS[made - 1]
  if (seconds === undefined) return null
  const wished = Math.min(retryAfterSeconds ?? 0, LONGEST_WISH_SECONDS)
  const wait = Math.max(seconds * (1 + JITTER * random), wished)
  return new Date(Date.parse(failed.at) + failed.durationMs + Math.round(wait * 1_000))
}

/** The header Retry-After in seconds: a number, or a date seen from `now`; null for what is neither. */
export function retryAfterOf(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.getTime()) / 1_000))
}
