import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ClusterRef } from '../../contract/cluster.ts'
import {
  type AccessPolicy,
  type ClusterScope,
  clusterScopeOf,
  inScope,
  preparationGroupsOf,
  usesGroups,
} from '../../core/access/access-policy.ts'
import { DomainError } from '../../core/lib/errors.ts'
import type { AccessLinks, LinkKind } from '../../database/links/access-links.ts'
import type { LinkTarget } from '../../database/stores/link-store.ts'
import { isDeclaredPublic } from '../operation.ts'
import {
  ACTION_BY_GRANT,
  type Authenticate,
  type Caller,
  toOrigin,
  toPrincipals,
  UNCHECKED_CALLER,
  VISITOR,
} from './caller.ts'
import {
  type ClusterKeys,
  resolveBinding,
  resolveClusterKey,
  resolveSubject,
  type Subject,
} from './operation-access.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
    /** The access policy at the time of the request; null if there is none. */
    policy: AccessPolicy | null
    /** The key of the cluster of the request; null without a policy, and for lists. */
    clusterKey: string | null
  }
}

/**
 * Allows a request whose caller is authenticated and has the permission that the operation requires. Runs before the
 * body is read, so that the service does not parse data from unauthenticated callers.
 */
export function authorize(
  app: FastifyInstance,
  authenticate: Authenticate,
  policy: () => AccessPolicy | null = () => null,
  links?: AccessLinks,
): void {
  app.decorateRequest('caller')
  app.decorateRequest('policy', null)
  app.decorateRequest('clusterKey', null)
  app.addHook('onRequest', async (request: FastifyRequest) => {
    if (isPublic(request)) return
    const grant = request.routeOptions.config.operation?.grant ?? 'nobody'
    request.policy = policy()
    request.caller = (await authenticateLink(request, links)) ?? (await resolveCaller(request, authenticate))
    if (request.caller === VISITOR) return
    if (grant !== 'signedIn' && !request.caller.grants.has(grant))
      throw new DomainError('GRANT_MISSING', { grant })
  })
}

/** A request without a token counts as a visitor if the operation allows visitors and the service requires tokens. */
async function resolveCaller(request: FastifyRequest, authenticate: Authenticate): Promise<Caller> {
  const { authorization } = request.headers
  const allowsVisitors = request.routeOptions.config.operation?.visitors === true
  try {
    return await authenticate(authorization)
  } catch (error) {
    const isMissing = error instanceof DomainError && error.code === 'AUTHENTICATION_REQUIRED'
    if (allowsVisitors && authorization === undefined && isMissing) return VISITOR
    throw error
  }
}

/**
 * Health, documents and unknown routes reveal nothing about clusters, and Swagger UI adds routes without an operation.
 * Every other route must name its operation; otherwise it rejects every call.
 */
function isPublic({ is404, routeOptions }: FastifyRequest): boolean {
  return is404 || isDeclaredPublic(routeOptions.config) || /^\/docs(\/|$)/.test(routeOptions.url ?? '')
}

/**
 * Applies the access policy. A request for a cluster that the caller may not see, or for its plans and jobs, gets the
 * same response as for an unknown ID. Runs after the validation of the request.
 */
export function enforceAccessPolicy(
  app: FastifyInstance,
  stores: { planning: ClusterKeys; jobs: ClusterKeys; probes: ClusterKeys },
): void {
  app.addHook('preHandler', async (request: FastifyRequest) => {
    const grant = request.routeOptions.config.operation?.grant
    if (isPublic(request) || grant === undefined || grant === 'public' || grant === 'signedIn') return
    const binding = resolveBinding(request)
    if (binding === null) throw new DomainError('GRANT_MISSING', { grant: 'nobody' })
    if (binding === 'nothing' || request.policy === null) return
    if (request.caller.groupsMissing && usesGroups(request.policy))
      throw new DomainError('TOKEN_GROUPS_OVERAGE')
    if (binding === 'list') return
    const subject = resolveSubject(request)
    const key = await resolveClusterKey(subject, stores)
    // The module that looks up the resource rejects an unknown id.
    if (key === null) return
    request.clusterKey = key
    if (!inScope(resolveScope(request, 'read'), key)) throw notFoundError(subject)
    const action = ACTION_BY_GRANT[grant]
    if (!inScope(resolveScope(request, action), key))
      throw new DomainError('CLUSTER_ACCESS_DENIED', { action })
  })
}

