import { AZURE_PROBLEMS, answers } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { refuseBody } from '../no-body.ts'
import { JobPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'

const path = '/v1/jobs/:jobId/clean-up-plan'

const schema = {
  operationId: 'createCleanUpPlan',
  tags: ['Jobs'],
  summary: 'Plan the clean-up',
  description:
    'A plan that takes away what the job no longer needs, made from the cluster as it is now: ranges that only the former egress needed, a gateway or default route that shadows the new type; after a change that was taken back, what had been made for it. It is only a plan: execute it with POST /v1/jobs, at once or in a window, when the change has proven itself.',
  params: JobPathSchema,
  querystring: NO_QUERY,
  response: answers(
    {
      201: {
        description: 'The plan, stored.',
        schema: ref(PlanSchema),
        example: 'plan',
        headers: { location: { type: 'string', description: 'The path of the plan.' } },
      },
    },
    [
      'INVALID_REQUEST',
      'URI_TOO_LONG',
      'JOB_NOT_FOUND',
      'CLEAN_UP_NOT_AVAILABLE',
      'CLUSTER_NOT_FOUND',
      'SUBSCRIPTION_NOT_FOUND',
      ...AZURE_PROBLEMS,
    ],
  ),
}

export function createCleanUpPlan(app: App, { planning }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: refuseBody }
  app.post(path, { schema, config }, async (request, reply) => {
    const { jobId } = request.params
    const plan = await planning.makeCleanUpPlan(jobId, request.caller.name, originOf(request))
    return reply.code(201).header('location', `/v1/plans/${plan.id}`).send(plan)
  })
}
