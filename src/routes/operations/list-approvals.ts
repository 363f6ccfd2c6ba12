import { PlanApprovalsSchema } from '../../contract/approval.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/plans/:planId/approvals'

const schema = {
  operationId: 'listApprovals',
  tags: ['Plans'],
  summary: 'How a plan stands with its approvals',
  description:
    'Whether a job on the plan needs the approval of a second person, and every approval so far. The plan itself is immutable and does not hold them. Not paged.',
  params: PlanPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses(
    { 200: { description: 'The approvals.', schema: ref(PlanApprovalsSchema), example: 'approvals' } },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PLAN_NOT_FOUND'],
  ),
}

export function listApprovals(app: App, { approvals }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async ({ params }) =>
    approvals.list(params.planId),
  )
}
