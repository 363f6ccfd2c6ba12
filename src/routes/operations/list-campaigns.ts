import { Type } from 'typebox'
import { CAMPAIGN_STATUSES, CampaignSummarySchema } from '../../contract/campaign.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf, repeatable } from '../../contract/parameters.ts'
import { htmlCampaignList } from '../../reports/campaign/campaign-list.ts'
import { visibleScope } from '../auth/authorize.ts'
import { negotiateMediaType, notAcceptableProblem, sendHtml } from '../conditional/content-negotiation.ts'
import { EXAMPLE_CAMPAIGN } from '../examples/campaigns.ts'
import { listQueryErrors, nextPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/html'] as const
const { limit, cursor } = PAGE_PARAMETERS
const { id, name, status, createdAt, createdBy, finishedAt } = EXAMPLE_CAMPAIGN

export const EXAMPLE_CAMPAIGN_SUMMARY = { id, name, status, createdAt, createdBy, finishedAt }

export const listCampaigns = defineOperation({
  operationId: 'listCampaigns',
  method: 'GET',
  path: '/v1/campaigns',
  tag: 'Campaigns',
  summary: 'List campaigns',
  description:
    'Returns the campaigns with at least one member that the caller has permission to see, newest first. With `Accept: text/html`, the response is a page for people.',
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
      others: { 'text/html': { campaignsPage: '<!doctype html>\n<html lang="en">…</html>\n' } },
      headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'NOT_ACCEPTABLE'],
  handle: async (
    { campaigns, azure },
    { query: { status, label, limit = 20, cursor = null }, request, reply },
  ) => {
    const form = negotiateMediaType(request, reply, FORMS)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    const listed = {
      ...(status === undefined ? {} : { status }),
      ...(label === undefined ? {} : { labels: [label].flat() }),
      limit,
      cursor,
      ...visibleScope(request),
    }
    if (form === 'application/json') return campaigns.list(listed)
    const { items, next } = await campaigns.listDetails(listed)
    const nextPath = next === null ? null : nextPage(request.url, next)
    return sendHtml(reply, htmlCampaignList(items, nextPath, azure === 'simulated'))
  },
})
