import { type PlanApprovals, PlanApprovalsSchema } from '../../contract/approval.ts'
import { ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import { EXAMPLE_APPROVAL, EXAMPLE_PLAN } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'

export const EXAMPLE_APPROVALS: PlanApprovals = {
  planId: EXAMPLE_PLAN.id,
  required: true,
  given: true,
  expiresAt: EXAMPLE_PLAN.expiresAt,
  approval: 'approved',
  approvableUntil: EXAMPLE_PLAN.expiresAt,
  items: [EXAMPLE_APPROVAL],
}

export const listApprovals = defineOperation({
  operationId: 'listApprovals',
  method: 'GET',
  path: '/v1/plans/:planId/approvals',
  tag: 'Plans',
  summary: 'List the approvals of a plan',
  description:
    'Returns whether executing the plan requires the approval of a second person, and all approvals. The plan itself contains only the result, `approval`. The list has no pages.',
  grant: 'Egress.Read',
  subject: 'path',
  params: PlanPathSchema,
  responses: {
    200: {
      description: 'The approvals.',
      schema: ref(PlanApprovalsSchema),
      example: { approvals: EXAMPLE_APPROVALS },
    },
  },
  problems: ['PLAN_NOT_FOUND'],
  handle: ({ approvals }, { params }) => approvals.list(params.planId),
})
