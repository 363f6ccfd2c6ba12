import { egressAfter, subnetsAfter } from './after-egress.ts'
import { allowListsPlan } from './allow-lists/allow-lists-plan.ts'
import { authorizedRangesPlan } from './authorized-ranges.ts'
import { basisOf } from './basis.ts'
import { CHANGE_CHECKS, STATE_CHECKS } from './checks/all-checks.ts'
import { completeTarget } from './complete-target.ts'
import { disruptionOf } from './disruption.ts'
import { effectivePathOfAll } from './effective-egress.ts'
import { egressAddressesOf } from './egress-addresses.ts'
import { handoff } from './handoff/handoff.ts'
import { ipLedger } from './ip-ledger.ts'
import { readOutboundType, typeKeyOf } from './outbound-type.ts'
import { type AzureMode, type Finding, type Plan, SEVERITIES } from './plan.ts'
import { planFrom } from './plan-from.ts'
import { planTransition } from './plan-transition.ts'
import { isAlreadyReached } from './planned-fields.ts'
import type { PlanningContext, PlanningPolicy } from './planning-context.ts'
import { resourceChanges } from './resource-changes/resource-changes.ts'
import { rollbackOutlook } from './rollback.ts'
import type { Snapshot } from './snapshot.ts'
import { snatOf } from './snat.ts'
import { steps } from './steps.ts'
import type { PlanRequest } from './target.ts'
import { transition } from './transitions.ts'
import { readVnet } from './vnet-kind.ts'

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
    from: planFrom(context),
    to: context.target,
    transition: planTransition(context),
    findings,
    acknowledgementsRequired: codesOf(findings, 'acknowledge'),
    resourceChanges: isOpen(context) ? resourceChanges(context) : [],
    egressIps: context.ledger,
    authorizedRanges: context.ranges,
    allowLists: context.allowLists,
    snat: snatOf(context),
    disruption: disruptionOf(context),
    steps: isOpen(context) ? steps(context) : [],
    rollback: rollbackOutlook(context),
    handoff: isOpen(context) ? handoff(context) : null,
    basis: basisOf(snapshot),
  }
}

/** Derives once what checks and builders share. */
export function planningContext(
  snapshot: Snapshot,
  request: PlanRequest,
  policy: PlanningPolicy,
): PlanningContext {
  const { cluster } = snapshot
  const vnet = readVnet(cluster)
  const declared = readOutboundType(cluster.outboundType, cluster.natGatewayProfile?.sku)
  const type = declared.kind === 'known' ? declared.outboundType : null
  const target = completeTarget(request.target, cluster)
  const from = declared.kind === 'known' ? declared.key : null
  const to = typeKeyOf(
    target.outboundType,
    target.outboundType === 'managedNATGateway' ? target.natGateway.sku : null,
  )
  const row = from === null ? null : transition(vnet.kind, from, to, policy.pinnedEdition)
  const isClosed = row === null || row.support === 'unsupported'
  const isNoChange = from === to && isAlreadyReached(target, cluster)
  const before = egressAddressesOf(snapshot, type)
  const after = isClosed || isNoChange ? unchanged(before) : egressAfter(snapshot, target)
  const ledger = ipLedger(before, after)
  const effectiveBefore = effectivePathOfAll(snapshot.subnets, snapshot, type)
  const effectiveAfter = isClosed
    ? effectiveBefore
    : effectivePathOfAll(subnetsAfter(snapshot, target), snapshot, target.outboundType)
  const widen = request.authorizedRanges === 'widen'
  const change = isClosed || isNoChange ? null : { from, to, effectiveAfter, after, ledger, widen }
  return {
    snapshot,
    request,
    policy,
    vnet,
    declared: type,
    from,
    to,
    target,
    transition: row,
    isNoChange,
    effective: { before: effectiveBefore, after: effectiveAfter },
    before,
    after,
    ledger,
    ranges: authorizedRangesPlan(cluster, change),
    allowLists: allowListsPlan({ snapshot, request, ledger, after, isNoChange, transition: row }),
  }
}

/** Whether the matrix lets the change be made at all. */
function isOpen({ transition: row }: PlanningContext): boolean {
  return row !== null && row.support !== 'unsupported'
}

/** Where nothing will change, what is now is what will be. */
function unchanged(before: PlanningContext['before']): PlanningContext['after'] {
  const known = before.filter((each) => each.address !== null)
  return { known, created: { IPv4: 0, IPv6: 0 }, undecided: [], unknowable: known.length < before.length }
}

/** All findings, worst first; within a severity in the order of the checks. */
function findingsOf(context: PlanningContext): Finding[] {
  const isChange = isOpen(context) && !context.isNoChange
  const checks = isChange ? [...STATE_CHECKS, ...CHANGE_CHECKS] : STATE_CHECKS
  const found = checks.flatMap((check) => check(context))
  return SEVERITIES.flatMap((severity) => found.filter((each) => each.severity === severity))
}

function codesOf(findings: Finding[], severity: Finding['severity']): string[] {
  return [...new Set(findings.filter((each) => each.severity === severity).map((each) => each.code))]
}

function clusterOf({ snapshot: { cluster }, vnet }: PlanningContext): Plan['cluster'] {
  const { id, subscriptionId, resourceGroup, name, location, etag } = cluster
  return { id, subscriptionId, resourceGroup, name, location, vnet: vnet.kind, etag }
}
