import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { PlanPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'

const path = '/v1/plans/:planId'

const schema = {
  operationId: 'getPlan',
  tags: ['Plans'],
  summary: 'Read a plan',
  description: 'The plan as it was made; only its status tells what has become of it since.',
  params: PlanPathSchema,
  querystring: NO_QUERY,
  response: answers({ 200: { description: 'The plan.', schema: ref(PlanSchema), example: 'plan' } }, [
    'INVALID_REQUEST',
    'URI_TOO_LONG',
    'PLAN_NOT_FOUND',
  ]),
}

export function getPlan(app: App, { planning }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async ({ params }, reply) => {
    const text = await planning.getPlanText(params.planId)
    return reply.type('application/json; charset=utf-8').send(text)
  })
}
