import { Type } from 'typebox'
import { CAMPAIGN_STATUSES, CampaignSummarySchema } from '../../contract/campaign.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf, repeatable } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_CAMPAIGN } from '../examples/campaigns.ts'
import { listQueryErrors } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const { limit, cursor } = PAGE_PARAMETERS
const { id, name, status, createdAt, createdBy, finishedAt } = EXAMPLE_CAMPAIGN

export const EXAMPLE_CAMPAIGN_SUMMARY = { id, name, status, createdAt, createdBy, finishedAt }

export const listCampaigns = defineOperation({
  operationId: 'listCampaigns',
  method: 'GET',
  path: '/v1/campaigns',
  tag: 'Campaigns',
  summary: 'List campaigns',
  description: 'Returns the campaigns with at least one member that the caller may see, newest first.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    {
      status: Type.Optional(
        repeatable(enumOf(CAMPAIGN_STATUSES), 'Returns only campaigns with this status.'),
      ),
      label: FILTER_PARAMETERS.label,
      limit,
      cursor,
    },
    { additionalProperties: false },
  ),
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of campaigns.',
      schema: pageOf(ref(CampaignSummarySchema)),
      example: { campaigns: { items: [EXAMPLE_CAMPAIGN_SUMMARY], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID'],
  handle: ({ campaigns }, { query: { status, label, limit = 20, cursor = null }, request }) =>
    campaigns.list({
      ...(status === undefined ? {} : { status }),
      ...(label === undefined ? {} : { labels: [label].flat() }),
      limit,
      cursor,
      ...visibleScope(request),
    }),
})
