import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { KeyedRequest } from '../database/idempotency-keys.ts'
import type { Fault } from './schemas/problem.ts'
import { pathOf } from './send-problem.ts'

const NAME = 'idempotency-key'
const LONGEST = 255
const PRINTABLE = /^[\x20-\x7e]+$/

/** What is wrong with the key of a request; nothing when it has none. */
export function keyFaults({ headers, rawHeaders }: IncomingMessage): Fault[] {
  const key = headers[NAME]
  if (key === undefined) return []
  const times = rawHeaders.filter((each, index) => index % 2 === 0 && each.toLowerCase() === NAME).length
  const message = keyFault(String(key), times)
  if (message === null) return []
  return [{ in: 'header', parameter: 'Idempotency-Key', code: 'IDEMPOTENCY_KEY_INVALID', message }]
}

function keyFault(key: string, times: number): string | null {
  if (times > 1) return 'Idempotency-Key must be sent once.'
  if (key === '') return 'Idempotency-Key must not be empty.'
  if (key.length > LONGEST) return `Idempotency-Key must not be longer than ${LONGEST} characters.`
  return PRINTABLE.test(key) ? null : 'Idempotency-Key must be printable ASCII characters.'
}

/** The request as it is known by its key; null without one. */
export function keyedRequest(request: FastifyRequest): KeyedRequest | null {
  const key = request.headers[NAME]
  if (typeof key !== 'string') return null
  const { kind, id } = request.caller
  // No body says the same as an empty one.
  const asked = [request.method, pathOf(request.url), sorted(request.body ?? {})]
  const fingerprint = createHash('sha256').update(JSON.stringify(asked)).digest('hex')
  return { scope: `${kind}:${id}`, key, fingerprint }
}

/** The same whatever order the fields came in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, each]) => [name, sorted(each)])
}
