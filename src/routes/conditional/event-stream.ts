import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../../contract/problem.ts'
import type { ChangeFeed } from '../../database/engine/change-feed.ts'
import { callerKey } from '../auth/caller.ts'
import type { RawRequest } from '../operation.ts'
import { Problem } from '../problems/problems.ts'
import { checkRules, rulesOf } from '../validation/rules.ts'
import { prefersEventStream } from './content-negotiation.ts'

const SEQUENCE = /^\d{1,10}$/
const MAX_SEQUENCE = 2_147_483_647

/** The entry after which to start. `Last-Event-ID` of a reconnecting client takes precedence over the URL. */
export function resolveResumePoint(headers: IncomingHttpHeaders, after: number): number {
  const last = headers['last-event-id']
  return typeof last === 'string' && last !== '' ? Number(last) : after
}

/** Errors of a stream request that a schema cannot express. */
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

/** An entry of the log of a job or a campaign; the type `ended` is the last one. */
interface LogEntry {
  sequence: number
  type: string
}

interface EventSource {
  /** Only entries with a greater sequence. */
  after: number
  read(after: number, limit: number): Promise<LogEntry[]>
  /** Calls back when there may be more entries. Returns a function that stops the calls. */
  watch(onChange: () => void): () => void
  /** Called if the log cannot be read. The stream then ends, and the client reconnects. */
  onFault(error: unknown): void
}

/** Entries per read. It limits the memory that a slow client can use. */
const PAGE = 100
/** Proxies close connections that are idle for 60 s, some after 30 s. */
const HEARTBEAT_MS = 15_000
/** Limits how long a stream can outlive its token: a client that resumes it is authenticated again. */
const MAX_STREAM_MS = 30 * 60_000
/** The delay before a disconnected client reconnects, in milliseconds. */
const RETRY_MS = 2_000

/**
 * The log of a job or a campaign as server-sent events (WHATWG HTML, 9.2). Each entry has its sequence as `id`, and comments
 * are the heartbeat. The stream ends after the entry that ends the job or the campaign. It reads only after a change, and
 * only if the client keeps up. Between changes it uses only memory.
 */
export class LogEventStream extends Readable {
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
    // Skipped for a client that does not read the data already sent.
    this.#heartbeat = setInterval(() => this.readableLength === 0 && this.push(':\n\n'), HEARTBEAT_MS)
    this.#age = setTimeout(() => this.end(), MAX_STREAM_MS)
  }

  /** Ends the stream after the data in transit. */
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

  #send(entries: LogEntry[]): void {
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
export function toServerSentEvent(entry: LogEntry): string {
  return `id: ${entry.sequence}\ndata: ${JSON.stringify(entry)}\n\n`
}

/** What a stream is about, and how to read its log. */
interface StreamedLog {
  /** Of the job or the campaign. */
  id: string
  after: number
  isFinished: boolean
  read: EventSource['read']
}

/** Sends the log as a stream; 204 if it has ended and has no entries after `after`. */
export async function sendEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  changes: ChangeFeed,
  { id, after, isFinished, read }: StreamedLog,
) {
  // An EventSource does not reconnect after this status.
  if (isFinished && (await read(after, 1)).length === 0) return reply.code(204).send()
  const { heldResponses } = request.server
  const caller = callerKey(request)
  if (heldResponses.isFull(caller)) throw new Problem('TOO_MANY_STREAMS')
  // A kept-alive connection would delay the shutdown.
  reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
  reply.type('text/event-stream; charset=utf-8')
  if (request.method === 'HEAD') return reply.send('')
  const events = new LogEventStream({
    after,
    read,
    watch: (onChange) => changes.watch(id, onChange),
    onFault: (error) => request.log.warn({ err: error, id }, 'event stream closed: reading the log failed'),
  })
  events.once(
    'close',
    heldResponses.add(caller, () => events.end()),
  )
  return reply.send(events)
}
