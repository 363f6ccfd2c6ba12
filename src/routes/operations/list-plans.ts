import { Type } from 'typebox'
import { answers } from '../answers.ts'
import { within } from '../auth/guard-clusters.ts'
import type { App, AppDeps } from '../deps.ts'
import { listQueryFaults, toFilters, toPage } from '../list-query.ts'
import { FILTER_PARAMETERS, listOf, PAGE_PARAMETERS } from '../schemas/lists.ts'
import { ref } from '../schemas/plain.ts'
import { PlanStatusSchema, PlanSummarySchema } from '../schemas/plan.ts'

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
  response: answers(
    {
      200: {
        description: 'A page of plans.',
        schema: listOf(ref(PlanSummarySchema)),
        example: 'plans',
      },
    },
    ['INVALID_REQUEST', 'PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  ),
}

export function listPlans(app: App, { planning }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryFaults }
  app.get(path, { schema, config }, async (request) => {
    const { query } = request
    return planning.listPlans({
      status: query.status,
      ...toFilters(query),
      ...toPage(query),
      ...within(request),
    })
  })
}
