import type { DeclaredType, NatGatewaySku, OutboundType, TypeKey } from '../../contract/outbound-type.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import { equalsArm } from '../arm/words.ts'
import { memoize } from '../lib/memoize.ts'
import type { ClusterFacts } from './snapshot.ts'

/** The outbound type that a cluster declares. All members are null for a type that no edition of the matrix knows. */
export interface DeclaredEgress {
  key: TypeKey | null
  outboundType: OutboundType | null
  /** Of a managed NAT gateway; null for the other types. */
  sku: NatGatewaySku | null
}

const UNKNOWN: DeclaredEgress = { key: null, outboundType: null, sku: null }

/** The declared outbound type in its canonical spelling. */
export const declaredEgress = memoize(({ outboundType, natGatewayProfile }: ClusterFacts): DeclaredEgress => {
  const type = readOutboundType(outboundType, natGatewayProfile?.sku)
  return type.kind === 'unknown' ? UNKNOWN : type
})

/** The declared outbound type, in ARM's own spelling where no edition of the matrix knows it. */
export function declaredTypeLabel(cluster: ClusterFacts): string {
  return declaredEgress(cluster).outboundType ?? String(cluster.outboundType)
}

/** The declared outbound type and the SKU of a managed NAT gateway, as the contract shows them. */
export function declaredType(cluster: ClusterFacts): DeclaredType {
  return { outboundType: declaredTypeLabel(cluster), natGatewaySku: declaredEgress(cluster).sku }
}

/** Whether the pods have routes in the route table of their subnet: kubenet cannot do without it. */
export function isKubenet({ networkPlugin }: ClusterFacts): boolean {
  return equalsArm(networkPlugin, 'kubenet')
}

/**
 * Whether the load balancer sends packets to pods and carries no egress. AKS accepts the SKU `service` only together with
 * the backend pool type `PodIP` (azure-rest-api-specs pull request 43720). One of them is enough, because an API version
 * may show only one.
 */
export function hasServiceLoadBalancer({ loadBalancerSku, loadBalancerProfile }: ClusterFacts): boolean {
  return equalsArm(loadBalancerSku, 'service') || equalsArm(loadBalancerProfile?.backendPoolType, 'PodIP')
}

/** A profile of a load balancer or NAT gateway, as far as it names customer-provided addresses. */
interface NamedAddresses {
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
}

/** The customer-provided public IPs and prefixes that a profile names; none where there is no profile. */
export function customerIpIds(profile: NamedAddresses | null | undefined): string[] {
  return profile == null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds]
}

/** The customer-provided addresses that either profile of the cluster names. */
export function customerIpIdsOf({ loadBalancerProfile, natGatewayProfile }: ClusterFacts): string[] {
  return [loadBalancerProfile, natGatewayProfile].flatMap(customerIpIds)
}
