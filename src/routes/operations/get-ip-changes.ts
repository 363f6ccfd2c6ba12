import { IpChangesSchema } from '../../contract/egress.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import { buildIpChangesReport, ipChangesCsv } from '../../reports/plan/ip-changes.ts'
import { negotiateMediaType, notAcceptableProblem, sendText } from '../conditional/content-negotiation.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/plans/:planId/ip-changes'

const FORMS = ['application/json', 'text/csv'] as const

const schema = {
  operationId: 'getIpChanges',
  tags: ['Plans'],
  summary: 'Read the address changes of a plan',
  description:
    'The public addresses of the egress, each with its fate and with what it asks of a firewall that knows the cluster by its addresses. As JSON, or with `Accept: text/csv` as CSV (RFC 4180) for a spreadsheet.',
  params: PlanPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      200: {
        description: 'The addresses.',
        schema: ref(IpChangesSchema),
        example: 'ipChanges',
        others: { 'text/csv': 'ipChangesCsv' },
        headers: { vary: { type: 'string', description: '`Accept`: the form depends on it.' } },
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PLAN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  ),
}

export function getIpChanges(app: App, { planning }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async (request, reply) => {
    const form = negotiateMediaType(request, reply, FORMS)
    const plan = await planning.getPlan(request.params.planId)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    return form === 'text/csv'
      ? sendText(reply, 'text/csv; charset=utf-8; header=present', ipChangesCsv(plan))
      : reply.send(buildIpChangesReport(plan))
  })
}
