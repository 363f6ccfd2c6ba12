import { CampaignPlanningSchema } from '../../contract/campaign-planning.ts'
import { ref } from '../../contract/fields.ts'
import { CampaignPathSchema } from '../../contract/parameters.ts'
import { htmlCampaignReport, markdownCampaignReport } from '../../reports/campaign/campaign-report.ts'
import { visibleScope } from '../auth/authorize.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  sendHtml,
  sendText,
} from '../conditional/content-negotiation.ts'
import { EXAMPLE_CAMPAIGN, EXAMPLE_CAMPAIGN_PLANNING, EXAMPLE_MEMBER } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const
/** A ticket shows only the first members; a link leads to the others. */
const REPORTED_MEMBERS = 500

export const getCampaignPlanning = defineOperation({
  operationId: 'getCampaignPlanning',
  method: 'GET',
  path: '/v1/campaigns/:campaignId/planning',
  tag: 'Campaigns',
  summary: 'Read the result of planning over all members',
  description:
    'Merges the current plans of the members: verdicts, blockers, missing permissions, address changes, one list of edits for each allow list, the public IP quota at the peak, and the estimated duration. Only members that the caller has permission to see are merged. While the campaign is being planned, the result covers the members planned so far. The default is JSON. With `Accept: text/markdown` or `text/html`, the response is a report for people, which also shows the waves and the members.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  responses: {
    200: {
      description: 'The result of planning.',
      schema: ref(CampaignPlanningSchema),
      example: { planning: EXAMPLE_CAMPAIGN_PLANNING },
      others: {
        'text/markdown': {
          campaignMarkdown: markdownCampaignReport({
            campaign: EXAMPLE_CAMPAIGN,
            planning: EXAMPLE_CAMPAIGN_PLANNING,
            members: [EXAMPLE_MEMBER],
            isSimulated: true,
          }),
        },
        'text/html': { campaignHtml: '<!doctype html>\n<html lang="en">…</html>\n' },
      },
      headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
    },
  },
  problems: ['CAMPAIGN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async ({ campaigns, azure }, { params: { campaignId }, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    const scope = visibleScope(request)
    const { reach } = scope
    const planning = await campaigns.planning(campaignId, reach)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    if (form === 'application/json') return reply.send(planning)
    const campaign = await campaigns.get(campaignId, reach)
    const query = { campaignId, limit: REPORTED_MEMBERS, cursor: null, ...scope }
    const { items: members } = await campaigns.listMembers(query)
    const data = { campaign, planning, members, isSimulated: azure === 'simulated' }
    return form === 'text/html'
      ? sendHtml(reply, htmlCampaignReport(data))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownCampaignReport(data))
  },
})
