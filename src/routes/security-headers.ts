import type { FastifyInstance } from 'fastify'

/**
 * What browsers must not do with an answer. Data is never a page, so by itself it may load nothing and be
 * shown in nothing; a page sets a policy of its own in place of this one, as Swagger UI does.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}
const STRICT_TRANSPORT = 'max-age=31536000'

/** Sets them on every answer; `Strict-Transport-Security` only where the caller came over TLS. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS)
    if (request.protocol === 'https') reply.header('strict-transport-security', STRICT_TRANSPORT)
    done()
  })
}
