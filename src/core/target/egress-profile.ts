import type { TypeKey } from '../../contract/outbound-type.ts'
import type { LoadBalancerTarget, NatGatewayTarget, RequestedTarget, Target } from '../../contract/target.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { ClusterFacts, LoadBalancerProfileFacts, NatGatewayProfileFacts } from '../snapshot/snapshot.ts'

/** The profile that the outbound type of a target uses; null for types without one. */
export function profileOf(target: Target): LoadBalancerTarget | NatGatewayTarget | null {
  if (target.outboundType === 'loadBalancer') return target.loadBalancer
  return target.outboundType === 'managedNATGateway' ? target.natGateway : null
}

/** The number of addresses of a family that AKS creates for a target. */
export function managedIpCount(target: Target, family: 'IPv4' | 'IPv6'): number {
  const profile = profileOf(target)
  return (family === 'IPv4' ? profile?.managedOutboundIpCount : profile?.managedOutboundIpv6Count) ?? 0
}

/** The profiles of the cluster after the change to the target, with the AKS-managed addresses that stay, and without those that AKS will create. */
export function profilesAfter(
  target: Target,
  keptIds: string[] = [],
): Pick<ClusterFacts, 'loadBalancerProfile' | 'natGatewayProfile'> {
  const effectiveOutboundIpIds = [...customerIpIds(profileOf(target)), ...keptIds]
  return {
    loadBalancerProfile:
      target.outboundType === 'loadBalancer'
        ? {
            ...target.loadBalancer,
            effectiveOutboundIpIds,
            backendPoolType: null,
            multipleLoadBalancers: false,
          }
        : null,
    natGatewayProfile:
      target.outboundType === 'managedNATGateway' ? { ...target.natGateway, effectiveOutboundIpIds } : null,
  }
}

/** The addresses of a profile: the number that AKS creates, and the addresses that the customer provides. */
export function addressesOf(profile: LoadBalancerProfileFacts | NatGatewayProfileFacts) {
  const { managedOutboundIpCount, managedOutboundIpv6Count, outboundIpIds, outboundIpPrefixIds } = profile
  return { managedOutboundIpCount, managedOutboundIpv6Count, outboundIpIds, outboundIpPrefixIds }
}

/**
 * The current egress as a request with all parameters, from the current profile, without defaults. A profile names
 * either customer-provided addresses or the number of managed ones, never both.
 */
export function formerTarget(cluster: ClusterFacts, from: TypeKey): RequestedTarget {
  const { outboundType, sku } = typeOfKey(from)
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  if (outboundType === 'loadBalancer') {
    const ports = balancer?.allocatedOutboundPorts ?? null
    const parameters = {
      ...requestedAddresses(balancer),
      allocatedOutboundPorts: ports,
      ...idleTimeout(balancer),
    }
    return { outboundType, loadBalancer: withoutNulls(parameters) }
  }
  if (outboundType !== 'managedNATGateway') return { outboundType }
  const parameters = { sku, ...requestedAddresses(gateway), ...idleTimeout(gateway) }
  return { outboundType, natGateway: withoutNulls(parameters) }
}

function requestedAddresses(profile: LoadBalancerProfileFacts | NatGatewayProfileFacts | null) {
  if (profile === null) return {}
  const { outboundIpIds, outboundIpPrefixIds, ...managed } = addressesOf(profile)
  return customerIpIds(profile).length > 0 ? { outboundIpIds, outboundIpPrefixIds } : managed
}

function idleTimeout(profile: LoadBalancerProfileFacts | NatGatewayProfileFacts | null) {
  return { idleTimeoutInMinutes: profile?.idleTimeoutInMinutes ?? null }
}

function withoutNulls<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(values).filter(([, value]) => value !== null)
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> }
}
