import { NO_QUERY } from '../../contract/fields.ts'
import { ApprovalPathSchema } from '../../contract/parameters.ts'
import { toOrigin } from '../auth/caller.ts'
import { BODY_PROBLEMS, documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { unexpectedBodyErrors } from '../validation/request-validation.ts'

const path = '/v1/plans/:planId/approvals/:approvalId'

const schema = {
  operationId: 'withdrawApproval',
  tags: ['Plans'],
  summary: 'Withdraw an approval',
  description:
    'By whoever may approve there, not only by the one who gave it: stopping needs no second person. It stays in the list, marked. Withdrawing twice is no error; once a job has the plan it is too late, and the job can be cancelled.',
  params: ApprovalPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses({ 204: { description: 'The approval is withdrawn.' } }, [
    ...BODY_PROBLEMS,
    'URI_TOO_LONG',
    'PLAN_NOT_FOUND',
    'APPROVAL_NOT_FOUND',
    'PLAN_IN_USE',
  ]),
}

export function withdrawApproval(app: App, { approvals }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: unexpectedBodyErrors }
  app.delete(path, { schema, config }, async (request, reply) => {
    const { planId, approvalId } = request.params
    await approvals.withdraw(planId, approvalId, toOrigin(request))
    return reply.code(204).send()
  })
}
