import type { PlanSummary, StoredPlan } from '../../planning/planning.ts'
import plan from './plan.json' with { type: 'json' }

/** A plan as the planner makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_PLAN = plan as unknown as StoredPlan

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
