import { ApprovalPathSchema } from '../../contract/parameters.ts'
import { defineOperation } from './define-operation.ts'

export const withdrawApproval = defineOperation({
  operationId: 'withdrawApproval',
  method: 'DELETE',
  path: '/v1/plans/:planId/approvals/:approvalId',
  tag: 'Plans',
  summary: 'Withdraw an approval',
  description:
    'By whoever may approve there, not only by the one who gave it: stopping needs no second person. It stays in the list, marked. Withdrawing twice is no error; once a job has the plan it is too late, and the job can be cancelled.',
  grant: 'Egress.Approve',
  subject: 'path',
  params: ApprovalPathSchema,
  responses: { 204: { description: 'The approval is withdrawn.' } },
  problems: ['PLAN_NOT_FOUND', 'APPROVAL_NOT_FOUND', 'PLAN_IN_USE'],
  handle: async ({ approvals }, { params: { planId, approvalId }, origin, reply }) => {
    await approvals.withdraw(planId, approvalId, origin)
    return reply.code(204).send()
  },
})
