import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { PlanApprovalsSchema } from '../schemas/approval.ts'
import { PlanPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'

const path = '/v1/plans/:planId/approvals'

const schema = {
  operationId: 'listApprovals',
  tags: ['Plans'],
  summary: 'How a plan stands with its approvals',
  description:
    'Whether a job on the plan needs the approval of a second person, and every approval so far. The plan itself is immutable and does not hold them. Not paged.',
  params: PlanPathSchema,
  querystring: NO_QUERY,
  response: answers(
    { 200: { description: 'The approvals.', schema: ref(PlanApprovalsSchema), example: 'approvals' } },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PLAN_NOT_FOUND'],
  ),
}

export function listApprovals(app: App, { approvals }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async ({ params }) =>
    approvals.list(params.planId),
  )
}
