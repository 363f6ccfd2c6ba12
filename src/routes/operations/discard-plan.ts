import { answers, BODY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { preconditionOf } from '../if-match.ts'
import { refuseBody } from '../no-body.ts'
import { ifMatch, requestHeaders } from '../schemas/headers.ts'
import { PlanPathSchema } from '../schemas/names.ts'
import { NO_QUERY } from '../schemas/plain.ts'

const path = '/v1/plans/:planId'

const schema = {
  operationId: 'discardPlan',
  tags: ['Plans'],
  summary: 'Discard a plan',
  description:
    'So that nobody executes it any more. The plan stays readable. Discarding twice is no error; a plan that a job executes or has executed is kept.',
  params: PlanPathSchema,
  headers: requestHeaders(ifMatch('the plan')),
  querystring: NO_QUERY,
  response: answers({ 204: { description: 'The plan is discarded.' } }, [
    ...BODY_PROBLEMS,
    'URI_TOO_LONG',
    'PLAN_NOT_FOUND',
    'PLAN_IN_USE',
    'PRECONDITION_FAILED',
  ]),
}

export function discardPlan(app: App, { planning }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: refuseBody }
  app.delete(path, { schema, config }, async (request, reply) => {
    await planning.discardPlan(request.params.planId, originOf(request), preconditionOf(request))
    return reply.code(204).send()
  })
}
