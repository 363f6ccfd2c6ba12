import type { FastifyRequest } from 'fastify'
import type { Origin } from '../../core/audit/audit.ts'

const LONGEST_AGENT = 200

/** The call as the audit keeps it. */
export function originOf(request: FastifyRequest): Origin {
  const { caller, ip, headers, id, routeOptions } = request
  return {
    // Not there yet when the token was refused.
    actor: caller ? { id: caller.id, kind: caller.kind, name: caller.name, appId: caller.appId } : null,
    operation: routeOptions.config.operation ?? 'unknown',
    address: ip,
    userAgent: headers['user-agent']?.slice(0, LONGEST_AGENT) ?? null,
    requestId: id,
  }
}
