import { type Campaign, CampaignSchema } from '../../contract/campaign.ts'
import { CampaignRequestSchema } from '../../contract/campaign-requests.ts'
import { ref } from '../../contract/fields.ts'
import { executionScope, preparationScope } from '../auth/authorize.ts'
import { EXAMPLE_CAMPAIGN } from '../examples/campaigns.ts'
import { campaignErrors, toCampaignOrder } from '../validation/campaign-rules.ts'
import { defineOperation } from './define-operation.ts'

/** 5,000 IDs of 280 characters. */
const BODY_LIMIT = 1_500_000

const DEMO =
  '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters'
const CAMPAIGN = { campaignId: '$response.body#/id' }

export const createCampaign = defineOperation({
  operationId: 'createCampaign',
  method: 'POST',
  path: '/v1/campaigns',
  tag: 'Campaigns',
  summary: 'Change many clusters in waves',
  description:
    'Creates a campaign and plans every member in the background. Nothing changes in Azure until the campaign is planned and receives the action `start`. Members that share a NAT gateway, a route table or a subnet change in the same wave, one after the other. The caller must be allowed to execute plans on every member.',
  grant: 'Egress.Execute',
  subject: 'list',
  body: ref(CampaignRequestSchema),
  bodyLimit: BODY_LIMIT,
  examples: {
    canary: {
      summary: 'One cluster first, the others an hour later after the release of a gate',
      value: {
        name: 'NAT gateways for all clusters',
        select: { ids: [`${DEMO}/lb-byo-nat-attached`, `${DEMO}/lb-byo-nat-ready`] },
        target: { outboundType: 'userAssignedNATGateway' },
        waves: [
          { name: 'canary', count: 1, soakMinutes: 60 },
          { gate: 'manual', maxConcurrent: 10, maxFailures: 2 },
        ],
        acknowledge: ['EGRESS_IP_LOST'],
        reason: 'CHG-1234',
      },
    },
    byFilter: {
      summary: 'All production clusters behind a load balancer, with a target for each kind of VNet',
      value: {
        name: 'Leave load balancers',
        select: { filter: { outboundType: 'loadBalancer', tag: 'env=production' } },
        targetRules: [
          { where: { vnet: 'managed' }, target: { outboundType: 'managedNATGateway' } },
          { where: { vnet: 'byo' }, target: { outboundType: 'userAssignedNATGateway' } },
        ],
        waves: [{ name: 'canary', where: { tag: 'canary' } }, { share: 20 }, { gate: 'manual' }],
        labels: { change: 'CHG-1234' },
      },
    },
  },
  errorsOf: campaignErrors,
  responses: {
    201: {
      description: 'The campaign. Its members are planned in the background.',
      schema: ref(CampaignSchema),
      example: { campaign: EXAMPLE_CAMPAIGN },
      headers: { location: { type: 'string', description: 'The path of the campaign.' } },
      links: {
        pollCampaign: {
          operationId: 'getCampaign',
          parameters: CAMPAIGN,
          description: 'Returns the current state of the campaign.',
        },
        readPlanning: {
          operationId: 'getCampaignPlanning',
          parameters: CAMPAIGN,
          description: 'Returns the result of planning over all members.',
        },
        startCampaign: {
          operationId: 'actOnCampaign',
          parameters: CAMPAIGN,
          requestBody: { action: 'start' },
          description: 'Starts the first wave of a planned campaign.',
        },
      },
    },
  },
  problems: [
    'PARAMETER_NOT_FOR_TARGET',
    'PARAMETERS_EXCLUDE_EACH_OTHER',
    'PARAMETER_OUT_OF_RANGE',
    'RESOURCE_ID_INVALID',
    'TIME_ZONE_UNKNOWN',
    'CAMPAIGN_SELECTION_EMPTY',
    'CAMPAIGN_SELECTION_TOO_LARGE',
    'CAMPAIGN_WAVES_INVALID',
    'CAMPAIGN_TARGET_UNMATCHED',
    'CAMPAIGN_TARGET_MISSING',
    'CAMPAIGN_TARGET_UNSUPPORTED',
    'CAMPAIGN_MEMBERS_UNKNOWN',
    'CAMPAIGN_MEMBERS_DENIED',
    'CAMPAIGN_MEMBERS_BUSY',
  ],
  idempotent: true,
  handle: ({ campaigns }, { body, by, origin, hook, request }) =>
    campaigns.create(toCampaignOrder(body), {
      by,
      origin,
      hook,
      ...executionScope(request),
      preparationGroups: (cluster) => preparationScope(request, cluster).preparationGroups ?? 'everything',
    }),
  respond: (campaign: Campaign) => ({
    status: 201,
    headers: { location: `/v1/campaigns/${campaign.id}` },
    body: campaign,
  }),
})
