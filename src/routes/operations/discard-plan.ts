import { PlanPathSchema } from '../../contract/parameters.ts'
import { defineOperation } from './define-operation.ts'

export const discardPlan = defineOperation({
  operationId: 'discardPlan',
  method: 'DELETE',
  path: '/v1/plans/:planId',
  tag: 'Plans',
  summary: 'Discard a plan',
  description:
    'So that nobody executes it any more. The plan stays readable. Discarding twice is no error; a plan that a job executes or has executed is kept.',
  grant: 'Egress.Plan',
  subject: 'path',
  params: PlanPathSchema,
  ifMatch: 'the plan',
  responses: { 204: { description: 'The plan is discarded.' } },
  problems: ['PLAN_NOT_FOUND', 'PLAN_IN_USE'],
  handle: async ({ planning }, { params, origin, precondition, reply }) => {
    await planning.discardPlan(params.planId, origin, precondition)
    return reply.code(204).send()
  },
})
