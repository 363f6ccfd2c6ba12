import type { RollbackOutlook, RollbackPreview } from '../../contract/plan.ts'
import type { LoadBalancerTarget, NatGatewayTarget, RequestedTarget, Target } from '../../contract/target.ts'
import { idKey } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { projectedAttachments } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'
import { resolveCutover } from '../plan/cutover.ts'
import { buildPlanningContext } from '../plan/derive-context.ts'
import { buildSteps } from '../plan/steps/build-steps.ts'
import { evaluateRules, findingCodes } from '../rules/index.ts'
import type { ClusterFacts, NatGatewayProfileFacts, Snapshot } from '../snapshot/snapshot.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'

/**
 * What a plan back would say, asked of the cluster as it will be then: its steps, what would block it, what would
 * have to be acknowledged. null where there is no way back. Addresses that AKS makes during the change are not in it,
 * because nobody knows them yet.
 */
function previewRollback(context: PlanningContext, target: RequestedTarget | null): RollbackPreview | null {
  if (target === null) return null
  const { subscriptionId, resourceGroup, name } = context.snapshot.cluster
  const request = {
    cluster: { subscriptionId, resourceGroup, name },
    target,
    authorizedRanges: 'widen' as const,
    reason: null,
  }
  const back = buildPlanningContext(snapshotAfter(context), request, context.policy)
  const findings = evaluateRules(back)
  const blockers = findingCodes(findings, 'blocker')
  const stepsBack = buildSteps(back)
  return {
    status: blockers.length > 0 ? 'blocked' : 'applicable',
    steps: stepsBack.map(({ key, title }) => ({ key, title })),
    cutOver: resolveCutover(back, stepsBack),
    blockers,
    acknowledgements: findingCodes(findings, 'acknowledge'),
  }
}

/** The cluster at rest on its target; its own network as the change leaves it. */
function snapshotAfter({ prepared, target, ranges }: PlanningContext): Snapshot {
  const cluster: ClusterFacts = {
    ...prepared.cluster,
    provisioningState: 'Succeeded',
    agentPools: prepared.cluster.agentPools.map((pool) => ({ ...pool, provisioningState: 'Succeeded' })),
    outboundType: target.outboundType,
    loadBalancerProfile: target.outboundType === 'loadBalancer' ? balancerProfile(target) : null,
    natGatewayProfile: target.outboundType === 'managedNATGateway' ? gatewayProfile(target) : null,
    authorizedIPRanges: [...prepared.cluster.authorizedIPRanges, ...ranges.add],
  }
  // What lies around is asked about when the way back is really planned; today it would only cost time.
  const subnets = projectedAttachments(prepared, target)
  return { ...prepared, cluster, subnets, ...freedAddresses(prepared, target), surroundings: null }
}

