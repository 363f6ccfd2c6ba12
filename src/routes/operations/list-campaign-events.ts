import { Type } from 'typebox'
import { CampaignEventSchema } from '../../contract/campaign.ts'
import { nullable, ref } from '../../contract/fields.ts'
import { CampaignPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_CAMPAIGN_EVENT } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'

export const listCampaignEvents = defineOperation({
  operationId: 'listCampaignEvents',
  method: 'GET',
  path: '/v1/campaigns/:campaignId/events',
  tag: 'Campaigns',
  summary: 'Read the log of a campaign',
  description:
    'Returns the append-only log of a campaign, oldest first. To read further entries, send the last `sequence` as `after`. The log contains no names of clusters; `memberId` refers to the list of members.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  query: Type.Object(
    {
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2_147_483_647,
          default: 0,
          description: 'Returns only entries with a greater sequence.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: 100,
          description: 'The number of entries per page. Default: 100.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  responses: {
    200: {
      description: 'A page of entries.',
      schema: Type.Object({
        items: Type.Array(ref(CampaignEventSchema)),
        next: nullable(Type.Integer(), {
          description: 'The `after` of the next page. Null if the log has no more entries now.',
        }),
      }),
      example: { campaignLog: { items: [EXAMPLE_CAMPAIGN_EVENT], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CAMPAIGN_NOT_FOUND'],
  handle: async ({ campaigns }, { params, query: { after = 0, limit = 100 }, request }) => {
    const reach = visibleScope(request).reach
    const entries = await campaigns.log(params.campaignId, after, limit + 1, reach)
    const items = entries.slice(0, limit)
    return { items, next: entries.length > limit ? (items.at(-1)?.sequence ?? null) : null }
  },
})
