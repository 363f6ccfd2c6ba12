import { JobPathSchema } from '../../contract/parameters.ts'
import { planCreated, respondWithPlan } from './create-plan.ts'
import { defineOperation } from './define-operation.ts'

export const createRollbackPlan = defineOperation({
  operationId: 'createRollbackPlan',
  method: 'POST',
  path: '/v1/jobs/:jobId/rollback-plan',
  tag: 'Jobs',
  summary: 'Plan the way back',
  description:
    "A plan back to the egress that the job's own plan recorded, made from the cluster as it is now. It is only a plan: read what does not come back, then execute it with POST /v1/jobs.",
  grant: 'Egress.Plan',
  subject: 'path',
  asksAzure: true,
  params: JobPathSchema,
  responses: { 201: planCreated('The plan, stored.') },
  problems: ['JOB_NOT_FOUND', 'ROLLBACK_NOT_AVAILABLE'],
  idempotent: true,
  handle: ({ planning }, { params, by, origin, hook }) =>
    planning.makeRollbackPlan(params.jobId, by, origin, hook),
  respond: respondWithPlan,
})
