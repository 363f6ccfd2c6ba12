import { ApprovalPathSchema } from '../../contract/parameters.ts'
import { defineOperation } from './define-operation.ts'

export const withdrawApproval = defineOperation({
  operationId: 'withdrawApproval',
  method: 'DELETE',
  path: '/v1/plans/:planId/approvals/:approvalId',
  tag: 'Plans',
  summary: 'Withdraw an approval',
  description:
    'Withdraws an approval. Every caller with permission to approve plans on this cluster can withdraw it, not only the approver. The approval stays in the list, marked as withdrawn. Withdrawing an approval again is not an error. If a job executes the plan, requires an approval, and has no other approval, the withdrawal cancels the job: the job stops before its cutover. Once the cutover has begun, or the job has ended, the approval can no longer be withdrawn.',
  grant: 'Egress.Approve',
  subject: 'path',
  params: ApprovalPathSchema,
  responses: { 204: { description: 'The approval was withdrawn.' } },
  problems: ['PLAN_NOT_FOUND', 'APPROVAL_NOT_FOUND', 'PLAN_IN_USE'],
  handle: async ({ approvals }, { params: { planId, approvalId }, origin, reply }) => {
    await approvals.withdraw(planId, approvalId, origin)
    return reply.code(204).send()
  },
})
