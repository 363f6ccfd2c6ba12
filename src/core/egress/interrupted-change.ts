import type { TypeKey } from '../../contract/outbound-type.ts'
import { readOutboundType, typeOfKey } from '../arm/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import { memoize } from '../lib/memoize.ts'
import { customerIpIds, declaredEgress } from '../snapshot/network-profile.ts'
import type { LoadBalancerProfileFacts, NatGatewayProfileFacts, Snapshot } from '../snapshot/snapshot.ts'
import { declaredProfile, isAksOwned, resolveAddress } from './addresses.ts'
import type { EgressSide } from './ways.ts'

/** A change of the egress that failed, and that AKS completes when it reconciles the cluster. */
export interface InterruptedChange {
  /** The former outbound type, if AKS still shows its addresses. Null if only the parameters have changed, or it is unknown. */
  former: TypeKey | null
}

type Profile = LoadBalancerProfileFacts | NatGatewayProfileFacts

/**
 * The interrupted change that the cluster shows. AKS keeps the declared type as its goal, and shows the addresses in
 * use (inferred from recorded changes). Null if nothing is visible, although a change may still be incomplete.
 */
export const interruptedChange = memoize((snapshot: Snapshot): InterruptedChange | null => {
  const { cluster } = snapshot
  const { outboundType } = declaredEgress(cluster)
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  if (outboundType !== 'loadBalancer' && hasAddresses(balancer)) return { former: 'loadBalancer' }
  if (outboundType !== 'managedNATGateway' && hasAddresses(gateway)) {
    const type = readOutboundType('managedNATGateway', gateway.sku)
    return { former: type.kind === 'known' ? type.key : null }
  }
  const hasProfile = outboundType === 'loadBalancer' || outboundType === 'managedNATGateway'
  return hasProfile && !isReached(declaredProfile(snapshot, outboundType), snapshot) ? { former: null } : null
})

/** The egress before AKS completes the change: the egress of the former type, while the declared type has no addresses yet. */
export function interruptedSide(snapshot: Snapshot, { former }: InterruptedChange): EgressSide {
  const declared = declaredEgress(snapshot.cluster).outboundType
  const isLeft = former !== null && !hasAddresses(declaredProfile(snapshot, declared))
  return {
    snapshot,
    declared: isLeft ? typeOfKey(former).outboundType : declared,
    subnets: snapshot.subnets,
    profile: null,
  }
}

function hasAddresses(profile: Profile | null): profile is Profile {
  return profile !== null && profile.effectiveOutboundIpIds.length > 0
}

/** Whether the cluster uses the addresses that the profile requests. */
function isReached(profile: Profile | null, snapshot: Snapshot): boolean {
  if (!hasAddresses(profile)) return false
  const effective = profile.effectiveOutboundIpIds
  const customer = new Set(customerIpIds(profile).map(idKey))
  // The documentation does not state how AKS shows the addresses of a prefix.
  if (profile.outboundIpPrefixIds.length > 0) return true
  if (customer.size > 0)
    return customer.size === effective.length && effective.every((id) => customer.has(idKey(id)))
  if (!effective.every((id) => isAksOwned(id, snapshot))) return false
  const { managedOutboundIpCount: count, managedOutboundIpv6Count: countIpv6 } = profile
  const isCounted = (id: string) => countIpv6 !== null || resolveAddress(id, snapshot).family === 'IPv4'
  const shown = effective.filter(isCounted).length
  return count === null ? shown > 0 : shown === count + (countIpv6 ?? 0)
}
