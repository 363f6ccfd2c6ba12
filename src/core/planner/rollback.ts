import type { RollbackOutlook, RollbackPreview } from '../../contract/plan.ts'
import type { RequestedTarget, Target } from '../../contract/target.ts'
import { idKey } from '../arm/resource-id.ts'
import { buildPlanningContext, type PlanningContext } from '../context/planning-context.ts'
import { declaredProfile, managedAddresses } from '../egress/addresses.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { agree, listed } from '../lib/text.ts'
import { resolveCutover } from '../plan/cutover.ts'
import { buildSteps } from '../plan/steps/build-steps.ts'
import { defaultRequest } from '../request/plan-request.ts'
import { EGRESS_IP_LOST, EGRESS_IP_SOME_LOST } from '../rules/address-changes.ts'
import { evaluateDecisiveRules, findingCodes } from '../rules/index.ts'
import { customerIpIds, customerIpIdsOf } from '../snapshot/network-profile.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'
import { formerTarget, managedIpCount, profileOf, profilesAfter } from '../target/egress-profile.ts'

/**
 * A preview of the rollback plan: its steps, blockers and acknowledgements for the cluster after the change; null if
 * there is no rollback. Addresses that AKS creates during the change are unknown, but a rollback certainly loses them.
 */
function previewRollback(context: PlanningContext, target: RequestedTarget | null): RollbackPreview | null {
  if (target === null) return null
  const request = defaultRequest(context.snapshot.cluster, target)
  const back = buildPlanningContext(snapshotAfter(context), request, context.policy)
  const findings = evaluateDecisiveRules(back)
  const blockers = findingCodes(findings, 'blocker')
  const stepsBack = buildSteps(back)
  return {
    status: blockers.length > 0 ? 'blocked' : 'applicable',
    steps: stepsBack.map(({ key, title }) => ({ key, title })),
    cutOver: resolveCutover(back, stepsBack),
    blockers,
    acknowledgements: withCreatedAddresses(context, findingCodes(findings, 'acknowledge')),
  }
}

/**
 * The acknowledgements of a rollback, with the addresses that AKS creates during the change: a rollback to another type
 * releases all of them. A rollback to a lower number releases some of them, but which ones is unknown.
 */
function withCreatedAddresses({ from, to, after }: PlanningContext, codes: string[]): string[] {
  const { IPv4, IPv6 } = after.created
  if (IPv4 + IPv6 === 0) return codes
  const releasesAll = !releasesSome({ from, to, after })
  const loss = releasesAll ? EGRESS_IP_LOST.code : EGRESS_IP_SOME_LOST.code
  const others = codes.filter((code) => code !== EGRESS_IP_LOST.code && code !== EGRESS_IP_SOME_LOST.code)
  return [...others, loss]
}

/** Whether a rollback only lowers the number of AKS-managed addresses, so that current addresses can be among the released ones. */
function releasesSome({ from, to, after }: Pick<PlanningContext, 'from' | 'to' | 'after'>): boolean {
  return from === to && after.known.length > 0 && after.created.IPv4 + after.created.IPv6 > 0
}

/** The cluster and its network after the change. */
function snapshotAfter(context: PlanningContext): Snapshot {
  const { prepared, target, ranges } = context
  const cluster: ClusterFacts = {
    ...prepared.cluster,
    provisioningState: 'Succeeded',
    agentPools: prepared.cluster.agentPools.map((pool) => ({ ...pool, provisioningState: 'Succeeded' })),
    outboundType: target.outboundType,
    ...profilesAfter(target, keptManagedIds(context)),
    authorizedIPRanges: [...prepared.cluster.authorizedIPRanges, ...ranges.add],
  }
  // Permissions, locks, and policies are read when the rollback plan is created; reading them here would only take time.
  const subnets = projectedSubnets(prepared, target)
  return { ...prepared, cluster, subnets, ...freedAddresses(prepared, target), surroundings: null }
}

