import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Asks for a body only when it will be read. By itself, Node sends `100 Continue` before it knows the route, and a client
 * sends a large body only to be rejected for its token, length, or type (RFC 9110, 10.1.1). Node closes the connection
 * after a final response without it.
 */
export function addExpectContinue(app: FastifyInstance): void {
  const waiting = new WeakSet<IncomingMessage>()
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request)
    app.server.emit('request', request, response)
  })
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (waiting.has(request.raw) && isReadable(request)) reply.raw.writeContinue()
    done(null, payload)
  })
}

/** Whether Fastify will read the body, by the headers alone. */
function isReadable({ method, headers, server, routeOptions: { bodyLimit } }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';')
  if (mediaType.trim() === '' || !server.hasContentTypeParser(mediaType.trim())) return false
  return bodyLimit === undefined || Number(headers['content-length'] ?? 0) <= bodyLimit
}
