import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { Problem } from './problems.ts'

const LONGEST_ACCEPT = 200

/**
 * The form that the caller likes best of those that there are, by the header Accept (RFC 9110, 12.5.1); the first one
 * where all are alike or nothing was asked. Null where none is taken: `notAcceptable` says so, but only to
 * somebody who is known to be allowed to see the answer.
 */
export function preferredForm<T extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  forms: readonly T[],
): T | null {
  reply.header('vary', 'Accept')
  const { accept = '' } = request.headers
  if (accept.trim() === '') return forms[0] ?? null
  // All is UTF-8 here, so a client that asks for that charset gets it.
  const offered = forms.flatMap((form) => [form, `${form}; charset=utf-8`])
  const chosen = new Negotiator({ headers: { accept } }).mediaType(offered)
  return forms.find((form) => chosen === form || chosen === `${form}; charset=utf-8`) ?? null
}

export function notAcceptable(request: FastifyRequest, forms: readonly string[]): Problem {
  const accept = (request.headers.accept ?? '').slice(0, LONGEST_ACCEPT)
  return new Problem('NOT_ACCEPTABLE', { facts: { accept, available: [...forms] } })
}
