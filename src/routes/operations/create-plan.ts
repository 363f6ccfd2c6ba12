import { AZURE_PROBLEMS, answers, BODY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { PLAN_REQUEST_EXAMPLES } from '../examples/requests.ts'
import { planRequestFaults } from '../plan-request-faults.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'
import { PlanRequestSchema } from '../schemas/plan-request.ts'
import { toPlanRequest } from '../to-plan-request.ts'

const path = '/v1/plans'

const schema = {
  operationId: 'createPlan',
  tags: ['Plans'],
  summary: 'Plan a change of outbound type',
  description:
    'Looks at the cluster and its network, and answers with everything that the change would do or break: findings, changed resources, lost and new addresses, steps, and the way back. Only reads Azure. A change that is not possible is a plan too, with status `blocked` and the reasons.',
  body: ref(PlanRequestSchema),
  querystring: NO_QUERY,
  response: answers(
    {
      201: {
        description: 'The plan, stored. Execute it with POST /v1/jobs.',
        schema: ref(PlanSchema),
        example: 'plan',
        headers: { location: { type: 'string', description: 'The path of the plan.' } },
      },
    },
    [
      ...BODY_PROBLEMS,
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
  bodyExamples: Object.keys(PLAN_REQUEST_EXAMPLES),
  faultsOf: ({ body }: { body: unknown }) => planRequestFaults(body),
}

export function createPlan(app: App, { planning }: AppDeps): void {
  app.post(path, { schema, config }, async (request, reply) => {
    const plan = await planning.makePlan(toPlanRequest(request.body), request.caller.name, originOf(request))
    return reply.code(201).header('location', `${path}/${plan.id}`).send(plan)
  })
}
