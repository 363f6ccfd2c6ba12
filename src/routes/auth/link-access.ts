import type { FastifyRequest } from 'fastify'
import { DomainError } from '../../core/lib/errors.ts'
import type { AccessLinks, LinkKind } from '../../database/links/access-links.ts'
import type { LinkTarget } from '../../database/stores/link-store.ts'
import { type Caller, toOrigin } from './caller.ts'
import { resolveSubject } from './operation-access.ts'

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
