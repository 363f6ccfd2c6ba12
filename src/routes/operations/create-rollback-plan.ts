import { AZURE_PROBLEMS, answers } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { refuseBody } from '../no-body.ts'
import { JobPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'

const path = '/v1/jobs/:jobId/rollback-plan'

const schema = {
  operationId: 'createRollbackPlan',
  tags: ['Jobs'],
  summary: 'Plan the way back',
  description:
    "A plan back to the egress that the job's own plan recorded, made from the cluster as it is now. It is only a plan: read what does not come back, then execute it with POST /v1/jobs.",
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
      'ROLLBACK_NOT_AVAILABLE',
      'CLUSTER_NOT_FOUND',
      'SUBSCRIPTION_NOT_FOUND',
      ...AZURE_PROBLEMS,
    ],
  ),
}

export function createRollbackPlan(app: App, { planning }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: refuseBody }
  app.post(path, { schema, config }, async (request, reply) => {
    const { jobId } = request.params
    const plan = await planning.makeRollbackPlan(jobId, request.caller.name, originOf(request))
    return reply.code(201).header('location', `/v1/plans/${plan.id}`).send(plan)
  })
}
