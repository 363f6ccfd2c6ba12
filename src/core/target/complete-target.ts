import type { LoadBalancerTarget, NatGatewayTarget, RequestedTarget, Target } from '../../contract/target.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'

/**
 * Fills in what the caller left out. What the cluster has already stays (its own type's profile, or the
 * ports and time-outs that AKS keeps of a former one, as the Azure CLI sends them back); the rest is
 * ARM's documented default: one address, 30 minutes on the load balancer, 4 on a NAT gateway, one IPv6
 * address on a dual-stack load balancer (rulebook 3.1 to 3.3; cli-rules 3).
 */
export function completeTarget(requested: RequestedTarget, cluster: ClusterFacts): Target {
  const { outboundType, sku } = typeOfKey(requested.outboundType)
  if (outboundType === 'loadBalancer')
    return { outboundType, loadBalancer: completeLoadBalancer(requested.loadBalancer ?? {}, cluster) }
  if (outboundType === 'managedNATGateway') {
    const wanted = requested.natGateway?.sku ?? sku ?? 'Standard'
    return { outboundType, natGateway: completeNatGateway({ ...requested.natGateway, sku: wanted }, cluster) }
  }
  return { outboundType }
}

function completeLoadBalancer(
  wanted: NonNullable<RequestedTarget['loadBalancer']>,
  cluster: ClusterFacts,
): LoadBalancerTarget {
  const present = cluster.loadBalancerProfile
  const own = resolveAddresses(wanted, present)
  const dualStack = cluster.ipFamilies.includes('IPv6')
  return {
    outboundIpIds: own.outboundIpIds,
    outboundIpPrefixIds: own.outboundIpPrefixIds,
    managedOutboundIpCount: own.isOwn ? null : (wanted.managedOutboundIpCount ?? present?.managedCount ?? 1),
    managedOutboundIpv6Count: own.isOwn
      ? null
      : (wanted.managedOutboundIpv6Count ?? present?.managedCountIpv6 ?? (dualStack ? 1 : 0)),
    allocatedOutboundPorts: wanted.allocatedOutboundPorts ?? present?.allocatedOutboundPorts ?? 0,
    idleTimeoutInMinutes: wanted.idleTimeoutInMinutes ?? present?.idleTimeoutInMinutes ?? 30,
  }
}

function completeNatGateway(
  wanted: NonNullable<RequestedTarget['natGateway']> & { sku: NatGatewayTarget['sku'] },
  cluster: ClusterFacts,
): NatGatewayTarget {
  const present = cluster.natGatewayProfile
  const own = resolveAddresses(wanted, wanted.sku === 'StandardV2' ? present : null)
  return {
    sku: wanted.sku,
    outboundIpIds: own.outboundIpIds,
    outboundIpPrefixIds: own.outboundIpPrefixIds,
    managedOutboundIpCount: own.isOwn ? null : (wanted.managedOutboundIpCount ?? present?.managedCount ?? 1),
    managedOutboundIpv6Count: own.isOwn
      ? null
      : (wanted.managedOutboundIpv6Count ??
        ipv6Default(wanted.sku, present?.managedCountIpv6 ?? null, cluster)),
    idleTimeoutInMinutes: wanted.idleTimeoutInMinutes ?? present?.idleTimeoutInMinutes ?? 4,
  }
}

/** StandardV2 on a dual-stack cluster needs an IPv6 address, or IPv6 egress is lost (NATV2_IPV6_LB_RULES). */
function ipv6Default(
  sku: NatGatewayTarget['sku'],
  present: number | null,
  cluster: ClusterFacts,
): number | null {
  if (sku === 'Standard') return null
  return present ?? (cluster.ipFamilies.includes('IPv6') ? 1 : null)
}

interface ResolvedAddresses {
  isOwn: boolean
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
}

/** Own addresses are kept unless the caller names others or asks for managed ones. */
function resolveAddresses(
  wanted: NonNullable<RequestedTarget['loadBalancer'] | RequestedTarget['natGateway']>,
  present: { outboundIpIds: string[]; outboundIpPrefixIds: string[] } | null,
): ResolvedAddresses {
  const named = [...(wanted.outboundIpIds ?? []), ...(wanted.outboundIpPrefixIds ?? [])].length > 0
  const managed = wanted.managedOutboundIpCount !== undefined || wanted.managedOutboundIpv6Count !== undefined
  const from = named ? wanted : managed ? {} : (present ?? {})
  const outboundIpIds = from.outboundIpIds ?? []
  const outboundIpPrefixIds = from.outboundIpPrefixIds ?? []
  return { isOwn: outboundIpIds.length + outboundIpPrefixIds.length > 0, outboundIpIds, outboundIpPrefixIds }
}
