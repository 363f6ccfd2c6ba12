import { NO_QUERY } from '../../contract/fields.ts'
import { ifMatch, PlanPathSchema, requestHeaders } from '../../contract/parameters.ts'
import { toOrigin } from '../auth/caller.ts'
import { toPrecondition } from '../conditional/etag.ts'
import { BODY_PROBLEMS, documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { unexpectedBodyErrors } from '../validation/request-validation.ts'

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
  response: documentedResponses({ 204: { description: 'The plan is discarded.' } }, [
    ...BODY_PROBLEMS,
    'URI_TOO_LONG',
    'PLAN_NOT_FOUND',
    'PLAN_IN_USE',
    'PRECONDITION_FAILED',
  ]),
}

export function discardPlan(app: App, { planning }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: unexpectedBodyErrors }
  app.delete(path, { schema, config }, async (request, reply) => {
    await planning.discardPlan(request.params.planId, toOrigin(request), toPrecondition(request))
    return reply.code(204).send()
  })
}
