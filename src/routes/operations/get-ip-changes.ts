import type { FastifyReply } from 'fastify'
import { IpChangesSchema } from '../../contract/egress.ts'
import { ref } from '../../contract/fields.ts'
import { PlanPathSchema } from '../../contract/parameters.ts'
import { buildIpChangesReport, ipChangesCsv } from '../../reports/plan/ip-changes.ts'
import type { ReportedPlan } from '../../reports/plan/reported-plan.ts'
import { negotiateMediaType, notAcceptableProblem, sendText } from '../conditional/content-negotiation.ts'
import { EXAMPLE_PLAN } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'
import { readReportedPlan } from './reported-plan.ts'

export const IP_CHANGES_FORMS = ['application/json', 'text/csv'] as const

/** The success of operations that return address changes, as JSON or CSV. */
export const IP_CHANGES = {
  description: 'The address changes.',
  schema: ref(IpChangesSchema),
  example: { ipChanges: buildIpChangesReport(EXAMPLE_PLAN) },
  others: { 'text/csv': { ipChangesCsv: ipChangesCsv(EXAMPLE_PLAN) } },
  headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
}

export function sendIpChanges(
  reply: FastifyReply,
  form: (typeof IP_CHANGES_FORMS)[number],
  plan: ReportedPlan,
): FastifyReply {
  return form === 'text/csv'
    ? sendText(reply, 'text/csv; charset=utf-8; header=present', ipChangesCsv(plan))
    : reply.send(buildIpChangesReport(plan))
}

export const getIpChanges = defineOperation({
  operationId: 'getIpChanges',
  method: 'GET',
  path: '/v1/plans/:planId/ip-changes',
  tag: 'Plans',
  summary: 'Read the address changes of a plan',
  description:
    'Returns every public egress address with its change and the required change of firewalls that allow the cluster by address. During and after a job for the plan, the response contains the actual addresses; `stage` shows how certain they are. The default is JSON. With `Accept: text/csv`, the response is CSV (RFC 4180) for a spreadsheet.',
  grant: 'Egress.Read',
  subject: 'path',
  openedBy: ['shareLink'],
  params: PlanPathSchema,
  responses: { 200: IP_CHANGES },
  problems: ['PLAN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async (deps, { params, request, reply }) => {
    const form = negotiateMediaType(request, reply, IP_CHANGES_FORMS)
    const plan = await readReportedPlan(deps, params.planId)
    if (form === null) throw notAcceptableProblem(request, IP_CHANGES_FORMS)
    return sendIpChanges(reply, form, plan)
  },
})
