import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { PAGE_STYLE } from '../reports/page/style.ts'

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

export function sendPage(reply: FastifyReply, page: string): FastifyReply {
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
