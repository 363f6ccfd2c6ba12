import type { FastifyRequest } from 'fastify'
import type { Action } from '../../contract/me.ts'
import type { ClusterPattern } from '../../contract/webhook.ts'
import type { Principals } from '../../core/access/access-policy.ts'
import type { Actor, Origin } from '../../core/audit/audit.ts'
import type { Subscriber } from '../../webhooks/webhooks.ts'
import { GRANTS, type Grant } from '../operation.ts'

/** The verified identity of a caller. */
export interface Caller extends Actor {
  /** App roles and delegated scopes that the token grants. */
  grants: ReadonlySet<string>
  /** The object IDs of the groups of the caller that the token contains. */
  groups: readonly string[]
  /** Whether the caller is in more groups than a token can contain, so that `groups` is incomplete. */
  groupsMissing: boolean
  /** Set for a reader with a share link. The other members then describe the creator of the link. */
  shareLinkId?: string
}

/** Verifies the caller from the `Authorization` header; rejects with a `DomainError`. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

/** The action of the access policy for each grant. */
export const ACTION_BY_GRANT: Readonly<Record<Grant, Action>> = {
  'Egress.Read': 'read',
  'Egress.Plan': 'plan',
  'Egress.Execute': 'execute',
  'Egress.Approve': 'approve',
  'Egress.Audit': 'audit',
}

/** The caller of a service without authentication: allowed on loopback with simulated Azure only. */
export const UNCHECKED_CALLER: Caller = {
  id: 'anonymous',
  kind: 'anonymous',
  name: 'anonymous',
  appId: null,
  grants: new Set<Grant>(GRANTS),
  groups: [],
  groupsMissing: false,
}

/** A browser that opens a page without a token. */
export const VISITOR: Caller = {
  ...UNCHECKED_CALLER,
  id: 'visitor',
  name: 'visitor',
  grants: new Set<Grant>(),
}

/** The key for limits per caller. IDs come from the verified token, so no caller can use up the limit of another caller. */
export function callerKey({ caller, ip }: Pick<FastifyRequest, 'ip'> & { caller?: Caller }): string {
  // Readers of a link must not use up the limit of its creator.
  if (caller?.shareLinkId !== undefined) return `share link ${caller.shareLinkId}`
  const isKnown = caller !== undefined && caller !== UNCHECKED_CALLER && caller !== VISITOR
  return isKnown ? `caller ${caller.id}` : `address ${ip}`
}

/** The caller in the form that the access policy compares. */
export function toPrincipals({ id, kind, appId, groups }: Caller): Principals {
  return { id, appId: kind === 'application' ? appId : null, groups }
}

const MAX_USER_AGENT_LENGTH = 200

/** The name of the calling AI agent, as stated by its client; null if it states none. The name grants no permission. */
function agentOf({ headers }: FastifyRequest): string | null {
  const name = headers['x-agent']
  return typeof name === 'string' && /^[\x20-\x7e]{1,100}$/.test(name) ? name : null
}

/** The call in the form of the audit log. */
export function toOrigin(request: FastifyRequest): Origin {
  const { caller, ip, headers, id, routeOptions } = request
  const agent = agentOf(request)
  const userAgent = [agent, headers['user-agent']].filter((name) => name != null).join(' ')
  return {
    // Not set if the token was rejected.
    actor: caller
      ? {
          id: caller.id,
          kind: agent === null ? caller.kind : 'agent',
          name: caller.name,
          appId: caller.appId,
        }
      : null,
    operation: routeOptions.config.operation?.operationId ?? 'unknown',
    address: ip,
    userAgent: userAgent === '' ? null : userAgent.slice(0, MAX_USER_AGENT_LENGTH),
    requestId: id,
  }
}

/** The caller as the owner of webhooks. */
export function toSubscriber({ caller }: FastifyRequest): Subscriber {
  return { name: caller.name, owner: toPrincipals(caller) }
}

/** A missing name matches all names. */
export function toClusterPatterns(
  clusters: readonly { subscriptionId: string; resourceGroup?: string; clusterName?: string }[],
): ClusterPattern[] {
  return clusters.map(({ subscriptionId, resourceGroup = '*', clusterName = '*' }) => ({
    subscriptionId,
    resourceGroup,
    clusterName,
  }))
}
