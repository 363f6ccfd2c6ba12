import type { EffectivePath } from '../../contract/egress.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { buildAllowListsPlan } from '../allow-lists/allow-lists-plan.ts'
import { readOutboundType, typeKeyOf } from '../arm/outbound-type.ts'
import { type Cleanup, resolveCleanup } from '../cleanup/cleanup.ts'
import { snapshotAfterCleanup } from '../cleanup/detachments.ts'
import type { PlanningContext, PlanningPolicy } from '../context/planning-context.ts'
import { egressAddressesOf, unusedManagedIps } from '../egress/addresses.ts'
import { authorizedRangesPlan } from '../egress/authorized-ranges.ts'
import { ipLedger } from '../egress/ledger.ts'
import { effectivePathOfSubnets } from '../egress/paths.ts'
import { projectEgress, projectedSubnets } from '../egress/projected-egress.ts'
import { subnetRouting } from '../egress/subnet-routing.ts'
import { requiredEndpoints } from '../endpoints/required-endpoints.ts'
import type { Preparation } from '../preparation/preparation.ts'
import { prepare, preparedSnapshot, withPreparedAddresses } from '../preparation/prepare.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { readVnet } from '../snapshot/vnet-kind.ts'
import { transition } from '../support-matrix/transitions.ts'
import { isAlreadyReached } from '../target/cluster-patch.ts'
import { completeTarget } from '../target/complete-target.ts'

/** Derives once what checks and builders share. */
export function buildPlanningContext(
  snapshot: Snapshot,
  request: PlanningRequest,
  policy: PlanningPolicy,
): PlanningContext {
  const { cluster } = snapshot
  const vnet = readVnet(cluster)
  const declared = readOutboundType(cluster.outboundType, cluster.natGatewayProfile?.sku)
  const type = declared.kind === 'known' ? declared.outboundType : null
  const from = declared.kind === 'known' ? declared.key : null
  const preparation = prepare(request, snapshot)
  const target = completeTarget(wantedTarget(request, from, preparation), cluster)
  const cleanUp = resolveCleanup(request, snapshot, from)
  const prepared = snapshotAfterCleanup(preparedSnapshot(snapshot, preparation), cleanUp.detachments)
  const to = typeKeyOf(
    target.outboundType,
    target.outboundType === 'managedNATGateway' ? target.natGateway.sku : null,
  )
  const row = from === null ? null : transition(vnet.kind, from, to, policy.pinnedEdition)
  const isClosed = row === null || row.support === 'unsupported'
  const isReached = from === to && (request.cleanUp !== undefined || isAlreadyReached(target, cluster))
  const isNoChange = isReached && preparation.writes.length === 0 && isEmpty(cleanUp)
  const before = egressAddressesOf(snapshot, type)
  const after = isClosed || isNoChange ? unchanged(before) : projectEgress(prepared, target)
  const ledger = ipLedger(before, after)
  const effectiveBefore = effectivePathOfSubnets(snapshot.subnets, snapshot, type)
  const effectiveAfter = isClosed
    ? effectiveBefore
    : effectivePathOfSubnets(projectedSubnets(prepared, target), prepared, target.outboundType)
  const widen = request.authorizedRanges === 'widen'
  const released = isClosed || from === to ? [] : unusedManagedIps(snapshot, type, before)
  const change = isClosed || isNoChange ? null : { from, to, effectiveAfter, after, ledger, released, widen }
  return {
    snapshot,
    request,
    policy,
    vnet,
    declared: type,
    from,
    to,
    target,
    preparation,
    cleanUp,
    prepared,
    transition: row,
    isNoChange,
    effective: { before: effectiveBefore, after: effectiveAfter },
    before,
    after,
    ledger,
    released,
    ranges: authorizedRangesPlan(cluster, change),
    allowLists: buildAllowListsPlan({
      snapshot,
      request,
      ledger,
      released,
      after,
      isNoChange,
      transition: row,
    }),
    routing: subnetRouting(prepared, to === 'userDefinedRouting' && vnet.kind === 'byo'),
    requiredEndpoints:
      !isClosed && needsEndpoints(request, effectiveAfter) ? requiredEndpoints(prepared) : null,
  }
}

/** A clean-up leaves the type as it is, whatever it was asked for; that the two differ is a finding. */
function wantedTarget(
  request: PlanningRequest,
  from: TypeKey | null,
  preparation: Preparation,
): RequestedTarget {
  if (request.cleanUp !== undefined && from !== null) return { outboundType: from }
  return withPreparedAddresses(request.target, preparation)
}

function isEmpty({ detachments, narrow, delete: removed }: Cleanup): boolean {
  return detachments.length + narrow.length + removed.length === 0
}

/** Nodes leave by an appliance from now on, or new ones are made that have to. */
function needsEndpoints({ target, upgradeNodeImages }: PlanningRequest, after: EffectivePath): boolean {
  if (target.outboundType === 'userDefinedRouting') return true
  return upgradeNodeImages === true && ['virtualAppliance', 'virtualNetworkGateway', 'mixed'].includes(after)
}

/** Whether the matrix lets the change be made at all. */
export function isTransitionPossible({ transition: row }: PlanningContext): boolean {
  return row !== null && row.support !== 'unsupported'
}

/** Where nothing will change, what is now is what will be. */
function unchanged(before: PlanningContext['before']): PlanningContext['after'] {
  const known = before.filter((each) => each.address !== null)
  return {
    known,
    created: { IPv4: 0, IPv6: 0 },
    prepared: [],
    undecided: [],
    unknowable: known.length < before.length,
  }
}
