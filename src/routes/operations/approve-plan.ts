import { ApprovalRequestSchema, ApprovalSchema } from '../../contract/approval.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_REPLAYED,
  PlanPathSchema,
  requestHeaders,
} from '../../contract/parameters.ts'
import type { RecordedApproval } from '../../jobs/jobs.ts'
import { toOrigin } from '../auth/caller.ts'
import { APPROVAL_REQUEST_EXAMPLES } from '../examples/jobs.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import { BODY_PROBLEMS, documentedResponses, KEY_PROBLEMS } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/plans/:planId/approvals'

const schema = {
  operationId: 'approvePlan',
  tags: ['Plans'],
  summary: 'Approve a plan for execution',
  description:
    'For a person other than the one who made the plan, and other than the one who will execute it. It holds for this plan alone and ends with it. Approving again while the approval stands is no error. The body may be left out.',
  params: PlanPathSchema,
  body: ref(ApprovalRequestSchema),
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      200: {
        description: "The caller's approval, which stood already.",
        schema: ref(ApprovalSchema),
        example: 'approval',
        headers: IDEMPOTENCY_REPLAYED,
      },
      201: {
        description: 'The approval.',
        schema: ref(ApprovalSchema),
        example: 'approval',
        headers: {
          location: { type: 'string', description: 'The path of the approval, to withdraw it.' },
          ...IDEMPOTENCY_REPLAYED,
        },
      },
    },
    [
      ...BODY_PROBLEMS,
      ...KEY_PROBLEMS,
      'URI_TOO_LONG',
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
  ),
}

const config = {
  operation: schema.operationId,
  bodyOptional: true,
  idempotent: true,
  bodyExamples: Object.keys(APPROVAL_REQUEST_EXAMPLES),
}

export function approvePlan(app: App, { approvals, keys }: AppDeps): void {
  app.post(path, { schema, config }, (request, reply) => {
    const { params, body } = request
    return runIdempotently<RecordedApproval>(
      keys,
      request,
      reply,
      (hook) => approvals.approve(params.planId, body.reason ?? null, { origin: toOrigin(request), hook }),
      ({ approval, isNew }) => {
        const location = `/v1/plans/${approval.planId}/approvals/${approval.id}`
        const headers: Record<string, string> = isNew ? { location } : {}
        return { status: isNew ? 201 : 200, headers, body: approval }
      },
    )
  })
}
