import { ipChangesCsv } from '../../reports/ip-changes-csv.ts'
import { ipChangesReport } from '../../reports/ip-changes-report.ts'
import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { notAcceptable, preferredForm } from '../negotiate.ts'
import { IpChangesSchema } from '../schemas/ip-changes.ts'
import { PlanPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { sendText } from '../send-report.ts'

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
  response: answers(
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
    const form = preferredForm(request, reply, FORMS)
    const plan = await planning.getPlan(request.params.planId)
    if (form === null) throw notAcceptable(request, FORMS)
    return form === 'text/csv'
      ? sendText(reply, 'text/csv; charset=utf-8; header=present', ipChangesCsv(plan))
      : reply.send(ipChangesReport(plan))
  })
}
