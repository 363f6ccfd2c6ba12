import { NO_QUERY, ref } from '../../contract/fields.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, requestHeaders } from '../../contract/parameters.ts'
import type { Plan } from '../../contract/plan.ts'
import { PlanSchema } from '../../contract/plan.ts'
import { PlanRequestSchema } from '../../contract/plan-request.ts'
import { toOrigin } from '../auth/caller.ts'
import { PLAN_REQUEST_EXAMPLES } from '../examples/plans.ts'
import { runIdempotently, type SuccessResponse } from '../idempotency/idempotent-handler.ts'
import {
  AZURE_PROBLEMS,
  BODY_PROBLEMS,
  documentedResponses,
  KEY_PROBLEMS,
} from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { planRequestErrors, toPlanRequest } from '../validation/plan-request.ts'

const path = '/v1/plans'

const schema = {
  operationId: 'createPlan',
  tags: ['Plans'],
  summary: 'Plan a change of outbound type',
  description:
    'Looks at the cluster and its network, and answers with everything that the change would do or break: findings, changed resources, lost and new addresses, steps, and the way back. Only reads Azure. A change that is not possible is a plan too, with status `blocked` and the reasons.',
  body: ref(PlanRequestSchema),
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      201: {
        description: 'The plan, stored. Execute it with POST /v1/jobs.',
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
      'PARAMETER_NOT_FOR_TARGET',
      'PARAMETERS_EXCLUDE_EACH_OTHER',
      'PARAMETER_OUT_OF_RANGE',
      'RESOURCE_ID_INVALID',
      'CLUSTER_NOT_FOUND',
      'SUBSCRIPTION_NOT_FOUND',
      ...AZURE_PROBLEMS,
    ],
  ),
}

const config = {
  operation: schema.operationId,
  idempotent: true,
  bodyExamples: Object.keys(PLAN_REQUEST_EXAMPLES),
  faultsOf: ({ body }: { body: unknown }) => planRequestErrors(body),
}

export function createPlan(app: App, { planning, keys }: AppDeps): void {
  app.post(path, { schema, config }, (request, reply) => {
    const { body, caller } = request
    return runIdempotently(
      keys,
      request,
      reply,
      (witness) => planning.makePlan(toPlanRequest(body), caller.name, toOrigin(request), witness),
      planCreatedResponse,
    )
  })
}

/** The answer to whoever had a plan made. */
export function planCreatedResponse(plan: Plan): SuccessResponse {
  return { status: 201, headers: { location: `${path}/${plan.id}` }, body: plan }
}
