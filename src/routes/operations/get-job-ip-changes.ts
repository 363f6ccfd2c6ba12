import { JobPathSchema } from '../../contract/parameters.ts'
import { buildIpChangesReport, ipChangesCsv } from '../../reports/plan/ip-changes.ts'
import { withOutcome } from '../../reports/plan/reported-plan.ts'
import { negotiateMediaType, notAcceptableProblem } from '../conditional/content-negotiation.ts'
import { EXAMPLE_OUTCOME } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'
import { IP_CHANGES, IP_CHANGES_FORMS, sendIpChanges } from './get-ip-changes.ts'

const EXAMPLE = withOutcome({ ...EXAMPLE_OUTCOME.plan, status: 'executed' }, EXAMPLE_OUTCOME)

export const getJobIpChanges = defineOperation({
  operationId: 'getJobIpChanges',
  method: 'GET',
  path: '/v1/jobs/:jobId/ip-changes',
  tag: 'Jobs',
  summary: 'Read the address changes of a job',
  description:
    'Returns every public egress address with its change and the required change of firewalls that allow the cluster by address. `stage` shows how certain the addresses are. It is `prepared` as soon as the job has created addresses, for example during a hold. It is `confirmed` when the job has read the result from Azure. The default is JSON. With `Accept: text/csv`, the response is CSV (RFC 4180) for a spreadsheet.',
  grant: 'Egress.Read',
  subject: 'path',
  openedBy: ['shareLink'],
  params: JobPathSchema,
  responses: {
    200: {
      ...IP_CHANGES,
      example: { jobIpChanges: buildIpChangesReport(EXAMPLE) },
      others: { 'text/csv': { jobIpChangesCsv: ipChangesCsv(EXAMPLE) } },
    },
  },
  problems: ['JOB_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async ({ jobs, planning }, { params, request, reply }) => {
    const form = negotiateMediaType(request, reply, IP_CHANGES_FORMS)
    const outcome = await jobs.getOutcome(params.jobId)
    if (form === null) throw notAcceptableProblem(request, IP_CHANGES_FORMS)
    // Another job may have executed the plan of a job that was canceled before it began.
    const { status } = await planning.getPlan(outcome.job.planId)
    return sendIpChanges(reply, form, withOutcome({ ...outcome.plan, status }, outcome))
  },
})
