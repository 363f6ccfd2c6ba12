import { attachedAfter } from './after-egress.ts'
import { cutOverOf } from './cut-over.ts'
import { planningContext } from './derive-context.ts'
import { codesOf, findingsOf } from './findings-of.ts'
import type { RollbackPreview } from './plan.ts'
import type { PlanningContext } from './planning-context.ts'
import { idKey } from './resource-id.ts'
import type { ClusterFacts, NatGatewayProfileFacts, Snapshot } from './snapshot.ts'
import { steps } from './steps.ts'
import type { RequestedTarget, Target } from './target.ts'

/**
 * What a plan back would say, asked of the cluster as it will be then: its steps, what would block it, what would
 * have to be acknowledged. null where there is no way back. Addresses that AKS makes during the change are not in it,
 * because nobody knows them yet.
 */
export function rollbackPreview(
  context: PlanningContext,
  target: RequestedTarget | null,
): RollbackPreview | null {
  if (target === null) return null
  const { subscriptionId, resourceGroup, name } = context.snapshot.cluster
  const request = {
    cluster: { subscriptionId, resourceGroup, name },
    target,
    authorizedRanges: 'widen' as const,
    reason: null,
  }
  const back = planningContext(snapshotAfter(context), request, context.policy)
  const findings = findingsOf(back)
  const blockers = codesOf(findings, 'blocker')
  const stepsBack = steps(back)
  return {
    status: blockers.length > 0 ? 'blocked' : 'applicable',
    steps: stepsBack.map(({ key, title }) => ({ key, title })),
    cutOver: cutOverOf(back, stepsBack),
    blockers,
    acknowledgements: codesOf(findings, 'acknowledge'),
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
  const subnets = attachedAfter(prepared, target)
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

function profileOf(wanted: {
  managedOutboundIpCount: number | null
  managedOutboundIpv6Count: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  idleTimeoutInMinutes: number
}) {
  return {
    managedCount: wanted.managedOutboundIpCount,
    managedCountIpv6: wanted.managedOutboundIpv6Count,
    outboundIpIds: wanted.outboundIpIds,
    outboundIpPrefixIds: wanted.outboundIpPrefixIds,
    effectiveOutboundIpIds: [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds],
    idleTimeoutInMinutes: wanted.idleTimeoutInMinutes,
  }
}
