import { CampaignPlanningSchema } from '../../contract/campaign.ts'
import { ref } from '../../contract/fields.ts'
import { CampaignPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_CAMPAIGN_PLANNING } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'

export const getCampaignPlanning = defineOperation({
  operationId: 'getCampaignPlanning',
  method: 'GET',
  path: '/v1/campaigns/:campaignId/planning',
  tag: 'Campaigns',
  summary: 'Read the result of planning over all members',
  description:
    'Merges the present plans of the members: verdicts, blockers, missing permissions, address changes, one list of edits for each allow list, the public IP quota at the peak, and the estimated duration. Only members that the caller may see are merged. While the campaign is being planned, the result covers the members planned so far.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  responses: {
    200: {
      description: 'The result of planning.',
      schema: ref(CampaignPlanningSchema),
      example: { planning: EXAMPLE_CAMPAIGN_PLANNING },
    },
  },
  problems: ['CAMPAIGN_NOT_FOUND'],
  handle: ({ campaigns }, { params, request }) =>
    campaigns.planning(params.campaignId, visibleScope(request).reach),
})
