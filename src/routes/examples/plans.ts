import type { EgressReport } from '../../contract/egress-report.ts'
import type { TransitionRow } from '../../core/support-matrix/transitions.ts'
import type { PlanSummary, StoredPlan } from '../../planning/planning.ts'
import { buildIpChangesReport, ipChangesCsv } from '../../reports/plan/ip-changes.ts'
import { markdownReport } from '../../reports/plan-report.ts'
import report from './egress-report.json' with { type: 'json' }
import plan from './plan.json' with { type: 'json' }
import transition from './transition.json' with { type: 'json' }

/** An egress report as the core makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_EGRESS_REPORT = report as unknown as EgressReport

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

export const EXAMPLE_MARKDOWN = markdownReport(EXAMPLE_PLAN)
/** Only how it begins: nobody reads a page in a document of an API. */
export const EXAMPLE_HTML = '<!doctype html>\n<html lang="en">…</html>\n'
export const EXAMPLE_IP_CHANGES = buildIpChangesReport(EXAMPLE_PLAN)
export const EXAMPLE_IP_CHANGES_CSV = ipChangesCsv(EXAMPLE_PLAN)

/** A row of the matrix, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_TRANSITION = transition as TransitionRow
