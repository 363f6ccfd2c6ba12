import { answers, BODY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { refuseBody } from '../no-body.ts'
import { ApprovalPathSchema } from '../schemas/approval.ts'
import { NO_QUERY } from '../schemas/plain.ts'

const path = '/v1/plans/:planId/approvals/:approvalId'

const schema = {
  operationId: 'withdrawApproval',
  tags: ['Plans'],
  summary: 'Withdraw an approval',
  description:
    'By whoever may approve there, not only by the one who gave it: stopping needs no second person. It stays in the list, marked. Withdrawing twice is no error; once a job has the plan it is too late, and the job can be cancelled.',
  params: ApprovalPathSchema,
  querystring: NO_QUERY,
  response: answers({ 204: { description: 'The approval is withdrawn.' } }, [
    ...BODY_PROBLEMS,
    'URI_TOO_LONG',
    'PLAN_NOT_FOUND',
    'APPROVAL_NOT_FOUND',
    'PLAN_IN_USE',
  ]),
}

export function withdrawApproval(app: App, { approvals }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: refuseBody }
  app.delete(path, { schema, config }, async (request, reply) => {
    const { planId, approvalId } = request.params
    await approvals.withdraw(planId, approvalId, originOf(request))
    return reply.code(204).send()
  })
}
