import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccessPolicy } from '../../core/access/policy.ts'
import { Refusal } from '../../core/refusal.ts'
import type { Authenticate, Caller } from './caller.ts'
import { REQUIRED_GRANTS } from './required-grants.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
    /** The access policy as it was when the request came; null where none is in force. */
    policy: AccessPolicy | null
  }
}

/**
 * Lets a request through when its caller is proven and granted what the operation asks. Runs before the
 * body is read, so that nobody unproven can make the service parse anything.
 */
export function authorize(
  app: FastifyInstance,
  authenticate: Authenticate,
  policy: () => AccessPolicy | null = () => null,
): void {
  app.decorateRequest('caller')
  app.decorateRequest('policy', null)
  app.addHook('onRequest', async (request: FastifyRequest) => {
    if (isPublic(request)) return
    const wanted = REQUIRED_GRANTS[request.routeOptions.config.operation ?? ''] ?? 'nobody'
    request.policy = policy()
    request.caller = await authenticate(request.headers.authorization)
    if (!request.caller.grants.has(wanted)) throw new Refusal('GRANT_MISSING', { grant: wanted })
  })
}

/**
 * Health, documents and unknown routes reveal nothing of anybody's clusters. Swagger UI brings routes of its
 * own that cannot name anything. Every other route must name its operation, or nobody may call it.
 */
export function isPublic({ is404, routeOptions }: FastifyRequest): boolean {
  return is404 || routeOptions.config.public === true || /^\/docs(\/|$)/.test(routeOptions.url ?? '')
}
