/**
 * The wait that a `Retry-After` header asks for, in milliseconds: a number of seconds or an HTTP date
 * (RFC 9110 10.2.3). A date that has passed is 0; null when there is no header or it says neither.
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return seconds < 0 ? null : Math.round(seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}
