import type { JsonObject } from '../core/json.ts'

/** One answer of Resource Manager, as it came, after any quick retries. */
export interface Answer {
  status: number
  /** Keyed in lower case. */
  headers: Record<string, string>
  /** The body of a GET; null when it was empty, and for a PUT, whose body nobody needs. */
  body: JsonObject | null
}

/** ARM's own id of a request, for its support; null when it sent none. */
export function requestIdOf(headers: Record<string, string>): string | null {
  return headers['x-ms-request-id'] ?? headers['x-ms-correlation-request-id'] ?? null
}
