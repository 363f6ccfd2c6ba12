import type { FastifyReply, FastifyRequest } from 'fastify'
import { campaignVersion } from '../../campaigns/campaigns.ts'
import { CampaignSchema } from '../../contract/campaign.ts'
import { MEMBER_STATUSES } from '../../contract/campaign-requests.ts'
import { ref } from '../../contract/fields.ts'
import {
  CampaignPathSchema,
  IF_NONE_MATCH,
  PREFERENCE_APPLIED,
  preferWait,
} from '../../contract/parameters.ts'
import { htmlCampaignPage } from '../../reports/campaign/campaign-page.ts'
import { visibleScope } from '../auth/authorize.ts'
import { negotiateMediaType, notAcceptableProblem } from '../conditional/content-negotiation.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import { LIVE_SCRIPT, sendLivePage } from '../conditional/live-page.ts'
import { parsePreferWait, waitForChange } from '../conditional/long-poll.ts'
import { EXAMPLE_CAMPAIGN } from '../examples/campaigns.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'

interface Answer {
  text: string
  etag: string
  isFinished: boolean
}

const FORMS = ['application/json', 'text/html'] as const

const HEADERS = {
  ...ETAG_HEADERS,
  ...PREFERENCE_APPLIED,
  vary: { type: 'string', description: '`Accept`: the format depends on this header.' },
}

/** The members of each status that the page shows; a link leads to the others. */
const MEMBER_ROWS = 50

export const getCampaign = defineOperation({
  operationId: 'getCampaign',
  method: 'GET',
  path: '/v1/campaigns/:campaignId',
  tag: 'Campaigns',
  summary: 'Poll a campaign',
  description:
    'Returns the state of a campaign with the number of members in each status, for all waves and for each wave. Only members that the caller has permission to see are counted. Send the last `ETag` as `If-None-Match` to receive 304 while the response is unchanged. Add `Prefer: wait=30` to receive the response as soon as the campaign changes. With `Accept: text/html`, the response is a page with waves, members, decisions and address changes. It refreshes itself.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  headers: { ...IF_NONE_MATCH, ...preferWait('campaign', 'A finished campaign is returned immediately.') },
  responses: {
    200: {
      description: 'The campaign.',
      schema: ref(CampaignSchema),
      example: { campaign: EXAMPLE_CAMPAIGN },
      others: { 'text/html': { campaignPage: '<!doctype html>\n<html lang="en">…</html>\n' } },
      headers: HEADERS,
    },
    304: { ...NOT_MODIFIED, headers: HEADERS },
  },
  problems: ['CAMPAIGN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async (deps, { params, request, reply }) => {
    const { campaigns, changes } = deps
    const id = params.campaignId.toLowerCase()
    const form = negotiateMediaType(request, reply, FORMS)
    if (form === 'text/html') return sendPage(deps, request, reply, id)
    const read = async (): Promise<Answer> => {
      const campaign = await campaigns.get(id, visibleScope(request).reach)
      const text = JSON.stringify(campaign)
      const etag = toEtag(campaignVersion(campaign))
      return { text, etag, isFinished: campaign.finishedAt !== null }
    }
    if (form === null) {
      await read()
      throw notAcceptableProblem(request, FORMS)
    }
    const seconds = parsePreferWait(request.headers.prefer)
    const isNews = (now: Answer, first: Answer) =>
      now.isFinished ||
      (hasIfNoneMatch(request) ? !matchesIfNoneMatch(request, now.etag) : now.etag !== first.etag)
    const poll =
      seconds === null
        ? { waited: false, news: null }
        : await waitForChange(request, reply, { id, seconds, changes, read, isNews })
    if (poll.waited) reply.header('preference-applied', `wait=${seconds}`)
    const { text, etag } = poll.news ?? (await read())
    withEtag(reply, etag)
    if (matchesIfNoneMatch(request, etag)) return reply.code(304).send()
    return reply.type('application/json; charset=utf-8').send(text)
  },
})

async function sendPage(
  { campaigns, azure }: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  campaignId: string,
): Promise<FastifyReply> {
  const scope = visibleScope(request)
  const campaign = await campaigns.get(campaignId, scope.reach)
  const present = MEMBER_STATUSES.filter((status) => campaign.members[status] > 0)
  const [planning, ...members] = await Promise.all([
    campaigns.planning(campaignId, scope.reach),
    ...present.map(async (status) => {
      const query = { campaignId, status, limit: MEMBER_ROWS, cursor: null, ...scope }
      const { items, next } = await campaigns.listMembers(query)
      return { status, items, hasMore: next !== null }
    }),
  ])
  const isSimulated = azure === 'simulated'
  const data = { campaign, planning, members, isSimulated, asOf: new Date().toISOString() }
  return sendLivePage(reply, htmlCampaignPage(data, LIVE_SCRIPT))
}
