import { AZURE_PROBLEMS, answers, BODY_PROBLEMS, KEY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { refuseBody } from '../no-body.ts'
import { once } from '../once.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, requestHeaders } from '../schemas/headers.ts'
import { JobPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'
import { madePlan } from './create-plan.ts'

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
  response: answers(
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
  const config = { operation: schema.operationId, idempotent: true, faultsOf: refuseBody }
  app.post(path, { schema, config }, (request, reply) => {
    const { params, caller } = request
    return once(
      keys,
      request,
      reply,
      (witness) => planning.makeCleanUpPlan(params.jobId, caller.name, originOf(request), witness),
      madePlan,
    )
  })
}
