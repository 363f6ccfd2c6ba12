import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { Problem } from './problems.ts'
import { pathOf } from './send-problem.ts'

/**
 * Tells a path that does not exist from one that does with other methods, before the body is read: whoever
 * has the path wrong should not be told about the content type first.
 */
export function addKnownPaths(app: FastifyInstance): void {
  const methodsOfPath = new Map<string, Set<string>>()
  app.addHook('onRoute', (route: RouteOptions) => {
    const methods = methodsOfPath.get(route.url) ?? new Set()
    for (const method of [route.method].flat()) methods.add(method)
    methodsOfPath.set(route.url, methods)
  })
  const refuse = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = pathOf(request.url)
    const allowed = [...methodsOfPath]
      .filter(([pattern]) => matches(pattern, path))
      .flatMap(([, methods]) => [...methods])
    const allow = [...new Set([...allowed, 'OPTIONS'])].toSorted().join(', ')
    // A route of many paths, such as the files of Swagger UI, may have the method and not this path.
    if (allowed.length === 0 || allowed.includes(request.method))
      throw new Problem('ROUTE_NOT_FOUND', { facts: { path: path.slice(0, 200) } })
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    const facts = { method: request.method, allowed: allow.split(', ') }
    throw new Problem('METHOD_NOT_ALLOWED', { facts, headers: { allow } })
  }
  app.addHook('onRequest', (request, reply, done) => {
    // HTTP/1.1 asks for it, RFC 9112 section 3.2.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      return done(new Problem('MALFORMED_HTTP'))
    if (!request.is404) return done()
    refuse(request, reply)
  })
  app.setNotFoundHandler(refuse)
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.at(-1) === '*') return wanted.slice(0, -1).every((segment, index) => segment === given[index])
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) =>
      segment.startsWith(':') ? given[index] !== '' : segment === given[index],
    )
  )
}
