import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const CORS_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const REQUEST_HEADERS =
  'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, mcp-method, mcp-name, mcp-protocol-version, prefer, traceparent, x-agent, x-request-id'
const EXPOSED_HEADERS =
  'etag, idempotency-replayed, location, operation-location, preference-applied, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-ms-error-code, x-request-id'
const PREFLIGHT_MAX_AGE_SECONDS = '600'

/**
 * Allows pages of exactly these origins to use the service from a browser, with a token and never with cookies. It does
 * not use @fastify/cors, which adds a route for OPTIONS on every path. That route would replace the responses of
 * error-handler.ts for unknown paths, and returns plain text instead of a problem.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (origin === undefined || !origins.includes(origin)) return done()
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED_HEADERS })
    if (!isPreflight(request)) return done()
    answerPreflight(reply)
  })
  // This runs last, because operations with several response formats set the same header.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const vary = reply.getHeader('vary')
    reply.header('vary', vary === undefined ? 'Origin' : `${vary}, Origin`)
    done(null, payload)
  })
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function answerPreflight(reply: FastifyReply): void {
  reply
    .code(204)
    .headers({
      'access-control-allow-methods': CORS_METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': PREFLIGHT_MAX_AGE_SECONDS,
    })
    .send()
}

/**
 * Security headers for browsers. A data response is never a page, so it must not load resources or be framed. Pages
 * such as Swagger UI replace this policy with a separate policy.
 */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000'

/** Sets the headers on every response; `Strict-Transport-Security` only for requests over TLS. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS)
    if (request.protocol === 'https') reply.header('strict-transport-security', STRICT_TRANSPORT_SECURITY)
    done()
  })
}

/** A stored copy could be read after the link has expired or was revoked. */
export function forbidStoringSharedReports(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.caller?.shareLinkId !== undefined) reply.header('cache-control', 'no-store')
    done(null, payload)
  })
}
