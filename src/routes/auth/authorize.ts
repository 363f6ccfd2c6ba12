import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../../core/refusal.ts'
import type { Authenticate, Caller } from './caller.ts'
import { REQUIRED_GRANTS } from './required-grants.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
}

/**
 * Lets a request through when its caller is proven and granted what the operation asks. Runs before the
 * body is read, so that nobody unproven can make the service parse anything.
 */
export function authorize(app: FastifyInstance, authenticate: Authenticate): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request: FastifyRequest) => {
    const operation = operationOf(request)
    const wanted = operation === null ? 'none' : (REQUIRED_GRANTS[operation] ?? 'nobody')
    if (wanted === 'none') return
    const caller = await authenticate(request.headers.authorization)
    if (!caller.grants.has(wanted)) throw new Refusal('GRANT_MISSING', { grant: wanted })
    request.caller = caller
  })
}

/** The operation that a route names in its `config`; null for health, documents and unknown routes. */
function operationOf(request: FastifyRequest): string | null {
  const config: { operation?: string; public?: boolean } = request.routeOptions.config
  if (request.is404 || config.public === true) return null
  return config.operation ?? null
}
