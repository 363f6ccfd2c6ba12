import { JobPathSchema } from '../../contract/parameters.ts'
import { planCreated, respondWithPlan } from './create-plan.ts'
import { defineOperation } from './define-operation.ts'

export const createRollbackPlan = defineOperation({
  operationId: 'createRollbackPlan',
  method: 'POST',
  path: '/v1/jobs/:jobId/rollback-plan',
  tag: 'Jobs',
  summary: 'Create a rollback plan',
  description:
    'Creates a plan that restores the egress recorded in the plan of the job. It is based on the current state of the cluster. Review what the rollback cannot restore, then execute the plan with `POST /v1/jobs`.',
  grant: 'Egress.Plan',
  subject: 'path',
  asksAzure: true,
  params: JobPathSchema,
  responses: { 201: planCreated('The rollback plan. Nothing has been changed yet.') },
  problems: ['JOB_NOT_FOUND', 'ROLLBACK_NOT_AVAILABLE'],
  idempotent: true,
  handle: ({ planning }, { params, by, origin, hook }) =>
    planning.makeRollbackPlan(params.jobId, by, origin, hook),
  respond: respondWithPlan,
})
