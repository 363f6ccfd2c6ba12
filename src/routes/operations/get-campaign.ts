import { createHash } from 'node:crypto'
import { CampaignSchema } from '../../contract/campaign.ts'
import { ref } from '../../contract/fields.ts'
import { CampaignPathSchema, IF_NONE_MATCH } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { ETAG_HEADERS, matchesIfNoneMatch, NOT_MODIFIED, toEtag, withEtag } from '../conditional/etag.ts'
import { EXAMPLE_CAMPAIGN } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'

export const getCampaign = defineOperation({
  operationId: 'getCampaign',
  method: 'GET',
  path: '/v1/campaigns/:campaignId',
  tag: 'Campaigns',
  summary: 'Poll a campaign',
  description:
    'Returns the state of a campaign with the number of members in each status, for all waves and for each wave. Only members that the caller may see are counted. Send the last `ETag` as `If-None-Match` to receive 304 while the response is unchanged.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  headers: IF_NONE_MATCH,
  responses: {
    200: {
      description: 'The campaign.',
      schema: ref(CampaignSchema),
      example: { campaign: EXAMPLE_CAMPAIGN },
      headers: ETAG_HEADERS,
    },
    304: NOT_MODIFIED,
  },
  problems: ['CAMPAIGN_NOT_FOUND'],
  handle: async ({ campaigns }, { params, request, reply }) => {
    const text = JSON.stringify(await campaigns.get(params.campaignId, visibleScope(request).reach))
    // Two callers can see different members, so the version is that of the response.
    const etag = toEtag(createHash('sha256').update(text).digest('hex').slice(0, 32))
    withEtag(reply, etag)
    if (matchesIfNoneMatch(request, etag)) return reply.code(304).send()
    return reply.type('application/json; charset=utf-8').send(text)
  },
})
