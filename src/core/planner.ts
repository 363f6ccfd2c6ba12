import { basisOf } from './basis.ts'
import { cutOverOf } from './cut-over.ts'
import { isOpen, planningContext } from './derive-context.ts'
import { disruptionOf } from './disruption.ts'
import { codesOf, findingsOf } from './findings-of.ts'
import { handoff } from './handoff/handoff.ts'
import { pathChanges } from './path-changes.ts'
import type { AzureMode, Plan } from './plan.ts'
import { planFrom } from './plan-from.ts'
import { planTransition } from './plan-transition.ts'
import type { PlanningContext, PlanningPolicy } from './planning-context.ts'
import { asContract, preflightOf } from './preflight/preflight.ts'
import { resourceChanges } from './resource-changes/resource-changes.ts'
import { rollbackOutlook } from './rollback.ts'
import type { Snapshot } from './snapshot.ts'
import { snatOf } from './snat.ts'
import { steps } from './steps.ts'
import type { PlanRequest } from './target.ts'
import { zoneResilienceOf } from './zone-resilience.ts'

/** What comes from outside of time and chance. */
export interface PlanStamp {
  /** UUID version 7. */
  id: string
  createdAt: string
  expiresAt: string
  createdBy: string
  azure: AzureMode
}

/**
 * Makes the plan. Pure: the same snapshot, request, policy and stamp give the same plan, byte by byte.
 * Never throws for what Azure shows; an impossible change is a plan that says so.
 */
export function plan(
  snapshot: Snapshot,
  request: PlanRequest,
  policy: PlanningPolicy,
  stamp: PlanStamp,
): Plan {
  const context = planningContext(snapshot, request, policy)
  const findings = findingsOf(context)
  const isBlocked = findings.some((each) => each.severity === 'blocker')
  return {
    ...stamp,
    status: isBlocked ? 'blocked' : context.isNoChange ? 'noChange' : 'applicable',
    reason: request.reason,
    cluster: clusterOf(context),
    request: request.target,
    prepare: request.prepare ?? null,
    upgradeNodeImages: request.upgradeNodeImages === true,
    from: planFrom(context),
    to: context.target,
    transition: planTransition(context),
    findings,
    acknowledgementsRequired: codesOf(findings, 'acknowledge'),
    resourceChanges: isOpen(context) ? resourceChanges(context) : [],
    paths: pathChanges(context, isOpen(context) && !context.isNoChange),
    egressIps: context.ledger,
    authorizedRanges: context.ranges,
    allowLists: context.allowLists,
    snat: snatOf(context),
    zoneResilience: zoneResilienceOf(context),
    disruption: disruptionOf(context),
    routing: context.routing,
    requiredEndpoints: context.requiredEndpoints,
    ...stepsAndCutOver(context),
    preflight: asContract(preflightOf(context)),
    rollback: rollbackOutlook(context),
    handoff: isOpen(context) ? handoff(context) : null,
    basis: basisOf(snapshot),
  }
}

/** The step that moves the traffic is told beside the steps, because it is often not the AKS call. */
function stepsAndCutOver(context: PlanningContext): Pick<Plan, 'steps' | 'cutOver'> {
  const list = isOpen(context) ? steps(context) : []
  return { steps: list, cutOver: cutOverOf(context, list) }
}

function clusterOf({ snapshot: { cluster }, vnet }: PlanningContext): Plan['cluster'] {
  const { id, subscriptionId, resourceGroup, name, location, etag } = cluster
  return { id, subscriptionId, resourceGroup, name, location, vnet: vnet.kind, etag }
}
