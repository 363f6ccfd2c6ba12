import type { EgressReport } from '../../contract/egress-report.ts'
import type { Transition } from '../../contract/outbound-type.ts'
import type { Plan, PlanSummary } from '../../contract/plan.ts'
import { buildIpChangesReport, ipChangesCsv } from '../../reports/plan/ip-changes.ts'
import { markdownReport } from '../../reports/plan-report.ts'
import report from './egress-report.json' with { type: 'json' }
import plan from './plan.json' with { type: 'json' }
import transition from './transition.json' with { type: 'json' }

/** An egress report as the core makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_EGRESS_REPORT = report as unknown as EgressReport

/** A plan as the planner makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_PLAN = plan as unknown as Plan

export const EXAMPLE_PLAN_SUMMARY: PlanSummary = {
  id: EXAMPLE_PLAN.id,
  status: 'applicable',
  createdAt: '2026-09-01T00:00:00.000Z',
  expiresAt: '2026-09-01T01:00:00.000Z',
  createdBy: 'anonymous',
  cluster: {
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'rg-demo',
    name: 'lb-byo-nat-attached',
  },
  from: 'loadBalancer',
  to: 'userAssignedNATGateway',
}

export const EXAMPLE_MARKDOWN = markdownReport(EXAMPLE_PLAN)
/** Only how it begins: nobody reads a page in a document of an API. */
export const EXAMPLE_HTML = '<!doctype html>\n<html lang="en">…</html>\n'
export const EXAMPLE_IP_CHANGES = buildIpChangesReport(EXAMPLE_PLAN)
export const EXAMPLE_IP_CHANGES_CSV = ipChangesCsv(EXAMPLE_PLAN)

const DEMO = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo' }

/** Requests that work as printed against the demo fleet; the first is what Swagger UI fills in. */
export const PLAN_REQUEST_EXAMPLES = {
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
}

export const JOB_REQUEST_EXAMPLES = {
  plain: {
    summary: 'A plan that asks for no acknowledgement; put in the id of yours',
    value: { planId: EXAMPLE_PLAN.id },
  },
  acknowledged: {
    summary: 'A plan that releases the present addresses; put in the id of yours',
    value: { planId: EXAMPLE_PLAN.id, acknowledge: ['EGRESS_IP_LOST'], reason: 'CHG-1234' },
  },
  held: {
    summary: 'A plan whose new addresses others have to admit before traffic leaves by them',
    value: { planId: EXAMPLE_PLAN.id, acknowledge: ['EGRESS_IP_LOST'], holdBeforeCutOver: true },
  },
  told: {
    summary: 'A plan whose end is told to a URL of your own',
    value: {
      planId: EXAMPLE_PLAN.id,
      webhook: {
        url: 'https://bot.example.com/hooks/egress',
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        events: ['job.succeeded', 'job.failed', 'job.canceled'],
      },
    },
  },
}

/** A row of the matrix, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_TRANSITION = transition as Transition