/** The condition for the query of a list; empty if the caller may see all clusters. */
export function visibleScope(
  request: FastifyRequest,
  action: 'read' | 'audit' = 'read',
): { reach?: ClusterScope } {
  const seen = resolveScope(request, action)
  return seen === 'everything' ? {} : { reach: seen }
}

/**
 * For a plan request: the scopes in which the plan may create resources; empty if there is no restriction. Without a
 * policy, authenticated callers cannot use other resource groups.
 */
export function preparationScope({ policy, caller }: FastifyRequest, cluster: ClusterRef) {
  if (policy === null && caller !== UNCHECKED_CALLER) return { preparationGroups: [] }
  const groups = preparationGroupsOf(policy, toPrincipals(caller), cluster)
  return groups === 'everything' ? {} : { preparationGroups: groups }
}

/**
 * For changes of several clusters: the clusters that the caller may see, and the clusters on which the caller may
 * execute plans.
 */
export function executionScope(request: FastifyRequest): { reach?: ClusterScope; executable: ClusterScope } {
  return { ...visibleScope(request), executable: resolveScope(request, 'execute') }
}

function resolveScope(
  { policy, caller }: FastifyRequest,
  action: Parameters<typeof clusterScopeOf>[2],
): ClusterScope {
  return clusterScopeOf(policy, toPrincipals(caller), action)
}

function notFoundError({ cluster, planId, jobId, probeId }: Subject): DomainError {
  if (planId !== null) return new DomainError('PLAN_NOT_FOUND', { planId })
  if (probeId !== null) return new DomainError('PROBE_NOT_FOUND', { probeId })
  if (jobId !== null) return new DomainError('JOB_NOT_FOUND', { jobId })
  return new DomainError('CLUSTER_NOT_FOUND', { ...cluster })
}

const SHARE_LINK = /^ShareLink\s+(\S+)$/i
const REJECTIONS = { shareLink: 'SHARE_LINK_INVALID', eventTicket: 'EVENT_TICKET_INVALID' } as const

/**
 * The caller behind a share link or an event ticket; null if the request has neither. The caller may only read the
 * plan, job, or campaign of the link. At every request, the access policy is checked for the creator. Every invalid
 * link gets the same response, so that no response shows whether a plan, a job, or a link exists.
 */
export async function authenticateLink(
  request: FastifyRequest,
  links: AccessLinks | undefined,
): Promise<Caller | null> {
  const presented = presentedSecret(request)
  if (presented === null) return null
  const { kind, secret } = presented
  const target = toTarget(request)
  const isRead = ['GET', 'HEAD'].includes(request.method)
  const link = isRead && target !== null ? await links?.open(secret, kind, target, toOrigin(request)) : null
  if (link === null || link === undefined) throw new DomainError(REJECTIONS[kind])
  const { id, appId, groups } = link.owner
  return {
    id,
    kind: appId === null ? 'user' : 'application',
    name: link.createdBy,
    appId,
    grants: new Set(['Egress.Read']),
    groups,
    groupsMissing: false,
    ...(kind === 'shareLink' ? { shareLinkId: link.id } : {}),
  }
}

/**
 * The secret for an operation that links open; every other operation treats it as a missing token. The header takes
 * precedence: a ticket only replaces a header that an EventSource cannot send.
 */
function presentedSecret({ headers, query, routeOptions }: FastifyRequest): {
  kind: LinkKind
  secret: string
} | null {
  const openedBy = routeOptions.config.operation?.openedBy ?? []
  const { authorization } = headers
  if (authorization !== undefined) {
    const secret = SHARE_LINK.exec(authorization)?.[1]
    return secret === undefined || !openedBy.includes('shareLink') ? null : { kind: 'shareLink', secret }
  }
  const { ticket } = query as { ticket?: unknown }
  return ticket === undefined || !openedBy.includes('eventTicket')
    ? null
    : { kind: 'eventTicket', secret: String(ticket) }
}

function toTarget(request: FastifyRequest): LinkTarget | null {
  const { planId, jobId } = resolveSubject(request)
  if (planId !== null) return { planId }
  if (jobId !== null) return { jobId }
  const { campaignId } = request.params as { campaignId?: string }
  return campaignId === undefined ? null : { campaignId }
}
