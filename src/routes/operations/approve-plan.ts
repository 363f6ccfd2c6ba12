import { ApprovalRequestSchema, ApprovalSchema } from '../../contract/approval.ts'
import { ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import type { RecordedApproval } from '../../jobs/jobs.ts'
import { EXAMPLE_APPROVAL } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'

export const approvePlan = defineOperation({
  operationId: 'approvePlan',
  method: 'POST',
  path: '/v1/plans/:planId/approvals',
  tag: 'Plans',
  summary: 'Approve a plan for execution',
  description:
    'For a person other than the one who made the plan, and other than the one who will execute it. It holds for this plan alone and ends with it. Approving again while the approval stands is no error. The body may be left out.',
  grant: 'Egress.Approve',
  subject: 'path',
  params: PlanPathSchema,
  body: ref(ApprovalRequestSchema),
  bodyOptional: true,
  examples: {
    changeNumber: { summary: 'An approval with the number of the change', value: { reason: 'CHG-1234' } },
  },
  responses: {
    200: {
      description: "The caller's approval, which stood already.",
      schema: ref(ApprovalSchema),
      example: { approval: EXAMPLE_APPROVAL },
    },
    201: {
      description: 'The approval.',
      schema: ref(ApprovalSchema),
      example: { approval: EXAMPLE_APPROVAL },
      headers: {
        location: { type: 'string', description: 'The path of the approval, to withdraw it.' },
      },
    },
  },
  problems: [
    'PLAN_NOT_FOUND',
    'PLAN_DISCARDED',
    'PLAN_EXPIRED',
    'PLAN_ALREADY_EXECUTED',
    'PLAN_BLOCKED',
    'PLAN_NO_CHANGE',
    'PLAN_STALE',
    'PLAN_FOR_OTHER_AZURE',
    'APPROVAL_NOT_INDEPENDENT',
  ],
  idempotent: true,
  handle: ({ approvals }, { params, body, origin, hook }) =>
    approvals.approve(params.planId, body.reason ?? null, { origin, hook }),
  respond: ({ approval, isNew }: RecordedApproval) => {
    if (!isNew) return { status: 200, body: approval }
    const location = `/v1/plans/${approval.planId}/approvals/${approval.id}`
    return { status: 201, headers: { location }, body: approval }
  },
})
