import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { PlanStatusSchema, PlanSummarySchema } from '../../contract/plan.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_PLAN_SUMMARY } from '../examples/plans.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const listPlans = defineOperation({
  operationId: 'listPlans',
  method: 'GET',
  path: '/v1/plans',
  tag: 'Plans',
  summary: 'List plans',
  description: 'The plans that were made, newest first, in brief.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    { status: Type.Optional(PlanStatusSchema), ...FILTER_PARAMETERS, ...PAGE_PARAMETERS },
    { additionalProperties: false },
  ),
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of plans.',
      schema: pageOf(ref(PlanSummarySchema)),
      example: { plans: { items: [EXAMPLE_PLAN_SUMMARY], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  handle: ({ planning }, { query, request }) =>
    planning.listPlans({
      status: query.status,
      ...toFilters(query),
      ...toPage(query),
      ...visibleScope(request),
    }),
})
