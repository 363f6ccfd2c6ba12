import { ApprovalRequestSchema, ApprovalSchema } from '../../contract/approval.ts'
import { ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import { textOrNull } from '../../core/lib/text.ts'
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
    'The approver must not be the creator of the plan, and must not be the person who executes it. The approval applies only to this plan and expires with it. A plan that requires an approval can be approved until its `approvableUntil`. Approving a plan again is not an error. The body is optional.',
  grant: 'Egress.Approve',
  subject: 'path',
  params: PlanPathSchema,
  body: ref(ApprovalRequestSchema),
  bodyOptional: true,
  examples: {
    changeNumber: { summary: 'An approval with a change number', value: { reason: 'CHG-1234' } },
  },
  responses: {
    200: {
      description: 'The existing approval of the caller.',
      schema: ref(ApprovalSchema),
      example: { approval: EXAMPLE_APPROVAL },
    },
    201: {
      description: 'The new approval.',
      schema: ref(ApprovalSchema),
      example: { approval: EXAMPLE_APPROVAL },
      headers: {
        location: {
          type: 'string',
          description: 'The path of the approval. Use it to withdraw the approval.',
        },
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
    'APPROVAL_WINDOW_CLOSED',
  ],
  idempotent: true,
  handle: ({ approvals }, { params, body, origin, hook }) =>
    approvals.approve(params.planId, textOrNull(body.reason), { origin, hook }),
  respond: ({ approval, isNew }: RecordedApproval) => {
    if (!isNew) return { status: 200, body: approval }
    const location = `/v1/plans/${approval.planId}/approvals/${approval.id}`
    return { status: 201, headers: { location }, body: approval }
  },
})
