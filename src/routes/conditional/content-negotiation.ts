import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { PAGE_STYLE } from '../../reports/page/page-style.ts'
import { Problem } from '../problems/problems.ts'

const MAX_ACCEPT_LENGTH = 200

/**
 * The media type that the caller prefers, by the header Accept (RFC 9110, 12.5.1). The default is the first media type. Null
 * if the caller accepts none: the caller of this function then throws `notAcceptableProblem`, but only after the access
 * checks.
 */
export function negotiateMediaType<T extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  forms: readonly T[],
): T | null {
  reply.header('vary', 'Accept')
  const { accept = '' } = request.headers
  if (accept.trim() === '') return forms[0] ?? null
  // All responses are UTF-8, so a client may also request that charset.
  const offered = forms.flatMap((form) => [form, `${form}; charset=utf-8`])
  const chosen = new Negotiator({ headers: { accept } }).mediaType(offered)
  return forms.find((form) => chosen === form || chosen === `${form}; charset=utf-8`) ?? null
}

export function notAcceptableProblem(request: FastifyRequest, forms: readonly string[]): Problem {
  const accept = (request.headers.accept ?? '').slice(0, MAX_ACCEPT_LENGTH)
  return new Problem('NOT_ACCEPTABLE', { facts: { accept, available: [...forms] } })
}

/** Whether the caller explicitly prefers a stream. JSON is the default for equal preferences and wildcards. */
export function prefersEventStream({ accept = '' }: IncomingHttpHeaders): boolean {
  return qualityOf(accept, 'text/event-stream') > qualityOf(accept, 'application/json')
}

/** The quality value of an explicitly listed media type, 0 to 1. */
function qualityOf(accept: string, type: string): number {
  const ranges = accept.split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()))
  const parameters = ranges.find(([name]) => name === type)
  const quality = parameters?.find((parameter) => parameter.startsWith('q='))
  if (quality === undefined) return parameters === undefined ? 0 : 1
  return Math.max(0, Number(quality.slice(2)) || 0)
}

/** The source that a content security policy allows for an inline script or style. */
export function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

export const REPORT_STYLE_SOURCE = sourceHash(PAGE_STYLE)

/** The policy of a page with one inline script, which may only send requests to this service. */
export function scriptedPagePolicy(script: string): string {
  return [
    "default-src 'none'",
    `script-src ${sourceHash(script)}`,
    `style-src ${REPORT_STYLE_SOURCE}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * The part of an ETag that a report adds to the version of its subject. Another version of this service may word it
 * differently. A 304 carries the policy for the present style, so a stored page with another style must not be reused.
 */
export function reportVariant(form: 'text/markdown' | 'text/html', version: string): string {
  return form === 'text/html'
    ? `html.${version}.${REPORT_STYLE_SOURCE.replace(/^'sha256-|\W/g, '').slice(0, 8)}`
    : `markdown.${version}`
}

/**
 * The page contains one inline style: no scripts, no external resources, no forms. Resource names are untrusted input. If
 * the escaping ever failed, this policy would still block scripts and requests.
 */
const policyOf = (formAction: string, sandbox: string) =>
  [
    "default-src 'none'",
    `style-src ${REPORT_STYLE_SOURCE}`,
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    sandbox,
  ].join('; ')

const CONTENT_SECURITY_POLICY = policyOf("'none'", 'sandbox')
/** For a page with filters: its forms lead to this service, and to no other place. */
const POLICY_WITH_FORMS = policyOf("'self'", 'sandbox allow-forms')

/**
 * Sets the headers of a page. A 304 needs them as well: a browser applies the headers of the 304 to its stored copy, and
 * would block the style of the page under the policy for data.
 */
export function withPageHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
}

/** Sends a page whose forms change the filters of its list. */
export function sendFilterPage(reply: FastifyReply, page: string): FastifyReply {
  return withPageHeaders(reply)
    .header('content-security-policy', POLICY_WITH_FORMS)
    .type('text/html; charset=utf-8')
    .send(page)
}

export function sendHtml(reply: FastifyReply, page: string): FastifyReply {
  return withPageHeaders(reply).type('text/html; charset=utf-8').send(page)
}

/** Text that a browser must not interpret as another media type. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.header('x-content-type-options', 'nosniff').type(type).send(text)
}
