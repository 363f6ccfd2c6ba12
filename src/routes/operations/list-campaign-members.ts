import { Type } from 'typebox'
import { CampaignMemberSchema } from '../../contract/campaign.ts'
import { MAX_WAVES, MEMBER_STATUSES, waitsForCode } from '../../contract/campaign-requests.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { CampaignPathSchema, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_MEMBER } from '../examples/campaigns.ts'
import { listQueryErrors } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const { limit, cursor } = PAGE_PARAMETERS

export const listCampaignMembers = defineOperation({
  operationId: 'listCampaignMembers',
  method: 'GET',
  path: '/v1/campaigns/:campaignId/members',
  tag: 'Campaigns',
  summary: 'List the members of a campaign',
  description:
    'Returns the members that the caller has permission to see, in the order of the selection, with their plans and jobs and what they wait for.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  query: Type.Object(
    {
      status: Type.Optional(
        enumOf(MEMBER_STATUSES, { description: 'Returns only members with this status.' }),
      ),
      wave: Type.Optional(
        Type.Integer({ minimum: 1, maximum: MAX_WAVES, description: 'Returns only members of this wave.' }),
      ),
      waitsFor: Type.Optional(waitsForCode('Returns only members with this `waitsFor.code`.')),
      limit,
      cursor,
    },
    { additionalProperties: false },
  ),
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of members.',
      schema: pageOf(ref(CampaignMemberSchema)),
      example: { members: { items: [EXAMPLE_MEMBER], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'CAMPAIGN_NOT_FOUND'],
  handle: (
    { campaigns },
    { params, query: { status, wave, waitsFor, limit = 20, cursor = null }, request },
  ) =>
    campaigns.listMembers({
      campaignId: params.campaignId.toLowerCase(),
      ...(status === undefined ? {} : { status }),
      ...(wave === undefined ? {} : { wave: wave - 1 }),
      ...(waitsFor === undefined ? {} : { waitsFor }),
      limit,
      cursor,
      ...visibleScope(request),
    }),
})
