import type { AllowListsPlan } from '../../contract/allow-lists.ts'
import type { AuthorizedRangesPlan, EffectivePath, EgressIpChange } from '../../contract/egress.ts'
import type { OutboundType, Transition, TypeKey } from '../../contract/outbound-type.ts'
import type { RequiredEndpoints, SubnetRouting } from '../../contract/routing.ts'
import type { RequestedTarget, Target } from '../../contract/target.ts'
import { buildAllowListsPlan } from '../allow-lists/allow-lists-plan.ts'
import { typeKeyOf } from '../arm/outbound-type.ts'
import { type Cleanup, resolveCleanup } from '../cleanup/cleanup.ts'
import { snapshotAfterCleanup } from '../cleanup/detachments.ts'
import { type AddressMove, addressMoves } from '../egress/address-moves.ts'
import { distinctAddresses, type EgressAddress, withShared } from '../egress/addresses.ts'
import { authorizedRangesPlan } from '../egress/authorized-ranges.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { combinedPath, effectivePathOfSubnets } from '../egress/effective-path.ts'
import { type InterruptedChange, interruptedChange, interruptedSide } from '../egress/interrupted-change.ts'
import { deletedUnused, ipLedger, withDeleted, withoutRelease } from '../egress/ledger.ts'
import { carriedInternetPaths, currentSide, type EgressPath, egressPaths } from '../egress/paths.ts'
import {
  type ProjectedEgress,
  projectedAddresses,
  projectedSide,
  releasedUnused,
} from '../egress/projected-egress.ts'
import { type OverriddenPrefix, overriddenPrefixes } from '../egress/static-gateway.ts'
import { subnetRouting } from '../egress/subnet-routing.ts'
import { requiredEndpoints } from '../endpoints/required-endpoints.ts'
import type { Preparation } from '../preparation/preparation.ts'
import { prepare, withPreparedAddresses } from '../preparation/prepare.ts'
import { preparedSnapshot } from '../preparation/prepared-snapshot.ts'
import type { PriceList } from '../references/price-list.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { readVnet, type VnetReading } from '../snapshot/vnet-kind.ts'
import { transition } from '../support-matrix/transitions.ts'
import { isAlreadyReached } from '../target/cluster-patch.ts'
import { completeTarget } from '../target/complete-target.ts'
import { formerTarget } from '../target/egress-profile.ts'

/** Settings of the operator that apply to every plan. */
export interface PlanningPolicy {
  /** The only edition of the support matrix that counts; null if all editions count. */
  pinnedEdition: string | null
  /** A preview API version that supports `block`; null if none is configured. */
  previewApiVersion: string | null
  /** The list prices in the region of the cluster, if a price service is configured and has responded. */
  prices?: PriceList
}

/** Values that are derived once from the snapshot and the request. Checks and builders share them. */
export interface PlanningContext {
  snapshot: Snapshot
  request: PlanningRequest
  policy: PlanningPolicy
  vnet: VnetReading
  /**
   * The type that determines the paths before the change. It is the declared type, or the former type of an interrupted
   * change. Null if the support matrix does not list the outbound type that ARM shows.
   */
  declared: OutboundType | null
  from: TypeKey | null
  to: TypeKey
  target: Target
  /** What the plan creates before the cutover; empty if nothing was requested. */
  preparation: Preparation
  /** The resources that the plan removes; empty if the plan changes the egress. */
  cleanUp: Cleanup
  /** The snapshot after preparation and cleanup. The rules of the target check this snapshot. */
  prepared: Snapshot
  transition: Transition | null
  /** Whether the matrix supports the change, even if the support is disputed. */
  isPossible: boolean
  /**
   * The outbound type does not change, every parameter already has its requested value, and nothing is prepared or
   * cleaned up. The plan can still add authorized IP ranges that the current egress needs.
   */
  isInEffect: boolean
  /** The target is in effect, and there are no authorized IP ranges to add. */
  isNoChange: boolean
  /** The interrupted change that the reconcile completes; null for every other plan. */
  completes: InterruptedChange | null
  /**
   * Whether executing the plan would change the egress: the change is possible, and the target is not in effect, or AKS
   * completes an interrupted change.
   */
  isChange: boolean
  /**
   * Whether AKS changes the egress: the plan writes another outbound type or other parameters, or a reconcile completes an
   * interrupted change. A cleanup and a plan that only prepares resources leave this to the writes of their resources.
   */
  changesEgress: boolean
  /** All egress paths before and after the change; both lists are equal if nothing changes. */
  paths: { before: EgressPath[]; after: EgressPath[] }
  /** The summary of the IPv4 paths to the internet. */
  effective: { before: EffectivePath; after: EffectivePath }
  /** The addresses of the resources that carry the IPv4 packets to the internet. SNAT capacity and zone resilience depend on them. */
  internet: { before: EgressAddress[]; after: ProjectedEgress }
  /** The path from the nodes to the public API server, and the source addresses that the API server sees. */
  apiServer: { before: EffectivePath; after: EffectivePath; addresses: ProjectedEgress }
  before: EgressAddress[]
  after: ProjectedEgress
  ledger: EgressIpChange[]
  /** Prefixes of the static egress gateway that some packets no longer use after the change. The ledger contains only addresses of nodes. */
  overriddenPrefixes: OverriddenPrefix[]
  /** The packets whose source addresses change. */
  moves: AddressMove[]
  /**
   * Addresses that AKS releases with the outbound type, or that the cleanup deletes, although no packet uses them. The ledger
   * does not contain them.
   */
  released: EgressAddress[]
  ranges: AuthorizedRangesPlan
  /** The routing of every subnet after the preparation. */
  routing: SubnetRouting[]
  /** The endpoints that nodes must reach through an appliance; null without an appliance. */
  requiredEndpoints: RequiredEndpoints | null
  allowLists: AllowListsPlan
}

