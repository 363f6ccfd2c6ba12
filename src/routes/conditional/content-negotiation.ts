import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { PAGE_STYLE } from '../../reports/page/page-style.ts'
import { Problem } from '../problems/problems.ts'

const MAX_ACCEPT_LENGTH = 200

/**
 * The form that the caller likes best of those that there are, by the header Accept (RFC 9110, 12.5.1); the first one
 * where all are alike or nothing was asked. Null where none is taken: `notAcceptableProblem` says so, but only to
 * somebody who is known to be allowed to see the answer.
 */
export function negotiateMediaType<T extends string>(
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

export function notAcceptableProblem(request: FastifyRequest, forms: readonly string[]): Problem {
  const accept = (request.headers.accept ?? '').slice(0, MAX_ACCEPT_LENGTH)
  return new Problem('NOT_ACCEPTABLE', { facts: { accept, available: [...forms] } })
}

/** Whether a stream is preferred by its name; JSON is sent where both are alike, and for wildcards. */
export function prefersEventStream({ accept = '' }: IncomingHttpHeaders): boolean {
  return qualityOf(accept, 'text/event-stream') > qualityOf(accept, 'application/json')
}

/** How much a media type is preferred by its own name, 0 to 1. */
function qualityOf(accept: string, type: string): number {
  const ranges = accept.split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()))
  const parameters = ranges.find(([name]) => name === type)
  const quality = parameters?.find((parameter) => parameter.startsWith('q='))
  if (quality === undefined) return parameters === undefined ? 0 : 1
  return Math.max(0, Number(quality.slice(2)) || 0)
}

/**
 * The page has one style of its own and nothing else: no script, nothing to load, nowhere to send anything. Names of
 * resources come from outside; should one ever get past the escaping, it still could not do anything here.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'sandbox',
].join('; ')

export function sendHtml(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .type('text/html; charset=utf-8')
    .send(page)
}

/** Text that a browser must show as text, whatever it looks like. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.header('x-content-type-options', 'nosniff').type(type).send(text)
}
