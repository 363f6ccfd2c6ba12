import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { PlanStatusSchema, PlanSummarySchema } from '../../contract/plan.ts'
import { visibleScope } from '../auth/authorize.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'

const path = '/v1/plans'

const schema = {
  operationId: 'listPlans',
  tags: ['Plans'],
  summary: 'List plans',
  description: 'The plans that were made, newest first, in brief.',
  querystring: Type.Object(
    { status: Type.Optional(PlanStatusSchema), ...FILTER_PARAMETERS, ...PAGE_PARAMETERS },
    { additionalProperties: false },
  ),
  response: documentedResponses(
    {
      200: {
        description: 'A page of plans.',
        schema: pageOf(ref(PlanSummarySchema)),
        example: 'plans',
      },
    },
    ['INVALID_REQUEST', 'PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  ),
}

export function listPlans(app: App, { planning }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryErrors }
  app.get(path, { schema, config }, async (request) => {
    const { query } = request
    return planning.listPlans({
      status: query.status,
      ...toFilters(query),
      ...toPage(query),
      ...visibleScope(request),
    })
  })
}
