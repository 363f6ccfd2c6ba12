import { JobPathSchema } from '../../contract/parameters.ts'
import { planCreated, respondWithPlan } from './create-plan.ts'
import { defineOperation } from './define-operation.ts'

export const createCleanUpPlan = defineOperation({
  operationId: 'createCleanUpPlan',
  method: 'POST',
  path: '/v1/jobs/:jobId/clean-up-plan',
  tag: 'Jobs',
  summary: 'Create a cleanup plan',
  description:
    'Creates a plan that removes what the job left behind, based on the current state of the cluster. After a successful change, the plan removes authorized IP ranges for addresses that the cluster no longer uses. It also removes gateways and default routes that override the new outbound type. After a failed or reverted change, the plan removes everything that was created for the change, including default routes. If another job has changed the outbound type since then, the plan detaches only resources that this job attached, and deletes only resources of this job that nothing uses afterward. A detachment can move traffic. Resources in use stay, and the plan lists what uses them. Execute the plan with `POST /v1/jobs`, immediately or in a maintenance window, after you have verified the change.',
  grant: 'Egress.Plan',
  subject: 'path',
  asksAzure: true,
  params: JobPathSchema,
  responses: { 201: planCreated('The cleanup plan. Nothing has been changed yet.') },
  problems: ['JOB_NOT_FOUND', 'CLEAN_UP_NOT_AVAILABLE'],
  idempotent: true,
  handle: ({ planning }, { params, by, origin, hook }) =>
    planning.makeCleanupPlan(params.jobId, by, origin, hook),
  respond: respondWithPlan,
})
