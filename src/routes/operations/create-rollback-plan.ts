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

const path = '/v1/jobs/:jobId/rollback-plan'

const schema = {
  operationId: 'createRollbackPlan',
  tags: ['Jobs'],
  summary: 'Plan the way back',
  description:
    "A plan back to the egress that the job's own plan recorded, made from the cluster as it is now. It is only a plan: read what does not come back, then execute it with POST /v1/jobs.",
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
      'ROLLBACK_NOT_AVAILABLE',
      'CLUSTER_NOT_FOUND',
      'SUBSCRIPTION_NOT_FOUND',
      ...AZURE_PROBLEMS,
    ],
  ),
}

export function createRollbackPlan(app: App, { planning, keys }: AppDeps): void {
  const config = { operation: schema.operationId, idempotent: true, faultsOf: unexpectedBodyErrors }
  app.post(path, { schema, config }, (request, reply) => {
    const { params, caller } = request
    return runIdempotently(
      keys,
      request,
      reply,
      (witness) => planning.makeRollbackPlan(params.jobId, caller.name, toOrigin(request), witness),
      planCreatedResponse,
    )
  })
}
