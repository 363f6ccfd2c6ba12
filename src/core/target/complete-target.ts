import type { NatGatewaySku } from '../../contract/outbound-type.ts'
import type { LoadBalancerTarget, NatGatewayTarget, RequestedTarget, Target } from '../../contract/target.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { ClusterFacts, LoadBalancerProfileFacts, NatGatewayProfileFacts } from '../snapshot/snapshot.ts'
import { DEFAULT_LOAD_BALANCER_IDLE_MINUTES, DEFAULT_NAT_GATEWAY_IDLE_MINUTES } from './cluster-patch.ts'
import type { addressesOf } from './egress-profile.ts'

/**
 * Adds the values that the request omits. Current values of the cluster stay: the profile of its type, or the ports and
 * timeouts that AKS keeps of a former type (as in the Azure CLI). Other values are the documented defaults of ARM. That
 * is one address, 30 minutes on the load balancer, 4 minutes on a NAT gateway, and one IPv6 address on a dual-stack
 * load balancer.
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
  requested: NonNullable<RequestedTarget['loadBalancer']>,
  { loadBalancerProfile: present, ipFamilies }: ClusterFacts,
): LoadBalancerTarget {
  const ipv6 = present?.managedOutboundIpv6Count ?? (ipFamilies.includes('IPv6') ? 1 : 0)
  return {
    ...resolveAddresses(requested, present, present, ipv6),
    allocatedOutboundPorts: requested.allocatedOutboundPorts ?? present?.allocatedOutboundPorts ?? 0,
    idleTimeoutInMinutes:
      requested.idleTimeoutInMinutes ?? present?.idleTimeoutInMinutes ?? DEFAULT_LOAD_BALANCER_IDLE_MINUTES,
  }
}

/** StandardV2 on a dual-stack cluster needs an IPv6 address, or IPv6 egress is lost. */
function completeNatGateway(
  requested: NonNullable<RequestedTarget['natGateway']> & { sku: NatGatewaySku },
  { natGatewayProfile: present, ipFamilies }: ClusterFacts,
): NatGatewayTarget {
  const isV2 = requested.sku === 'StandardV2'
  const ipv6 = isV2 ? (present?.managedOutboundIpv6Count ?? (ipFamilies.includes('IPv6') ? 1 : null)) : null
  return {
    sku: requested.sku,
    ...resolveAddresses(requested, isV2 ? present : null, present, ipv6),
    idleTimeoutInMinutes:
      requested.idleTimeoutInMinutes ?? present?.idleTimeoutInMinutes ?? DEFAULT_NAT_GATEWAY_IDLE_MINUTES,
  }
}

type Profile = LoadBalancerProfileFacts | NatGatewayProfileFacts

/**
 * Customer-provided addresses stay unless the caller names others or requests managed ones. `kept` is the profile
 * whose customer-provided addresses can stay, `present` the one whose number of managed addresses stays.
 */
function resolveAddresses(
  requested: NonNullable<RequestedTarget['loadBalancer' | 'natGateway']>,
  kept: Profile | null,
  present: Profile | null,
  defaultIpv6Count: number | null,
): ReturnType<typeof addressesOf> {
  const { outboundIpIds = [], outboundIpPrefixIds = [] } = requested
  const { managedOutboundIpCount, managedOutboundIpv6Count } = requested
  const isManaged = managedOutboundIpCount !== undefined || managedOutboundIpv6Count !== undefined
  const isNamed = outboundIpIds.length + outboundIpPrefixIds.length > 0
  const named = isNamed ? { outboundIpIds, outboundIpPrefixIds } : isManaged || kept === null ? NO_IDS : kept
  const isCustomer = customerIpIds(named).length > 0
  return {
    outboundIpIds: named.outboundIpIds,
    outboundIpPrefixIds: named.outboundIpPrefixIds,
    managedOutboundIpCount: isCustomer
      ? null
      : (managedOutboundIpCount ?? present?.managedOutboundIpCount ?? 1),
    managedOutboundIpv6Count: isCustomer ? null : (managedOutboundIpv6Count ?? defaultIpv6Count),
  }
}

const NO_IDS = { outboundIpIds: [], outboundIpPrefixIds: [] }