/** Own addresses of the former type that the target does not name: AKS takes them off and leaves them (rulebook 4, L−). */
function freedAddresses(
  { cluster, publicIps, publicIpPrefixes }: Snapshot,
  target: Target,
): Pick<Snapshot, 'publicIps' | 'publicIpPrefixes'> {
  const kept = new Set(namedBy(target).map(idKey))
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile]
  const freed = new Set(
    profiles
      .flatMap((profile) => [...(profile?.outboundIpIds ?? []), ...(profile?.outboundIpPrefixIds ?? [])])
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

function namedBy(target: Target): string[] {
  if (target.outboundType === 'loadBalancer')
    return [...target.loadBalancer.outboundIpIds, ...target.loadBalancer.outboundIpPrefixIds]
  if (target.outboundType === 'managedNATGateway')
    return [...target.natGateway.outboundIpIds, ...target.natGateway.outboundIpPrefixIds]
  return []
}

function balancerProfile({ loadBalancer }: Extract<Target, { outboundType: 'loadBalancer' }>) {
  return {
    ...profileOf(loadBalancer),
    allocatedOutboundPorts: loadBalancer.allocatedOutboundPorts,
    backendPoolType: null,
    multipleLoadBalancers: false,
  }
}

function gatewayProfile({
  natGateway,
}: Extract<Target, { outboundType: 'managedNATGateway' }>): NatGatewayProfileFacts {
  return { ...profileOf(natGateway), sku: natGateway.sku }
}

function profileOf(wanted: LoadBalancerTarget | NatGatewayTarget) {
  return {
    managedCount: wanted.managedOutboundIpCount,
    managedCountIpv6: wanted.managedOutboundIpv6Count,
    outboundIpIds: wanted.outboundIpIds,
    outboundIpPrefixIds: wanted.outboundIpPrefixIds,
    effectiveOutboundIpIds: [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds],
    idleTimeoutInMinutes: wanted.idleTimeoutInMinutes,
  }
}

/**
 * The way back: whether the matrix has one, to which target exactly (the recorded former profile, not
 * defaults), and what does not come back (rulebook 11).
 */
export function buildRollbackOutlook(context: PlanningContext): RollbackOutlook {
  const { from, to, vnet, policy, isNoChange, transition } = context
  if (isNoChange || from === null || transition?.support === 'unsupported')
    return { supported: false, support: null, target: null, lost: [], routes: [], plan: null }
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  const isOpen = support === 'supported' || support === 'sameType'
  const target = isOpen || support === 'disputed' ? formerTarget(context.snapshot.cluster, from) : null
  return {
    supported: isOpen,
    support,
    target,
    lost: permanentLosses(context),
    routes: isOpen ? [] : transitionPaths(vnet.kind, to, from, policy.pinnedEdition),
    plan: previewRollback(context, target),
  }
}

/** The former egress as a request, parameter by parameter. */
function formerTarget(cluster: ClusterFacts, from: RequestedTarget['outboundType']): RequestedTarget {
  if (from === 'loadBalancer') return { outboundType: from, loadBalancer: formerLoadBalancer(cluster) }
  if (from === 'managedNATGateway' || from === 'managedNATGatewayV2')
    return { outboundType: 'managedNATGateway', natGateway: formerNatGateway(cluster, from) }
  return { outboundType: from }
}

function formerLoadBalancer(cluster: ClusterFacts): RequestedTarget['loadBalancer'] {
  const profile = cluster.loadBalancerProfile
  if (profile === null) return {}
  return defined({
    ...addresses(profile),
    allocatedOutboundPorts: profile.allocatedOutboundPorts,
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes,
  })
}

function formerNatGateway(cluster: ClusterFacts, from: string): RequestedTarget['natGateway'] {
  const sku = from === 'managedNATGatewayV2' ? 'StandardV2' : 'Standard'
  const profile = cluster.natGatewayProfile
  if (profile === null) return { sku }
  return { sku, ...defined({ ...addresses(profile), idleTimeoutInMinutes: profile.idleTimeoutInMinutes }) }
}

function addresses(profile: {
  managedCount: number | null
  managedCountIpv6: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
}) {
  const isOwn = profile.outboundIpIds.length + profile.outboundIpPrefixIds.length > 0
  if (isOwn) return { outboundIpIds: profile.outboundIpIds, outboundIpPrefixIds: profile.outboundIpPrefixIds }
  return { managedOutboundIpCount: profile.managedCount, managedOutboundIpv6Count: profile.managedCountIpv6 }
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(values).filter(([, value]) => value !== null)
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> }
}

function permanentLosses(context: PlanningContext): string[] {
  const released = context.ledger.flatMap((each) =>
    each.change === 'lost' && !each.recoverable && each.address !== null ? [each.address] : [],
  )
  const sentences =
    released.length > 0 ? [`A rollback gets new addresses instead of ${listed(released)}.`] : []
  if (context.ledger.some((each) => each.change === 'unknown' && each.address !== null))
    sentences.push(
      'A rollback does not restore all current addresses: AKS releases some of them, and which ones cannot be predicted.',
    )
  const unused = context.released.flatMap((each) => each.address ?? [])
  if (unused.length > 0)
    sentences.push(
      `A rollback does not restore ${listed(unused)}: AKS releases ${unused.length === 1 ? 'it' : 'them'}, although no traffic uses ${unused.length === 1 ? 'it' : 'them'}.`,
    )
  return sentences
}
