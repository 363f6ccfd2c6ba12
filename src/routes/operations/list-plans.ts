import { Type } from 'typebox'
import { APPROVAL_STATUSES } from '../../contract/approval.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf, repeatable } from '../../contract/parameters.ts'
import { type PlanSummary, PlanSummarySchema } from '../../contract/plan.ts'
import { PlanStatusSchema } from '../../contract/plan-status.ts'
import { countPlan } from '../../core/planner/planner.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_PLAN } from '../examples/jobs.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const EXAMPLE_PLAN_SUMMARY: PlanSummary = {
  id: EXAMPLE_PLAN.id,
  status: 'applicable',
  approval: null,
  approvableUntil: null,
  createdAt: '2026-09-01T00:00:00.000Z',
  expiresAt: '2026-09-01T01:00:00.000Z',
  createdBy: 'anonymous',
  cluster: {
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'rg-demo',
    name: 'lb-byo-nat-attached',
  },
  from: 'loadBalancer',
  to: 'userAssignedNATGateway',
  counts: countPlan(EXAMPLE_PLAN),
}

export const listPlans = defineOperation({
  operationId: 'listPlans',
  method: 'GET',
  path: '/v1/plans',
  tag: 'Plans',
  summary: 'List plans',
  description: 'Returns a summary of all plans, newest first.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    {
      status: Type.Optional(repeatable(PlanStatusSchema, 'Returns only plans with this status.')),
      approval: Type.Optional(
        enumOf(APPROVAL_STATUSES, {
          description:
            'Returns only plans with this approval. `pending` returns the plans that wait for an approval.',
        }),
      ),
      ...FILTER_PARAMETERS,
      ...PAGE_PARAMETERS,
    },
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
      ...(query.approval === undefined ? {} : { approval: query.approval }),
      ...toFilters(query),
      ...toPage(query),
      ...visibleScope(request),
    }),
})
