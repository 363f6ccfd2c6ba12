import { ref } from '../../contract/fields.ts'
import { type Plan, PlanSchema } from '../../contract/plan.ts'
import { PlanRequestSchema } from '../../contract/plan-request.ts'
import { EXAMPLE_PLAN } from '../examples/plans.ts'
import type { SuccessResponse } from '../idempotency/idempotent-handler.ts'
import type { DocumentedResponse } from '../openapi/operation-schema.ts'
import { planRequestErrors, toPlanRequest } from '../validation/plan-request.ts'
import { defineOperation } from './define-operation.ts'

const DEMO = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo' }

export const createPlan = defineOperation({
  operationId: 'createPlan',
  method: 'POST',
  path: '/v1/plans',
  tag: 'Plans',
  summary: 'Plan a change of outbound type',
  description:
    'Looks at the cluster and its network, and answers with everything that the change would do or break: findings, changed resources, lost and new addresses, steps, and the way back. Only reads Azure. A change that is not possible is a plan too, with status `blocked` and the reasons.',
  grant: 'Egress.Plan',
  subject: 'body',
  asksAzure: true,
  body: ref(PlanRequestSchema),
  // They work as printed against the demo fleet.
  examples: {
    userAssignedNatGateway: {
      summary: "From the load balancer to the NAT gateway that is on the cluster's subnets already",
      value: {
        cluster: { ...DEMO, name: 'lb-byo-nat-attached' },
        target: { outboundType: 'userAssignedNATGateway' },
        reason: 'CHG-1234',
      },
    },
    managedNatGateway: {
      summary: 'From the load balancer to a managed NAT gateway with two addresses',
      value: {
        cluster: { ...DEMO, name: 'lb-managed' },
        target: {
          outboundType: 'managedNATGateway',
          natGateway: { managedOutboundIpCount: 2, idleTimeoutInMinutes: 10 },
        },
        consumers: [
          { name: 'payment provider', contact: 'network@payments.example', note: 'Needs two days notice.' },
        ],
      },
    },
    userDefinedRouting: {
      summary: 'To user-defined routing through a firewall, the cluster named by its id',
      value: {
        cluster: {
          id: `/subscriptions/${DEMO.subscriptionId}/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/lb-byo-udr-ready`,
        },
        target: { outboundType: 'userDefinedRouting' },
        authorizedRanges: 'widen',
      },
    },
  },
  errorsOf: ({ body }) => planRequestErrors(body),
  responses: { 201: planCreated('The plan, stored. Execute it with POST /v1/jobs.') },
  problems: [
    'PARAMETER_NOT_FOR_TARGET',
    'PARAMETERS_EXCLUDE_EACH_OTHER',
    'PARAMETER_OUT_OF_RANGE',
    'RESOURCE_ID_INVALID',
  ],
  idempotent: true,
  handle: ({ planning }, { body, by, origin, hook }) =>
    planning.makePlan(toPlanRequest(body), by, origin, hook),
  respond: respondWithPlan,
})

/** The success of operations that make a plan. */
export function planCreated(description: string): DocumentedResponse {
  const parameters = { planId: '$response.body#/id' }
  return {
    description,
    schema: ref(PlanSchema),
    example: { plan: EXAMPLE_PLAN },
    headers: { location: { type: 'string', description: 'The path of the plan.' } },
    links: {
      readPlan: {
        operationId: 'getPlan',
        parameters,
        description: 'The plan again, also as Markdown or HTML.',
      },
      readIpChanges: {
        operationId: 'getIpChanges',
        parameters,
        description: 'What to tell firewalls.',
      },
      approvePlan: { operationId: 'approvePlan', parameters, description: 'A second person agrees.' },
      executePlan: {
        operationId: 'createJob',
        requestBody: { planId: '$response.body#/id', acknowledge: [] },
        description:
          'Carry the plan out; name in `acknowledge` what `acknowledgementsRequired` of the plan lists.',
      },
    },
  }
}

export function respondWithPlan(plan: Plan): SuccessResponse {
  return { status: 201, headers: { location: `/v1/plans/${plan.id}` }, body: plan }
}
