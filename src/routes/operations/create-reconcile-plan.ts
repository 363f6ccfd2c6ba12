import { JobPathSchema } from '../../contract/parameters.ts'
import { planCreated, respondWithPlan } from './create-plan.ts'
import { defineOperation } from './define-operation.ts'

export const createReconcilePlan = defineOperation({
  operationId: 'createReconcilePlan',
  method: 'POST',
  path: '/v1/jobs/:jobId/reconcile-plan',
  tag: 'Jobs',
  summary: 'Create a reconcile plan',
  description:
    'Creates a plan that sends the current settings of the cluster to AKS again, like `az aks update --yes`. Use it when the cluster is `Failed` or `Canceled` after the job, because no other plan can be executed then. AKS also completes an interrupted change of the outbound type: the plan shows what AKS completes, and whether the authorized IP ranges cover the egress addresses. The job adds missing egress addresses to the ranges. Execute the plan with `POST /v1/jobs`.',
  grant: 'Egress.Plan',
  subject: 'path',
  asksAzure: true,
  params: JobPathSchema,
  responses: { 201: planCreated('The reconcile plan. Nothing has been changed yet.') },
  problems: ['JOB_NOT_FOUND', 'RECONCILE_NOT_AVAILABLE'],
  idempotent: true,
  handle: ({ planning }, { params, by, origin, hook }) =>
    planning.makeReconcilePlan(params.jobId, by, origin, hook),
  respond: respondWithPlan,
})
