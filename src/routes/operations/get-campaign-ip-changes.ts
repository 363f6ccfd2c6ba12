import { CampaignIpChangesSchema } from '../../contract/campaign.ts'
import { ref } from '../../contract/fields.ts'
import { CampaignPathSchema } from '../../contract/parameters.ts'
import { campaignIpChangesCsv } from '../../reports/plan/ip-changes.ts'
import { visibleScope } from '../auth/authorize.ts'
import { negotiateMediaType, notAcceptableProblem, sendText } from '../conditional/content-negotiation.ts'
import { EXAMPLE_CAMPAIGN_IP_CHANGES } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'
import { IP_CHANGES_FORMS } from './get-ip-changes.ts'

export const getCampaignIpChanges = defineOperation({
  operationId: 'getCampaignIpChanges',
  method: 'GET',
  path: '/v1/campaigns/:campaignId/ip-changes',
  tag: 'Campaigns',
  summary: 'Read the merged address changes of a campaign',
  description:
    'Returns every public egress address of the members once, with its change over all members and the required firewall change. For members whose job succeeded, the response contains the actual addresses; for other members, it contains the planned addresses. Only members that the caller has permission to see are merged. The default is JSON. With `Accept: text/csv`, the response is CSV (RFC 4180) for a spreadsheet.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  responses: {
    200: {
      description: 'The merged address changes.',
      schema: ref(CampaignIpChangesSchema),
      example: { campaignIpChanges: EXAMPLE_CAMPAIGN_IP_CHANGES },
      others: { 'text/csv': { campaignIpChangesCsv: campaignIpChangesCsv(EXAMPLE_CAMPAIGN_IP_CHANGES) } },
      headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
    },
  },
  problems: ['CAMPAIGN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async ({ campaigns }, { params, request, reply }) => {
    const form = negotiateMediaType(request, reply, IP_CHANGES_FORMS)
    const changes = await campaigns.ipChanges(params.campaignId, visibleScope(request).reach)
    if (form === null) throw notAcceptableProblem(request, IP_CHANGES_FORMS)
    return form === 'text/csv'
      ? sendText(reply, 'text/csv; charset=utf-8; header=present', campaignIpChangesCsv(changes))
      : reply.send(changes)
  },
})
