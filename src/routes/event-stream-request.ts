import type { IncomingHttpHeaders } from 'node:http'
import type { RawRequest } from './route-config.ts'
import type { Fault } from './schemas/problem.ts'

const STREAM = 'text/event-stream'
const JSON_TYPE = 'application/json'
const SEQUENCE = /^\d{1,10}$/
const MOST = 2_147_483_647

/** Whether a stream is asked for by its name, and not JSON as much: that is what is answered otherwise. */
export function wantsEventStream({ accept = '' }: IncomingHttpHeaders): boolean {
  const wish = quality(accept, STREAM)
  return wish > 0 && wish > quality(accept, JSON_TYPE)
}

/** After which entry to begin: what a client that comes back names goes before what its URL says. */
export function afterOf(headers: IncomingHttpHeaders, after: number): number {
  const last = headers['last-event-id']
  return typeof last === 'string' && last !== '' ? Number(last) : after
}

/** What a schema cannot say of a stream. */
export function eventStreamFaults({ headers, query }: RawRequest): Fault[] {
  if (!wantsEventStream(headers)) return []
  const faults: Fault[] = []
  const last = headers['last-event-id']
  if (typeof last === 'string' && last !== '' && !(SEQUENCE.test(last) && Number(last) <= MOST))
    faults.push({
      in: 'header',
      parameter: 'Last-Event-ID',
      code: 'FORMAT_INVALID',
      message: 'Last-Event-ID must be the id of an event of this stream, a whole number.',
    })
  if ((query as { limit?: unknown }).limit !== undefined)
    faults.push({
      in: 'query',
      parameter: 'limit',
      code: 'PARAMETER_UNKNOWN',
      message: 'limit is for the list: a stream has no pages.',
    })
  return faults
}

/** How much a media type is wanted by its own name, 0 to 1. */
function quality(accept: string, type: string): number {
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((each) => each.trim().toLowerCase())
    if (name !== type) continue
    const q = parameters.find((each) => each.startsWith('q='))
    return q === undefined ? 1 : Number(q.slice(2)) || 0
  }
  return 0
}
