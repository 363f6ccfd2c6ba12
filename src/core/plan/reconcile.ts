import type { PlanningContext } from '../context/planning-context.ts'
import { isCoveredByPlaceholder, rangesMode } from '../egress/authorized-ranges.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'

/** Whether the job must find addresses that AKS creates during the reconcile, and add them to the ranges. */
export function needsReconciledRanges(context: PlanningContext): boolean {
  const { snapshot, request, to, apiServer } = context
  if (rangesMode(snapshot.cluster) !== 'enforced' || request.authorizedRanges !== 'widen') return false
  if (isCoveredByPlaceholder(snapshot.cluster, { to, apiServerPath: apiServer.after })) return false
  return interruptedChange(snapshot)?.creates === true
}

/** Whether the ranges cover the egress after the reconcile; null where access does not depend on them. */
export function rangesCoverReconciled(context: PlanningContext): boolean | null {
  if (context.ranges.mode !== 'enforced') return null
  return context.ranges.missing.length === 0 && interruptedChange(context.snapshot)?.creates !== true
}
