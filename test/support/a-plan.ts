import type { Plan } from '../../src/contract/plan.ts'
import type { RequestedTarget } from '../../src/contract/target.ts'
import type { PlanningPolicy } from '../../src/core/context/planning-context.ts'
import { buildPlan, type NewPlan } from '../../src/core/planner/planner.ts'
import type { PlanningRequest } from '../../src/core/request/plan-request.ts'
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts'

export const ANY_POLICY: PlanningPolicy = { pinnedEdition: null, previewApiVersion: null }

export const STAMP = {
  id: '01990000-0000-7000-8000-000000000001',
  createdAt: '2026-09-01T00:00:00.000Z',
  expiresAt: '2026-09-01T01:00:00.000Z',
  createdBy: 'tester',
  azure: 'simulated' as const,
}

/** A plan for a snapshot, with everything that a test does not care about filled in. */
export function planFor(
  snapshot: Snapshot,
  target: RequestedTarget | RequestedTarget['outboundType'],
  given: Partial<PlanningRequest> & { policy?: Partial<PlanningPolicy> } = {},
): NewPlan {
  const { policy, ...request } = given
  const { subscriptionId, resourceGroup, name } = snapshot.cluster
  const wanted = typeof target === 'string' ? { outboundType: target } : target
  return buildPlan(
    snapshot,
    {
      cluster: { subscriptionId, resourceGroup, name },
      target: wanted,
      authorizedRanges: 'widen',
      reason: null,
      ...request,
    },
    { ...ANY_POLICY, ...policy },
    STAMP,
  )
}

/** The codes of a plan's findings, those of one severity where it is named. */
export function codesOf(made: Plan, severity?: string): string[] {
  return made.findings
    .filter((each) => severity === undefined || each.severity === severity)
    .map((each) => each.code)
}

/** Whether the plan for these holds a finding of this code. */
export function has(code: string, ...given: Parameters<typeof planFor>): boolean {
  return codesOf(planFor(...given)).includes(code)
}
