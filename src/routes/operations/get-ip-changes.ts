import { IpChangesSchema } from '../../contract/egress.ts'
import { ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import { buildIpChangesReport, ipChangesCsv } from '../../reports/plan/ip-changes.ts'
import { negotiateMediaType, notAcceptableProblem, sendText } from '../conditional/content-negotiation.ts'
import { EXAMPLE_PLAN } from '../examples/plans.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/csv'] as const

export const getIpChanges = defineOperation({
  operationId: 'getIpChanges',
  method: 'GET',
  path: '/v1/plans/:planId/ip-changes',
  tag: 'Plans',
  summary: 'Read the address changes of a plan',
  description:
    'Returns every public egress address with its change and the required change of firewalls that allow the cluster by address. The default is JSON. With `Accept: text/csv`, the response is CSV (RFC 4180) for a spreadsheet.',
  grant: 'Egress.Read',
  subject: 'path',
  openedBy: ['shareLink'],
  params: PlanPathSchema,
  responses: {
    200: {
      description: 'The address changes.',
      schema: ref(IpChangesSchema),
      example: { ipChanges: buildIpChangesReport(EXAMPLE_PLAN) },
      others: { 'text/csv': { ipChangesCsv: ipChangesCsv(EXAMPLE_PLAN) } },
      headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
    },
  },
  problems: ['PLAN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async ({ planning }, { params, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    const plan = await planning.getPlan(params.planId)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    return form === 'text/csv'
      ? sendText(reply, 'text/csv; charset=utf-8; header=present', ipChangesCsv(plan))
      : buildIpChangesReport(plan)
  },
})
