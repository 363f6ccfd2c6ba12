import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../../contract/problem.ts'
import {
  ClaimLostError,
  type Idempotency,
  type KeyedRequest,
  type StoredResponse,
  type TransactionHook,
} from '../../database/stores/idempotency.ts'
import { Problem, pathWithoutQuery } from '../problems/problems.ts'

const NAME = 'idempotency-key'
const MAX_KEY_LENGTH = 255
const PRINTABLE = /^[\x20-\x7e]+$/

/** The errors of the key of a request; empty without a key. */
export function idempotencyKeyErrors({ headers, rawHeaders }: IncomingMessage): Fault[] {
  const key = headers[NAME]
  if (key === undefined) return []
  const times = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === NAME).length
  const message = describeKeyError(String(key), times)
  if (message === null) return []
  return [{ in: 'header', parameter: 'Idempotency-Key', code: 'IDEMPOTENCY_KEY_INVALID', message }]
}

function describeKeyError(key: string, times: number): string | null {
  if (times > 1) return 'Idempotency-Key must be sent once.'
  if (key === '') return 'Idempotency-Key must not be empty.'
  if (key.length > MAX_KEY_LENGTH)
    return `Idempotency-Key must not be longer than ${MAX_KEY_LENGTH} characters.`
  return PRINTABLE.test(key) ? null : 'Idempotency-Key must be printable ASCII characters.'
}

/** The identity of a request with a key; null without a key. */
function toKeyedRequest(request: FastifyRequest): KeyedRequest | null {
  const key = request.headers[NAME]
  if (typeof key !== 'string') return null
  const { kind, id } = request.caller
  // A missing body is equivalent to an empty body.
  const identity = [request.method, pathWithoutQuery(request.url), sortKeys(request.body ?? {})]
  const fingerprint = createHash('sha256').update(JSON.stringify(identity)).digest('hex')
  return { scope: `${kind}:${id}`, key, fingerprint }
}

/** The text does not depend on the order of the fields. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, member]) => [name, sortKeys(member)])
}

/** The response to an effect, before serialization. */
export interface SuccessResponse {
  status: number
  headers?: Record<string, string>
  body: unknown
}

/**
 * Runs an effect and sends its response. With an `Idempotency-Key` the effect happens once: the response is stored in
 * the transaction of the effect, and a repeated request receives it, even if the process crashed between commit and
 * response. A rejected request stores nothing and does not consume its key.
 */
export async function runIdempotently<T>(
  keys: Idempotency,
  request: FastifyRequest,
  reply: FastifyReply,
  effect: (hook: TransactionHook<T> | undefined) => Promise<T>,
  respond: (result: T) => SuccessResponse,
): Promise<FastifyReply> {
  const keyed = toKeyedRequest(request)
  if (keyed === null) return sendStoredResponse(reply, toStoredResponse(respond(await effect(undefined))))
  const claim = await keys.claim(keyed)
  switch (claim.kind) {
    case 'replay':
      return sendStoredResponse(reply.header('idempotency-replayed', 'true'), claim.answer)
    case 'busy':
      throw new Problem('IDEMPOTENCY_KEY_IN_USE')
    case 'other':
      throw new Problem('IDEMPOTENCY_KEY_REUSED')
    case 'begin':
      return sendStoredResponse(
        reply,
        toStoredResponse(respond(await runClaimed(keys, keyed, claim.claim, effect, respond))),
      )
  }
}

async function runClaimed<T>(
  keys: Idempotency,
  keyed: KeyedRequest,
  claim: string,
  effect: (hook: TransactionHook<T>) => Promise<T>,
  respond: (result: T) => SuccessResponse,
): Promise<T> {
  try {
    return await effect((trx, result) => keys.keep(trx, keyed, claim, toStoredResponse(respond(result))))
  } catch (error) {
    if (error instanceof ClaimLostError) throw new Problem('IDEMPOTENCY_KEY_IN_USE', { cause: error })
    // If even this fails, the claim expires later. The caller must get the first error.
    await keys.release(keyed, claim).catch(() => {})
    throw error
  }
}

function toStoredResponse({ status, headers = {}, body }: SuccessResponse): StoredResponse {
  return { status, headers, body: JSON.stringify(body) }
}

function sendStoredResponse(reply: FastifyReply, { status, headers, body }: StoredResponse): FastifyReply {
  return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body)
}
