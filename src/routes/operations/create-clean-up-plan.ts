import { JobPathSchema } from '../../contract/parameters.ts'
import { planCreated, respondWithPlan } from './create-plan.ts'
import { defineOperation } from './define-operation.ts'

export const createCleanUpPlan = defineOperation({
  operationId: 'createCleanUpPlan',
  method: 'POST',
  path: '/v1/jobs/:jobId/clean-up-plan',
  tag: 'Jobs',
  summary: 'Plan the clean-up',
  description:
    'A plan that takes away what the job no longer needs, made from the cluster as it is now: ranges that only the former egress needed, a gateway or default route that shadows the new type; after a change that was taken back or did not come to its end, what had been made for it, default routes included. Where another job has changed the type since, what this one made and nobody uses. What is in use stays, and the plan says by whom. It is only a plan: execute it with POST /v1/jobs, at once or in a window, when the change has proven itself.',
  grant: 'Egress.Plan',
  subject: 'path',
  asksAzure: true,
  params: JobPathSchema,
  responses: { 201: planCreated('The plan, stored.') },
  problems: ['JOB_NOT_FOUND', 'CLEAN_UP_NOT_AVAILABLE'],
  idempotent: true,
  handle: ({ planning }, { params, by, origin, hook }) =>
    planning.makeCleanupPlan(params.jobId, by, origin, hook),
  respond: respondWithPlan,
})
