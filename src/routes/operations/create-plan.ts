import { ref } from '../../contract/fields.ts'
import { type Plan, PlanSchema } from '../../contract/plan.ts'
import { PlanRequestSchema } from '../../contract/plan-request.ts'
import { preparationScope } from '../auth/authorize.ts'
import { EXAMPLE_PLAN } from '../examples/jobs.ts'
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
  summary: 'Plan a change of the outbound type',
  description:
    'Reads the cluster and its network and returns the full impact of the change: findings, changed resources, removed and added addresses, steps, and the rollback. It only reads Azure. If the change is not possible, the plan has the status `blocked` and lists the reasons.',
  grant: 'Egress.Plan',
  subject: 'body',
  asksAzure: true,
  body: ref(PlanRequestSchema),
  // The demo fleet accepts these requests unchanged.
  examples: {
    userAssignedNatGateway: {
      summary: "From the load balancer to the NAT gateway that is already attached to the cluster's subnets",
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
          { name: 'payment provider', contact: 'network@payments.example', note: "Needs two days' notice." },
        ],
      },
    },
    userDefinedRouting: {
      summary: 'To user-defined routing through a firewall, with the cluster given by its ARM ID',
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
  responses: { 201: planCreated('The plan. Execute it with `POST /v1/jobs`.') },
  problems: [
    'PARAMETER_NOT_FOR_TARGET',
    'PARAMETERS_EXCLUDE_EACH_OTHER',
    'PARAMETER_OUT_OF_RANGE',
    'RESOURCE_ID_INVALID',
  ],
  idempotent: true,
  handle({ planning }, { request, body, by, origin, hook }) {
    const asked = toPlanRequest(body)
    return planning.makePlan({ ...asked, ...preparationScope(request, asked.cluster) }, by, origin, hook)
  },
  respond: respondWithPlan,
})

/** The success of operations that create a plan. */
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
        description: 'Returns the plan as JSON, Markdown or HTML.',
      },
      readIpChanges: {
        operationId: 'getIpChanges',
        parameters,
        description: 'Returns the address changes for firewalls.',
      },
      approvePlan: {
        operationId: 'approvePlan',
        parameters,
        description: 'Records the approval of a second person.',
      },
      executePlan: {
        operationId: 'createJob',
        requestBody: { planId: '$response.body#/id', acknowledge: [] },
        description:
          'Executes the plan. List the codes from `acknowledgementsRequired` of the plan in `acknowledge`.',
      },
    },
  }
}

export function respondWithPlan(plan: Plan): SuccessResponse {
  return { status: 201, headers: { location: `/v1/plans/${plan.id}` }, body: plan }
}
