import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Idempotency, Witness } from '../database/idempotency.ts'
import { ClaimLost, type KeptAnswer, type KeyedRequest } from '../database/idempotency-keys.ts'
import { keyedRequest } from './idempotency-key.ts'
import { Problem } from './problems.ts'

/** The answer to an effect, before it is text. */
export interface GoodAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/**
 * Has an effect and answers it. With an `Idempotency-Key` it is had once: the answer is kept in the transaction of the
 * effect, and a request that comes again is given it, also when the first one died between commit and answer. A refused
 * request keeps nothing: its key is free.
 */
export async function once<T>(
  keys: Idempotency,
  request: FastifyRequest,
  reply: FastifyReply,
  act: (witness: Witness<T> | undefined) => Promise<T>,
  answerOf: (effect: T) => GoodAnswer,
): Promise<FastifyReply> {
  const keyed = keyedRequest(request)
  if (keyed === null) return send(reply, asText(answerOf(await act(undefined))))
  const found = await keys.claim(keyed)
  switch (found.kind) {
    case 'replay':
      return send(reply.header('idempotency-replayed', 'true'), found.answer)
    case 'busy':
      throw new Problem('IDEMPOTENCY_KEY_IN_USE')
    case 'other':
      throw new Problem('IDEMPOTENCY_KEY_REUSED')
    case 'begin':
      return send(reply, asText(answerOf(await actOnce(keys, keyed, found.claim, act, answerOf))))
  }
}

async function actOnce<T>(
  keys: Idempotency,
  keyed: KeyedRequest,
  claim: string,
  act: (witness: Witness<T>) => Promise<T>,
  answerOf: (effect: T) => GoodAnswer,
): Promise<T> {
  try {
    return await act((trx, effect) => keys.keep(trx, keyed, claim, asText(answerOf(effect))))
  } catch (error) {
    if (error instanceof ClaimLost) throw new Problem('IDEMPOTENCY_KEY_IN_USE', { cause: error })
    // If even this fails, the claim runs out by itself; the caller has to hear of the first fault.
    await keys.release(keyed, claim).catch(() => {})
    throw error
  }
}

function asText({ status, headers, body }: GoodAnswer): KeptAnswer {
  return { status, headers, body: JSON.stringify(body) }
}

function send(reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply {
  return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body)
}
