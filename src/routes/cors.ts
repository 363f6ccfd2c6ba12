import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const REQUEST_HEADERS =
  'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer, traceparent, x-request-id'
const ANSWER_HEADERS =
  'etag, idempotency-replayed, location, operation-location, preference-applied, ratelimit, ratelimit-policy, retry-after, x-ms-error-code, x-request-id'
const KEEP_SECONDS = '600'

/**
 * Lets pages of exactly these origins use the service from a browser, with a token and never with cookies.
 * Written out rather than taken from @fastify/cors: that one adds a route for OPTIONS on every path, which
 * hides what known-paths.ts says of paths, and answers in plain text what here is a problem.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (origin === undefined || !origins.includes(origin)) return done()
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': ANSWER_HEADERS })
    if (!isPreflight(request)) return done()
    answerPreflight(reply)
  })
  // At the end, because operations that have several forms say so in the same header.
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
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': KEEP_SECONDS,
    })
    .send()
}
