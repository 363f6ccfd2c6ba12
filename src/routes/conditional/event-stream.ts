import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { JobLogEntry } from '../../contract/job.ts'
import type { Fault } from '../../contract/problem.ts'
import type { RawRequest } from '../operation.ts'
import { checkRules, rulesOf } from '../validation/rules.ts'
import { prefersEventStream } from './content-negotiation.ts'

const SEQUENCE = /^\d{1,10}$/
const MAX_SEQUENCE = 2_147_483_647

/** After which entry to begin: what a client that comes back names goes before what its URL says. */
export function resolveResumePoint(headers: IncomingHttpHeaders, after: number): number {
  const last = headers['last-event-id']
  return typeof last === 'string' && last !== '' ? Number(last) : after
}

/** What a schema cannot express of a stream. */
export function eventStreamErrors({ headers, query }: RawRequest): Fault[] {
  if (!prefersEventStream(headers)) return []
  return [...lastEventIdErrors(headers['last-event-id']), ...checkRules('query', STREAM_RULES, query)]
}

const STREAM_RULES = [
  rulesOf('PARAMETER_UNKNOWN')(
    '/limit',
    'limit is for the list: a stream has no pages.',
    (limit) => limit !== undefined,
  ),
]

function lastEventIdErrors(id: string | string[] | undefined): Fault[] {
  if (typeof id !== 'string' || id === '') return []
  if (SEQUENCE.test(id) && Number(id) <= MAX_SEQUENCE) return []
  const message = 'Last-Event-ID must be the id of an event of this stream, a whole number.'
  return [{ in: 'header', parameter: 'Last-Event-ID', code: 'FORMAT_INVALID', message }]
}

interface EventSource {
  /** Only entries with a greater sequence. */
  after: number
  read(after: number, limit: number): Promise<JobLogEntry[]>
  /** Calls back when there may be more to read; gives the function that ends it. */
  watch(onChange: () => void): () => void
  /** Told when the log cannot be read, which ends the stream; the client comes back. */
  onFault(error: unknown): void
}

/** Entries of one read: what a slow client makes us hold is bounded by it. */
const PAGE = 100
/** Proxies cut connections that are silent for a minute, some for half of one. */
const HEARTBEAT_MS = 15_000
/** A stream does not outlive the token that opened it by much: whoever resumes it is proven anew. */
const MAX_STREAM_MS = 30 * 60_000
/** After a cut the client waits as long before it comes back, in milliseconds. */
const RETRY_MS = 2_000

/**
 * The log of a job as server-sent events (WHATWG HTML, 9.2): each entry with its sequence as `id`, comments as heartbeat,
 * and the end of the stream after the entry that ends the job. It reads when there is news and the client takes it;
 * between two changes it costs nothing but its memory.
 */
export class JobEventStream extends Readable {
  readonly #source: EventSource
  readonly #unwatch: () => void
  readonly #heartbeat: NodeJS.Timeout
  readonly #age: NodeJS.Timeout
  #after: number
  #hasNews = true
  #isWanted = false
  #isReading = false
  #isReleased = false

  constructor(source: EventSource) {
    super()
    this.#source = source
    this.#after = source.after
    this.push(`retry: ${RETRY_MS}\n\n`)
    this.#unwatch = source.watch(() => {
      this.#hasNews = true
      this.#pump()
    })
    // Not for a client that does not even take what it is sent already.
    this.#heartbeat = setInterval(() => this.readableLength === 0 && this.push(':\n\n'), HEARTBEAT_MS)
    this.#age = setTimeout(() => this.end(), MAX_STREAM_MS)
  }

  /** Ends the stream after what is on its way. */
  end(): void {
    this.#release()
    if (!this.destroyed && !this.readableEnded) this.push(null)
  }

  override _read(): void {
    this.#isWanted = true
    this.#pump()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release()
    done(error)
  }

  #pump(): void {
    if (!this.#isWanted || !this.#hasNews || this.#isReading || this.#hasEnded) return
    this.#isReading = true
    this.#hasNews = false
    this.#source.read(this.#after, PAGE).then(
      (entries) => {
        this.#isReading = false
        if (!this.#hasEnded) this.#send(entries)
        this.#pump()
      },
      (error: unknown) => {
        this.#source.onFault(error)
        this.end()
      },
    )
  }

  #send(entries: JobLogEntry[]): void {
    const last = entries.at(-1)
    if (last === undefined) return
    this.#after = last.sequence
    this.#hasNews ||= entries.length === PAGE
    this.#isWanted = this.push(entries.map(toServerSentEvent).join(''))
    if (last.type === 'ended') this.end()
  }

  get #hasEnded(): boolean {
    return this.#isReleased || this.destroyed
  }

  #release(): void {
    this.#isReleased = true
    this.#unwatch()
    clearInterval(this.#heartbeat)
    clearTimeout(this.#age)
  }
}

/** JSON has no line feeds, so one `data` line holds it. */
export function toServerSentEvent(entry: JobLogEntry): string {
  return `id: ${entry.sequence}\ndata: ${JSON.stringify(entry)}\n\n`
}
