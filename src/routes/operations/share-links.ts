import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import {
  JobPathSchema,
  JobShareLinkPathSchema,
  PlanPathSchema,
  PlanShareLinkPathSchema,
} from '../../contract/parameters.ts'
import {
  type ShareLink,
  ShareLinkRequestSchema,
  ShareLinkSchema,
  ShareLinkWithSecretSchema,
} from '../../contract/share-link.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { textOrNull } from '../../core/lib/text.ts'
import type { LinkTarget } from '../../database/stores/link-store.ts'
import { absoluteUrl } from '../conditional/long-poll.ts'
import { EXAMPLE_SHARE_LINK, EXAMPLE_SHARE_LINK_WITH_SECRET } from '../examples/share-links.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'

/** What differs between the links of plans and those of jobs. */
const KINDS = {
  plan: {
    name: 'Plan',
    path: '/v1/plans/:planId/share-links',
    onePath: '/v1/plans/:planId/share-links/:shareLinkId',
    tag: 'Plans',
    params: PlanPathSchema,
    oneParams: PlanShareLinkPathSchema,
    missing: 'PLAN_NOT_FOUND',
    opens: 'the plan, its reports, and its IP changes',
  },
  job: {
    name: 'Job',
    path: '/v1/jobs/:jobId/share-links',
    onePath: '/v1/jobs/:jobId/share-links/:shareLinkId',
    tag: 'Jobs',
    params: JobPathSchema,
    oneParams: JobShareLinkPathSchema,
    missing: 'JOB_NOT_FOUND',
    opens: 'the job and its log',
  },
} as const
type Kind = keyof typeof KINDS

/** The plan or job of the path, with the key of its cluster; throws if there is none. */
async function resolveTarget(
  { planning, jobs }: AppDeps,
  params: unknown,
): Promise<{ target: LinkTarget; clusterKey: string }> {
  const { planId, jobId = '' } = params as { planId?: string; jobId?: string }
  const isPlan = planId !== undefined
  const clusterKey = await (isPlan ? planning.clusterKey(planId) : jobs.clusterKey(jobId))
  if (clusterKey === null)
    throw isPlan ? new DomainError('PLAN_NOT_FOUND', { planId }) : new DomainError('JOB_NOT_FOUND', { jobId })
  return { target: isPlan ? { planId } : { jobId }, clusterKey }
}

export const createPlanShareLink = createShareLink('plan')
export const createJobShareLink = createShareLink('job')
export const listPlanShareLinks = listShareLinks('plan')
export const listJobShareLinks = listShareLinks('job')
export const revokePlanShareLink = revokeShareLink('plan')
export const revokeJobShareLink = revokeShareLink('job')

function createShareLink(kind: Kind) {
  const { name, path, tag, params, missing, opens } = KINDS[kind]
  return defineOperation({
    operationId: `create${name}ShareLink`,
    method: 'POST',
    path,
    tag,
    summary: `Create a share link of a ${kind}`,
    description: `Creates a link that opens ${opens} without sign-in, read-only, for a limited time. Everyone who has the link can open it. Programs send the secret as \`Authorization: ShareLink <secret>\`. The service stores only a hash of the secret, and only this response contains it. Therefore the operation accepts no \`Idempotency-Key\`. The link has the access of its creator: it stops working if the access policy no longer allows the creator to read the cluster. The service cannot recheck the app roles and groups of the creator in Microsoft Entra ID. The body is optional.`,
    grant: 'Egress.Read',
    subject: 'path',
    params,
    body: ref(ShareLinkRequestSchema),
    bodyOptional: true,
    examples: {
      eightHours: {
        summary: 'A link for a working day',
        value: { expiresInMinutes: 480, reason: 'CHG-1234' },
      },
    },
    responses: {
      201: {
        description: 'The link, with its secret.',
        schema: ref(ShareLinkWithSecretSchema),
        example: { shareLinkWithSecret: EXAMPLE_SHARE_LINK_WITH_SECRET },
        headers: {
          location: { type: 'string', description: 'The path of the link. Use it to revoke the link.' },
        },
      },
    },
    problems: [missing, 'SHARE_LINK_TOO_LONG', 'SHARE_LINKS_DISABLED', 'SHARE_LINK_LIMIT_REACHED'],
    handle: async (deps, { params: given, body, subscriber: by, origin, request, reply }) => {
      const order = { ...(await resolveTarget(deps, given)), by, origin }
      const { expiresInMinutes } = body
      const wanted = {
        ...(expiresInMinutes === undefined ? {} : { expiresInMinutes }),
        reason: textOrNull(body.reason),
      }
      const { link, secret } = await deps.links.share(order, wanted)
      const url = `${absoluteUrl(request, pagePath(link))}#${secret}`
      const location = `${apiPath(link)}/share-links/${link.id}`
      return reply
        .code(201)
        .headers({ location, 'cache-control': 'no-store' })
        .send({ ...link, url, secret })
    },
  })
}

function listShareLinks(kind: Kind) {
  const { name, path, tag, params, missing } = KINDS[kind]
  return defineOperation({
    operationId: `list${name}ShareLinks`,
    method: 'GET',
    path,
    tag,
    summary: `List the share links of a ${kind}`,
    description:
      'Returns the share links of all callers that have not expired, newest first, without their secrets. Revoked links are included. The list has no pages: there are at most 50.',
    grant: 'Egress.Read',
    subject: 'path',
    params,
    responses: {
      200: {
        description: 'The share links.',
        schema: Type.Object({ items: Type.Array(ref(ShareLinkSchema)) }),
        example: { shareLinks: { items: [EXAMPLE_SHARE_LINK] } },
      },
    },
    problems: [missing],
    handle: async (deps, { params: given }) => {
      const { target } = await resolveTarget(deps, given)
      return { items: await deps.links.list(target) }
    },
  })
}

function revokeShareLink(kind: Kind) {
  const { name, onePath, tag, oneParams, missing } = KINDS[kind]
  return defineOperation({
    operationId: `revoke${name}ShareLink`,
    method: 'DELETE',
    path: onePath,
    tag,
    summary: `Revoke a share link of a ${kind}`,
    description: `Revokes a share link immediately. Every caller with permission to read the ${kind} can revoke it, not only its creator. Revoking a link again is not an error.`,
    grant: 'Egress.Read',
    subject: 'path',
    params: oneParams,
    responses: { 204: { description: 'The link is revoked.' } },
    problems: [missing, 'SHARE_LINK_NOT_FOUND'],
    handle: async (deps, { params: given, subscriber: by, origin, reply }) => {
      const order = { ...(await resolveTarget(deps, given)), by, origin }
      await deps.links.revoke(order, given.shareLinkId)
      return reply.code(204).send()
    },
  })
}

function pagePath({ planId, jobId }: ShareLink): string {
  return planId === null ? `/shared/jobs/${jobId}` : `/shared/plans/${planId}`
}

function apiPath({ planId, jobId }: ShareLink): string {
  return planId === null ? `/v1/jobs/${jobId}` : `/v1/plans/${planId}`
}
