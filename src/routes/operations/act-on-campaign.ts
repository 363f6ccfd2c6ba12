import { type Campaign, CampaignSchema } from '../../contract/campaign.ts'
import { CampaignActionRequestSchema } from '../../contract/campaign-requests.ts'
import { ref } from '../../contract/fields.ts'
import { CampaignPathSchema } from '../../contract/parameters.ts'
import { executionScope } from '../auth/authorize.ts'
import { EXAMPLE_CAMPAIGN, EXAMPLE_MEMBER } from '../examples/campaigns.ts'
import { campaignActionErrors } from '../validation/campaign-rules.ts'
import { defineOperation } from './define-operation.ts'

export const actOnCampaign = defineOperation({
  operationId: 'actOnCampaign',
  method: 'POST',
  path: '/v1/campaigns/:campaignId/actions',
  tag: 'Campaigns',
  summary: 'Start, pause, resume or cancel a campaign, release a gate or held jobs, or decide about members',
  description:
    'Applies an action to the campaign or to some members. Actions on the campaign do not stop a member that is changing; `cancel` with `members` cancels the jobs of these members before their next step. After a pause or a cancellation is accepted, no further job of the campaign starts. Repeating an action is not an error: the response is 200, and `effect` states whether the action changed anything. An action that the status of the campaign or of a member does not allow is rejected with 409 `CAMPAIGN_ACTION_NOT_POSSIBLE`. Send the `ETag` of the campaign as `If-Match` to act only on the state that you have read. The caller must be allowed to execute plans on every member. If the access policy requires approvals for a cluster of a wave, the creator of the campaign cannot release the gate of this wave.',
  grant: 'Egress.Execute',
  subject: 'list',
  params: CampaignPathSchema,
  body: ref(CampaignActionRequestSchema),
  examples: {
    start: { summary: 'Start the first wave', value: { action: 'start', reason: 'CHG-1234' } },
    releaseGate: { summary: 'Release the gate of wave 2', value: { action: 'releaseGate', wave: 2 } },
    release: {
      summary: 'Release all held jobs of wave 2',
      value: { action: 'release', membersWhere: { wave: 2 } },
    },
    skip: {
      summary: 'Leave a member out; replace the ID with the ID of a member',
      value: { action: 'skip', members: [EXAMPLE_MEMBER.id] },
    },
  },
  errorsOf: campaignActionErrors,
  responses: {
    200: {
      description: 'The campaign after the action, with the effect of the action in `effect`.',
      schema: ref(CampaignSchema),
      example: {
        campaign: {
          ...EXAMPLE_CAMPAIGN,
          effect: {
            action: 'start',
            changed: false,
            changedMembers: 0,
            message: 'The campaign has already started.',
          },
        },
      },
    },
  },
  problems: [
    'PARAMETERS_EXCLUDE_EACH_OTHER',
    'PARAMETER_OUT_OF_RANGE',
    'CAMPAIGN_NOT_FOUND',
    'CAMPAIGN_MEMBERS_DENIED',
    'CAMPAIGN_GATE_NOT_INDEPENDENT',
    'CAMPAIGN_ACTION_NOT_POSSIBLE',
    'ACKNOWLEDGEMENT_MISSING',
  ],
  ifMatch: 'the campaign',
  idempotent: true,
  handle: ({ campaigns }, { params, body, by, origin, hook, precondition, request }) =>
    campaigns.act(params.campaignId, body, { by, origin, hook, precondition, ...executionScope(request) }),
  respond: (campaign: Campaign) => ({ status: 200, body: campaign }),
})