/** Derives the values that checks and builders share. */
export function buildPlanningContext(
  snapshot: Snapshot,
  given: PlanningRequest,
  policy: PlanningPolicy,
): PlanningContext {
  const { cluster } = snapshot
  const vnet = readVnet(cluster)
  const { key: from } = declaredEgress(cluster)
  const isCleanup = given.cleanUp !== undefined
  const isReconcile = given.reconcile === true && from !== null
  const request = isReconcile ? { ...given, target: formerTarget(cluster, from) } : given
  const preparation = prepare(request, snapshot)
  const target = completeTarget(wantedTarget(request, from, preparation), cluster)
  const to = typeKeyOf(
    target.outboundType,
    target.outboundType === 'managedNATGateway' ? target.natGateway.sku : null,
  )
  const cleanUp = resolveCleanup(request, snapshot, from)
  const prepared = snapshotAfterCleanup(preparedSnapshot(snapshot, preparation), cleanUp.detachments)
  const row = from === null ? null : transition(vnet.kind, from, to, policy.pinnedEdition)
  const isPossible = row !== null && (isReconcile || row.support !== 'unsupported')
  const isReached = from === to && (isReconcile || isCleanup || isAlreadyReached(target, cluster))
  const isInEffect = isReached && preparation.writes.length === 0 && isEmpty(cleanUp)
  const completes = isReconcile ? interruptedChange(snapshot) : null
  const isChange = isPossible && (!isInEffect || completes !== null)
  const now = completes === null ? currentSide(snapshot) : interruptedSide(snapshot, completes)
  const { declared } = now
  const changesEgress = isPossible && (completes !== null || !isReached)
  // Other plans leave the type and its profile as they are, also while a change of them is interrupted.
  const later = !isChange ? now : changesEgress ? projectedSide(prepared, target) : currentSide(prepared)
  const paths = { before: egressPaths(now), after: egressPaths(later) }
  const before = distinctAddresses(paths.before.flatMap(({ addresses }) => addresses))
  // AKS releases some of these addresses even if no packet uses them.
  const undecided = (later.profile ?? []).filter(({ isUndecided }) => isUndecided === true)
  const after = { ...projectedAddresses(paths.after), undecided }
  const changes = withShared(ipLedger(before, after), snapshot)
  const ledger = withDeleted(changesEgress ? changes : withoutRelease(changes), cleanUp.delete)
  const effectiveBefore = effectivePathOfSubnets(now.subnets, snapshot, declared)
  const effectiveAfter = effectivePathOfSubnets(later.subnets, later.snapshot, later.declared)
  const toApiServer = (list: EgressPath[]) => list.filter(({ destination }) => destination === API_SERVER)
  const apiServer = {
    before: combinedPath(toApiServer(paths.before).map(({ path }) => path)),
    after: combinedPath(toApiServer(paths.after).map(({ path }) => path)),
    addresses: projectedAddresses(toApiServer(paths.after)),
  }
  const internet = {
    before: distinctAddresses(
      carriedInternetPaths(paths.before, snapshot).flatMap(({ addresses }) => addresses),
    ),
    after: projectedAddresses(carriedInternetPaths(paths.after, later.snapshot)),
  }
  const released = !isChange
    ? []
    : isCleanup
      ? deletedUnused(cleanUp.delete, ledger, snapshot)
      : !changesEgress
        ? []
        : releasedUnused(now, later, interruptedChange(snapshot)?.former ?? null)
  // An empty cleanup adds nothing either.
  const widen = request.authorizedRanges === 'widen' && !(isInEffect && isCleanup)
  const change = {
    from,
    to,
    ledger,
    released,
    widen,
    after,
    apiServerPath: apiServer.after,
    apiServer: apiServer.addresses,
  }
  const ranges = authorizedRangesPlan(cluster, isPossible ? change : null)
  const isNoChange = isInEffect && ranges.add.length === 0 && !isReconcile
  const overridden = overriddenPrefixes(now, later)
  const moves = isChange ? addressMoves(paths, snapshot, overridden) : []
  const needsList = isPossible && needsEndpoints(request, effectiveAfter)
  return {
    snapshot,
    request,
    policy,
    vnet,
    declared,
    from,
    to,
    target,
    preparation,
    cleanUp,
    prepared,
    transition: row,
    isPossible,
    isInEffect,
    isNoChange,
    completes,
    isChange,
    changesEgress,
    paths,
    effective: { before: effectiveBefore, after: effectiveAfter },
    internet,
    apiServer,
    before,
    after,
    ledger,
    overriddenPrefixes: overridden,
    moves,
    released,
    ranges,
    allowLists: buildAllowListsPlan(
      snapshot,
      request.consumers ?? [],
      isChange ? { ...change, overriddenPrefixes: overridden, moves } : null,
    ),
    routing: subnetRouting(prepared, to === 'userDefinedRouting' && vnet.kind === 'byo'),
    requiredEndpoints: needsList ? requiredEndpoints(prepared) : null,
  }
}

/** A cleanup keeps the outbound type, even if the request names another type. A finding reports this difference. */
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

/** After the change, traffic of the nodes passes an appliance, or new nodes start whose traffic passes it. */
function needsEndpoints({ target, upgradeNodeImages }: PlanningRequest, after: EffectivePath): boolean {
  if (target.outboundType === 'userDefinedRouting') return true
  return upgradeNodeImages === true && ['virtualAppliance', 'virtualNetworkGateway', 'mixed'].includes(after)
}
