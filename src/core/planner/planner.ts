import type { AzureMode } from '../../contract/cluster.ts'
import type { Plan } from '../../contract/plan.ts'
import type { PlanCounts, PlanVerdict } from '../../contract/plan-status.ts'
import {
  buildPlanningContext,
  type PlanningContext,
  type PlanningPolicy,
} from '../context/planning-context.ts'
import { estimateCost } from '../cost/estimate-cost.ts'
import { withUses } from '../egress/ledger.ts'
import { nameResolution } from '../endpoints/name-resolution.ts'
import { buildHandoff } from '../handoff/handoff.ts'
import { plannedMaintenance } from '../maintenance/maintenance-windows.ts'
import { resolveCutover } from '../plan/cutover.ts'
import { assessDisruption } from '../plan/disruption.ts'
import { pathChanges } from '../plan/path-changes.ts'
import { assessSnat } from '../plan/snat.ts'
import { buildBasis } from '../plan/staleness.ts'
import { buildSteps } from '../plan/steps/build-steps.ts'
import { planFrom, planTransition } from '../plan/transition.ts'
import { assessZoneResilience } from '../plan/zone-resilience.ts'
import { evaluatePreflight, toPreflight } from '../preflight/preflight.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import { resourceChanges } from '../resource-changes/resource-changes.ts'
import { evaluateRules, findingCodes } from '../rules/index.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { readVnet } from '../snapshot/vnet-kind.ts'
import { buildRollbackOutlook } from './rollback.ts'

/** Values that depend on the clock and on random numbers. */
export interface PlanStamp {
  /** UUID version 7. */
  id: string
  createdAt: string
  expiresAt: string
  createdBy: string
  azure: AzureMode
}

/** The stamp of plans that are created only for their verdict, and then discarded. */
export const UNSTAMPED = { id: '', createdAt: '', expiresAt: '', createdBy: '' }

/** The statuses of a new plan. The stored plan gets the other statuses later. */
export type NewPlan = Plan & { status: PlanVerdict }

/**
 * Creates the plan. Pure: the same snapshot, request, policy and stamp always give the same plan. It never throws
 * because of facts from Azure: for an impossible change, it returns a blocked plan.
 */
export function buildPlan(
  snapshot: Snapshot,
  request: PlanningRequest,
  policy: PlanningPolicy,
  stamp: PlanStamp,
): NewPlan {
  const context = buildPlanningContext(snapshot, request, policy)
  const findings = evaluateRules(context)
  const isBlocked = findings.some((finding) => finding.severity === 'blocker')
  return {
    ...stamp,
    jobId: null,
    status: isBlocked ? 'blocked' : context.isNoChange ? 'noChange' : 'applicable',
    reason: request.reason,
    ...(request.labels === undefined || Object.keys(request.labels).length === 0
      ? {}
      : { labels: request.labels }),
    cluster: { ...identityOf(snapshot.cluster), etag: snapshot.cluster.etag },
    request: context.request.target,
    prepare: request.prepare ?? null,
    upgradeNodeImages: request.upgradeNodeImages === true,
    from: planFrom(context),
    to: context.target,
    transition: planTransition(context),
    findings,
    acknowledgementsRequired: findingCodes(findings, 'acknowledge'),
    resourceChanges: context.isPossible ? resourceChanges(context) : [],
    paths: pathChanges(context),
    egressIps: withUses(
      context.ledger,
      { released: context.released, deletedIds: context.cleanUp.delete },
      context.paths,
      context.moves,
    ),
    authorizedRanges: context.ranges,
    allowLists: context.allowLists,
    snat: assessSnat(context),
    ...(context.isPossible ? { cost: estimateCost(context, policy.prices) } : {}),
    zoneResilience: assessZoneResilience(context),
    disruption: assessDisruption(context),
    routing: context.routing,
    nameResolution: nameResolution(context.snapshot, context.prepared),
    requiredEndpoints: context.requiredEndpoints,
    ...stepsAndCutOver(context),
    preflight: toPreflight(evaluatePreflight(context)),
    rollback: buildRollbackOutlook(context),
    handoff: isBlocked ? null : buildHandoff(context),
    ...(snapshot.maintenance === undefined
      ? {}
      : { maintenance: plannedMaintenance(snapshot.maintenance, new Date(snapshot.takenAt)) }),
    ...(snapshot.activeJob === undefined ? {} : { activeJob: snapshot.activeJob }),
    basis: buildBasis(context),
  }
}

/** A separate member names the step that moves the traffic, because this step is often not the call of AKS. */
function stepsAndCutOver(context: PlanningContext): Pick<Plan, 'steps' | 'cutOver'> {
  const list = context.isPossible ? buildSteps(context) : []
  return { steps: list, cutOver: resolveCutover(context, list) }
}

/** The members that identify a cluster in plans, reports and comparisons. */
export function identityOf(cluster: ClusterFacts): Omit<Plan['cluster'], 'etag'> {
  const { id, subscriptionId, resourceGroup, name, location } = cluster
  return { id, subscriptionId, resourceGroup, name, location, vnet: readVnet(cluster).kind }
}

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
