import type { Plan } from '../../contract/plan.ts'
import type { PlanCounts } from '../../contract/plan-counts.ts'

/** The numbers of a plan that a list shows. */
export function countPlan({
  findings,
  acknowledgementsRequired,
  egressIps,
}: Pick<Plan, 'findings' | 'acknowledgementsRequired' | 'egressIps'>): PlanCounts {
  const bySeverity = (wanted: string) => findings.filter(({ severity }) => severity === wanted).length
  const byChange = (wanted: string) => egressIps.filter(({ change }) => change === wanted).length
  return {
    blockers: bySeverity('blocker'),
    acknowledgements: acknowledgementsRequired.length,
    warnings: bySeverity('warning'),
    addressesLost: byChange('lost'),
    addressesAdded: byChange('added'),
  }
}
