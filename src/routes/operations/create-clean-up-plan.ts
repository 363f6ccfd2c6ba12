import { NO_QUERY, ref } from '../../contract/fields.ts'
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_REPLAYED,
  JobPathSchema,
  requestHeaders,
} from '../../contract/parameters.ts'
import { PlanSchema } from '../../contract/plan.ts'
import { toOrigin } from '../auth/caller.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import {
  AZURE_PROBLEMS,
  BODY_PROBLEMS,
  documentedResponses,
  KEY_PROBLEMS,
} from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { unexpectedBodyErrors } from '../validation/request-validation.ts'
import { planCreatedResponse } from './create-plan.ts'

const path = '/v1/jobs/:jobId/clean-up-plan'

const schema = {
  operationId: 'createCleanUpPlan',
  tags: ['Jobs'],
  summary: 'Plan the clean-up',
  description:
    'A plan that takes away what the job no longer needs, made from the cluster as it is now: ranges that only the former egress needed, a gateway or default route that shadows the new type; after a change that was taken back or did not come to its end, what had been made for it, default routes included. Where another job has changed the type since, what this one made and nobody uses. What is in use stays, and the plan says by whom. It is only a plan: execute it with POST /v1/jobs, at once or in a window, when the change has proven itself.',
  params: JobPathSchema,
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      201: {
        description: 'The plan, stored.',
        schema: ref(PlanSchema),
        example: 'plan',
        headers: {
          location: { type: 'string', description: 'The path of the plan.' },
          ...IDEMPOTENCY_REPLAYED,
        },
      },
    },
    [
      ...BODY_PROBLEMS,
      ...KEY_PROBLEMS,
      'URI_TOO_LONG',
      'JOB_NOT_FOUND',
      'CLEAN_UP_NOT_AVAILABLE',
      'CLUSTER_NOT_FOUND',
      'SUBSCRIPTION_NOT_FOUND',
      ...AZURE_PROBLEMS,
    ],
  ),
}

export function createCleanUpPlan(app: App, { planning, keys }: AppDeps): void {
  const config = { operation: schema.operationId, idempotent: true, faultsOf: unexpectedBodyErrors }
  app.post(path, { schema, config }, (request, reply) => {
    const { params, caller } = request
    return runIdempotently(
      keys,
      request,
      reply,
      (witness) => planning.makeCleanupPlan(params.jobId, caller.name, toOrigin(request), witness),
      planCreatedResponse,
    )
  })
}
