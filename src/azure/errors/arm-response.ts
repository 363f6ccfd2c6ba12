import type { JsonObject } from '../../contract/json.ts'

/** One unchanged response of Resource Manager, after retries. */
export interface ArmResponse {
  status: number
  /** Keyed in lower case. */
  headers: Record<string, string>
  /** The body of a GET; null if it was empty, and for a PUT, whose body is not used. */
  body: JsonObject | null
  /** The size of the decompressed body. */
  bytes: number
}

/** ARM's own id of a request, for its support; null when it sent none. */
export function requestIdOf(headers: Record<string, string>): string | null {
  return headers['x-ms-request-id'] ?? headers['x-ms-correlation-request-id'] ?? null
}

/**
 * The wait that a `Retry-After` header requests, in milliseconds: a number of seconds or an HTTP date (RFC 9110
 * 10.2.3). 0 for a date in the past; null without a valid header.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return seconds < 0 ? null : Math.round(seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}
