import type { FastifyRequest } from 'fastify'
import type { Action } from '../../contract/me.ts'
import type { ClusterPattern } from '../../contract/webhook.ts'
import type { Principals } from '../../core/access/access-policy.ts'
import type { Actor, Origin } from '../../core/audit/audit.ts'
import type { Subscriber } from '../../webhooks/webhooks.ts'
import { GRANTS, type Grant } from '../operation.ts'

/** Who calls, as far as it is proven. */
export interface Caller extends Actor {
  /** App roles and delegated scopes that the token grants. */
  grants: ReadonlySet<string>
  /** Object ids of the caller's groups, as far as the token holds them. */
  groups: readonly string[]
  /** The caller is in more groups than a token holds, so `groups` is not all of them. */
  groupsMissing: boolean
  /** Set for a reader without sign-in; the other members are those of the creator of the link. */
  shareLinkId?: string
}

/** Proves who calls from the `Authorization` header; rejects with a `DomainError`. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

/** What the access policy calls the thing that each grant is for. */
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

/** For limits per caller. IDs are those that the token proves, so no caller can use up the limit of another. */
export function callerKey({ caller, ip }: Pick<FastifyRequest, 'ip'> & { caller?: Caller }): string {
  // Readers of a link must not use up the limit of its creator.
  if (caller?.shareLinkId !== undefined) return `share link ${caller.shareLinkId}`
  const isKnown = caller !== undefined && caller !== UNCHECKED_CALLER && caller !== VISITOR
  return isKnown ? `caller ${caller.id}` : `address ${ip}`
}

/** The caller as the access policy compares it. */
export function toPrincipals({ id, kind, appId, groups }: Caller): Principals {
  return { id, appId: kind === 'application' ? appId : null, groups }
}

const MAX_USER_AGENT_LENGTH = 200

/** The name of the AI agent that calls, as its client states it; null if it states none. Grants nothing. */
function agentOf({ headers }: FastifyRequest): string | null {
  const name = headers['x-agent']
  return typeof name === 'string' && /^[\x20-\x7e]{1,100}$/.test(name) ? name : null
}

/** The call as the audit keeps it. */
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

/** Names that were left out are all names. */
export function toClusterPatterns(
  clusters: readonly { subscriptionId: string; resourceGroup?: string; clusterName?: string }[],
): ClusterPattern[] {
  return clusters.map(({ subscriptionId, resourceGroup = '*', clusterName = '*' }) => ({
    subscriptionId,
    resourceGroup,
    clusterName,
  }))
}