/** The AKS-managed addresses of the families whose number a change of parameters keeps. AKS keeps these addresses. */
function keptManagedIds({ snapshot, from, to, target }: PlanningContext): string[] {
  if (from !== to || customerIpIds(profileOf(target)).length > 0) return []
  const present = managedAddresses(declaredProfile(snapshot, target.outboundType), snapshot)
  return (['IPv4', 'IPv6'] as const).flatMap((family) => {
    const own = present.filter((address) => address.family === family)
    return own.length === managedIpCount(target, family)
      ? own.flatMap(({ resourceId }) => resourceId ?? [])
      : []
  })
}

/** Customer-provided addresses of the former type that the target does not contain. AKS detaches them and does not delete them. */
function freedAddresses(
  { cluster, publicIps, publicIpPrefixes }: Snapshot,
  target: Target,
): Pick<Snapshot, 'publicIps' | 'publicIpPrefixes'> {
  const kept = new Set(customerIpIds(profileOf(target)).map(idKey))
  const freed = new Set(
    customerIpIdsOf(cluster)
      .map(idKey)
      .filter((id) => !kept.has(id)),
  )
  if (freed.size === 0) return { publicIps, publicIpPrefixes }
  const mapped = <T extends object>(held: Record<string, T>, free: Partial<T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(held).map(([id, facts]) => [id, freed.has(id) ? { ...facts, ...free } : facts]),
    )
  return {
    publicIps: mapped(publicIps, { attachedTo: null, natGatewayId: null }),
    publicIpPrefixes: mapped(publicIpPrefixes, { loadBalancerFrontendId: null, natGatewayId: null }),
  }
}

/**
 * The rollback: whether the support matrix allows it, its exact target (the recorded former profile, not defaults), and
 * what it does not restore.
 */
export function buildRollbackOutlook(context: PlanningContext): RollbackOutlook {
  const { to, vnet, policy, isChange, completes } = context
  const from = completes === null ? context.from : completes.former
  const isCleanup = context.request.cleanUp !== undefined
  // A cleanup keeps the outbound type. Its steps state how to undo them, but no plan restores a deleted address.
  if (from === null || !isChange || isCleanup) {
    const lost = isCleanup ? deletedAddresses(context) : []
    return { supported: false, support: null, target: null, lost, routes: [], plan: null }
  }
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  const isOpen = support === 'supported' || support === 'sameType'
  const target = isOpen || support === 'disputed' ? formerTarget(context.snapshot.cluster, from) : null
  const routes = isOpen ? [] : transitionPaths(vnet.kind, to, from, policy.pinnedEdition)
  return {
    supported: isOpen,
    support,
    target,
    // Without a rollback, the list of what it cannot restore is empty.
    lost: target === null && routes.length === 0 ? [] : permanentLosses(context),
    routes,
    plan: previewRollback({ ...context, from }, target),
  }
}

function deletedAddresses(context: PlanningContext): string[] {
  const unused = context.released.flatMap(({ address }) => address ?? [])
  const deleted = [...unrecoverable(context), ...unused]
  return deleted.length === 0
    ? []
    : [`No plan restores ${listed(deleted)}: this plan deletes ${deleted.length === 1 ? 'it' : 'them'}.`]
}

function unrecoverable({ ledger }: PlanningContext): string[] {
  return ledger.flatMap((entry) =>
    entry.change === 'lost' && !entry.recoverable && entry.address !== null ? [entry.address] : [],
  )
}

function permanentLosses(context: PlanningContext): string[] {
  const released = unrecoverable(context)
  const sentences =
    released.length > 0
      ? [`A rollback does not restore ${listed(released)}: the cluster gets new addresses.`]
      : []
  if (context.ledger.some((entry) => entry.change === 'unknown' && entry.address !== null))
    sentences.push(
      'During the change, AKS releases some of the current addresses, and a rollback does not restore them. It is unknown at plan time which addresses AKS releases.',
    )
  if (releasesSome(context))
    sentences.push(
      'During a rollback, AKS may release some of the current addresses. It is unknown at plan time which addresses AKS releases.',
    )
  const unused = context.released.flatMap((address) => address.address ?? [])
  if (unused.length > 0)
    sentences.push(
      `A rollback does not restore ${listed(unused)}: AKS permanently releases ${agree(unused, 'this address', 'these addresses')} during the change. No traffic uses ${agree(unused, 'this address', 'these addresses')}.`,
    )
  return sentences
}
