import { idKey } from '../arm/resource-id.ts'
import { customerIpIds, declaredEgress } from '../snapshot/network-profile.ts'
import type { LoadBalancerProfileFacts, NatGatewayProfileFacts, Snapshot } from '../snapshot/snapshot.ts'
import { type EgressAddress, resolveAddress } from './addresses.ts'

/** What a failed change of the outbound type has left, which AKS completes when it reconciles the cluster. */
export interface InterruptedChange {
  /** Addresses of the former outbound type that AKS still shows, and then releases. */
  releases: string[]
  /** The same, as far as they are visible. */
  released: EgressAddress[]
  /** AKS does not show every address of the declared outbound type, and creates the others. */
  creates: boolean
}

/**
 * What the cluster shows of an interrupted change. AKS keeps the declared type as its goal, and shows the addresses that are
 * in effect (inferred from recorded changes). Null if nothing is visible. Something may be left all the same.
 */
export function interruptedChange(snapshot: Snapshot): InterruptedChange | null {
  const { cluster } = snapshot
  const { outboundType } = declaredEgress(cluster)
  const balancer = cluster.loadBalancerProfile
  const gateway = cluster.natGatewayProfile
  const former = [
    ...(outboundType === 'loadBalancer' ? [] : managedIds(balancer)),
    ...(outboundType === 'managedNATGateway' ? [] : managedIds(gateway)),
  ]
  const resolved = former.map((id) => resolveAddress(id, snapshot))
  const releases = resolved.map(({ address }, index) => address ?? former[index] ?? '')
  const released = resolved.filter(({ address }) => address !== null)
  const creates =
    (outboundType === 'loadBalancer' && lacksAddresses(balancer)) ||
    (outboundType === 'managedNATGateway' && lacksAddresses(gateway))
  return releases.length > 0 || creates ? { releases, released, creates } : null
}

type Profile = LoadBalancerProfileFacts | NatGatewayProfileFacts | null

function managedIds(profile: Profile): string[] {
  const own = new Set(customerIpIds(profile).map(idKey))
  return (profile?.effectiveOutboundIpIds ?? []).filter((id) => !own.has(idKey(id)))
}

function lacksAddresses(profile: Profile): boolean {
  if (profile === null) return true
  if (customerIpIds(profile).length > 0) return profile.effectiveOutboundIpIds.length === 0
  const wanted = (profile.managedOutboundIpCount ?? 1) + (profile.managedOutboundIpv6Count ?? 0)
  return profile.effectiveOutboundIpIds.length < wanted
}
