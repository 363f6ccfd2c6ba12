import type { Json } from '../lib/json.ts'

/** One request as GET /simulator/requests shows it. */
export interface LoggedRequest {
  seq: number
  /** Wall-clock time of arrival, ISO 8601. */
  at: string
  method: string
  /** Path with query. */
  path: string
  apiVersion: string | null
  ifMatch: string | null
  requestBody: Json
  /** Null while the request has no response, and if its connection was closed without a response. */
  status: number | null
  body: Json
  /** True if bodies are not stored: responses to GET over 2 KB, and all bodies of old requests. */
  bodyOmitted: boolean
}

const MAX_ENTRIES = 100_000
const MAX_KEPT_GET_LENGTH = 2048
/** Bodies of older requests are dropped, because the bodies of a hundred thousand clusters would fill the memory. */
const MAX_WITH_BODIES = 10_000
/** Changing requests that a restart remembers. */
const MAX_KEPT_OVER_RESTART = 2_000

/** The last 100,000 requests to Resource Manager since the start or the last reset, oldest first. */
export class RequestLog {
  private entries: LoggedRequest[] = []
  private seq = 0

  /** Records a request on arrival. */
  open(entry: Omit<LoggedRequest, 'seq' | 'status' | 'body' | 'bodyOmitted'>): LoggedRequest {
    this.seq += 1
    const logged: LoggedRequest = { seq: this.seq, ...entry, status: null, body: null, bodyOmitted: false }
    this.entries.push(logged)
    const old = this.entries.at(-MAX_WITH_BODIES)
    if (old !== undefined) Object.assign(old, { requestBody: null, body: null, bodyOmitted: true })
    // Requests are dropped in batches, because removing the first item of the array copies the array every time.
    if (this.entries.length >= MAX_ENTRIES * 1.1) this.entries = this.entries.slice(-MAX_ENTRIES)
    return logged
  }

  /** Records the response. `text` is the sent body. */
  answer(entry: LoggedRequest, status: number, text: string): void {
    entry.status = status
    if (entry.method === 'GET' && text.length > MAX_KEPT_GET_LENGTH) entry.bodyOmitted = true
    else entry.body = parse(text)
  }

  /** Requests after a sequence number, optionally only those with a method or a text in their path. */
  list(filter: {
    after: number
    method?: string | undefined
    contains?: string | undefined
  }): LoggedRequest[] {
    const method = filter.method?.toUpperCase()
    const contains = filter.contains?.toLowerCase()
    return this.entries
      .slice(-MAX_ENTRIES)
      .filter(
        (entry) =>
          entry.seq > filter.after &&
          (method === undefined || entry.method === method) &&
          (contains === undefined || entry.path.toLowerCase().includes(contains)),
      )
  }

  /** Changing requests. Only these are kept over a restart. */
  kept(): LoggedRequest[] {
    return this.entries.filter(survivesRestart).slice(-MAX_KEPT_OVER_RESTART)
  }

  /** Restores stored requests. */
  restore(entries: LoggedRequest[]): void {
    const bySeq = new Map(entries.map((entry) => [entry.seq, entry]))
    this.entries = [...bySeq.values()].sort((a, b) => a.seq - b.seq)
    this.seq = this.entries.at(-1)?.seq ?? 0
  }

  clear(): void {
    this.entries = []
  }
}

/** True for a request that must survive a restart, because it may have changed something. */
export function survivesRestart(entry: LoggedRequest): boolean {
  return entry.method !== 'GET' && entry.method !== 'HEAD'
}

function parse(text: string): Json {
  if (text === '') return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
