import { createHash } from 'node:crypto'
import { CampaignSchema } from '../../contract/campaign.ts'
import { ref } from '../../contract/fields.ts'
import {
  CampaignPathSchema,
  IF_NONE_MATCH,
  PREFERENCE_APPLIED,
  preferWait,
} from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import { parsePreferWait, waitForChange } from '../conditional/long-poll.ts'
import { EXAMPLE_CAMPAIGN } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'

interface Answer {
  text: string
  etag: string
  isFinished: boolean
}

const HEADERS = { ...ETAG_HEADERS, ...PREFERENCE_APPLIED }

export const getCampaign = defineOperation({
  operationId: 'getCampaign',
  method: 'GET',
  path: '/v1/campaigns/:campaignId',
  tag: 'Campaigns',
  summary: 'Poll a campaign',
  description:
    'Returns the state of a campaign with the number of members in each status, for all waves and for each wave. Only members that the caller may see are counted. Send the last `ETag` as `If-None-Match` to receive 304 while the response is unchanged. Add `Prefer: wait=30` to receive the response as soon as the campaign changes.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  headers: { ...IF_NONE_MATCH, ...preferWait('campaign', 'A finished campaign is returned immediately.') },
  responses: {
    200: {
      description: 'The campaign.',
      schema: ref(CampaignSchema),
      example: { campaign: EXAMPLE_CAMPAIGN },
      headers: HEADERS,
    },
    304: { ...NOT_MODIFIED, headers: HEADERS },
  },
  problems: ['CAMPAIGN_NOT_FOUND'],
  handle: async ({ campaigns, changes }, { params, request, reply }) => {
    const id = params.campaignId.toLowerCase()
    const read = async (): Promise<Answer> => {
      const campaign = await campaigns.get(id, visibleScope(request).reach)
      const text = JSON.stringify(campaign)
      // Two callers can see different members, so the version is that of the response.
      const etag = toEtag(createHash('sha256').update(text).digest('hex').slice(0, 32))
      return { text, etag, isFinished: campaign.finishedAt !== null }
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
