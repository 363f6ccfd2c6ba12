import type { EgressReport } from '../../contract/egress-report.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey, isInResourceGroup } from '../arm/resource-id.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { distinctBy } from '../lib/lists.ts'
import type { FirewallFacts, NatGatewayFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { LoadBalancerProfileFacts, NatGatewayProfileFacts, Snapshot } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { nextHopFirewall } from './next-hop-firewall.ts'
import { effectivePathOf, poolsIn, usesNodePublicIps } from './paths.ts'

type EgressProfile = LoadBalancerProfileFacts | NatGatewayProfileFacts | null

/** The profile that the declared type leaves by; null for types that have none, or where ARM shows none. */
export function declaredProfile({ cluster }: Snapshot, declared: OutboundType | null): EgressProfile {
  if (declared === 'loadBalancer') return cluster.loadBalancerProfile
  return declared === 'managedNATGateway' ? cluster.natGatewayProfile : null
}

/** One address, or the CIDR of a prefix, that the cluster's packets have as their source. */
export interface EgressAddress extends ReportedAddress {
  /** The number of addresses of a resource that the plan itself creates. They are known before the cutover. */
  planned?: number
}
type ReportedAddress = EgressReport['egressIps'][number]

/**
 * The addresses that leave by the cluster's egress as it is: the union over its subnets, each once. Where
 * subnets cannot be seen the declared type is believed, and something on them may still outrank it.
 */
export function egressAddressesOf(snapshot: Snapshot, declared: OutboundType | null): EgressAddress[] {
  const perSubnet = snapshot.subnets.flatMap((subnet) => addressesOfSubnet(subnet, snapshot, declared))
  const isUnseen = unseenSubnetIds(snapshot.cluster, snapshot.subnets).length > 0
  const isBelieved = isUnseen || snapshot.subnets.length === 0
  return distinctAddresses([
    ...perSubnet,
    ...(isBelieved ? declaredAddresses(snapshot, declared) : []),
    ...(isUnseen ? [unknownAddress()] : []),
  ])
}

/** What one subnet's packets carry, by its effective path. */
export function addressesOfSubnet(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): EgressAddress[] {
  const own = usesNodePublicIps(subnet, snapshot, declared) ? instanceAddresses(subnet, snapshot) : []
  switch (effectivePathOf(subnet, snapshot, declared)) {
    case 'virtualAppliance':
      return applianceAddresses(subnet, snapshot)
    case 'natGateway':
      return subnet.natGatewayId === null
        ? declaredAddresses(snapshot, declared)
        : natGatewayAddresses(subnet.natGatewayId, snapshot)
    case 'instancePublicIp':
      return own
    case 'loadBalancer':
      return [...declaredAddresses(snapshot, declared), ...own]
    case 'none':
      return own
    default:
      return [unknownAddress(), ...own]
  }
}

/** The addresses of a NAT gateway, of both families. */
function natGatewayAddresses(id: string, snapshot: Snapshot): EgressAddress[] {
  const gateway = snapshot.natGateways[idKey(id)]
  if (gateway === undefined) return [unknownAddress()]
  return [...gateway.publicIpIds, ...gateway.publicIpPrefixIds].map((item) => resolveAddress(item, snapshot))
}

/** A public IP or prefix as an egress address; unknown when it could not be read. */
export function resolveAddress(id: string, snapshot: Snapshot): EgressAddress {
  const ownedBy = isAksOwned(id, snapshot) ? 'aks' : 'user'
  const ip = snapshot.publicIps[idKey(id)]
  if (ip !== undefined) {
    const found: EgressAddress = { address: ip.address, family: ip.version, resourceId: ip.id, ownedBy }
    return ip.isPlanned ? { ...found, planned: 1 } : found
  }
  const prefix = snapshot.publicIpPrefixes[idKey(id)]
  if (prefix !== undefined) {
    const { prefix: address, version: family, prefixLength } = prefix
    const found: EgressAddress = { address, family, resourceId: prefix.id, ownedBy }
    return prefix.isPlanned ? { ...found, planned: prefixAddressCount(prefixLength, family) } : found
  }
  return { address: null, family: 'IPv4', resourceId: id, ownedBy }
}

/** Whether nobody can tell the address before the cut-over. */
export function isUnknown({ address, planned }: EgressAddress): boolean {
  return address === null && planned === undefined
}

export function unknownAddress(): EgressAddress {
  return { address: null, family: 'IPv4', resourceId: null, ownedBy: 'unknown' }
}

/** What AKS made itself lies in the node resource group (load-balancer-standard, nat-gateway). */
export function isAksOwned(id: string, snapshot: Snapshot): boolean {
  return isInResourceGroup(id, snapshot.cluster.subscriptionId, snapshot.cluster.nodeResourceGroup)
}

/** Two entries are one when they name the same resource, or the same address, or are both unknowable. */
export function distinctAddresses(addresses: EgressAddress[]): EgressAddress[] {
  return distinctBy(addresses, addressKey)
}

export function addressKey(address: EgressAddress): string {
  return `${address.address ?? ''}|${address.address === null ? idKey(address.resourceId ?? '') : ''}|${address.family}`
}

/** What the profile of the declared type names as effective. */
function declaredAddresses(snapshot: Snapshot, declared: OutboundType | null): EgressAddress[] {
  if (declared === 'none' || declared === 'block') return []
  if (declared !== 'loadBalancer' && declared !== 'managedNATGateway') return [unknownAddress()]
  return effectiveAddresses(declaredProfile(snapshot, declared), snapshot)
}

function effectiveAddresses(profile: EgressProfile, snapshot: Snapshot): EgressAddress[] {
  return (profile?.effectiveOutboundIpIds ?? []).map((id) => resolveAddress(id, snapshot))
}

/** The addresses of a profile that AKS created. */
export function managedAddresses(profile: EgressProfile, snapshot: Snapshot): EgressAddress[] {
  return effectiveAddresses(profile, snapshot).filter(({ ownedBy }) => ownedBy === 'aks')
}

/** Those of the firewall behind the default route; it may use any of its public IPs, so all are named. */
function applianceAddresses(subnet: SubnetFacts, snapshot: Snapshot): EgressAddress[] {
  const firewall = nextHopFirewall(subnet, snapshot)
  if (firewall === null) return [unknownAddress()]
  const gateway = gatewayBehind(firewall, snapshot)
  if (gateway !== undefined) return natGatewayAddresses(gateway.id, snapshot)
  if (firewall.publicIpIds.length === 0) return [unknownAddress()]
  return firewall.publicIpIds.map((id) => resolveAddress(id, snapshot))
}

/** A NAT gateway on the firewall's subnet carries what the firewall lets out. */
function gatewayBehind(firewall: FirewallFacts, snapshot: Snapshot): NatGatewayFacts | undefined {
  const subnets = new Set(firewall.subnetIds.map(idKey))
  return Object.values(snapshot.natGateways).find(({ subnetIds }) =>
    subnetIds.some((id) => subnets.has(idKey(id))),
  )
}

/** Nodes with public IPs of their own leave by them and not by the load balancer's (Karpenter Azure provider). */
export function instanceAddresses(subnet: SubnetFacts, snapshot: Snapshot): EgressAddress[] {
  const pools = poolsIn(subnet, snapshot).filter((pool) => pool.enableNodePublicIP)
  return pools.map((pool) =>
    pool.nodePublicIpPrefixId === null
      ? unknownAddress()
      : resolveAddress(pool.nodePublicIpPrefixId, snapshot),
  )
}

/**
 * Addresses that AKS made for the declared type and releases with it, although no packet leaves by them today because
 * something on the subnets outranks it. They are no egress, so the ledger does not hold them; and yet somebody else
 * may have them tomorrow (OLD_IP_LOST).
 */
export function unusedManagedIps(
  snapshot: Snapshot,
  declared: OutboundType | null,
  before: EgressAddress[],
): EgressAddress[] {
  const used = new Set(before.map(addressKey))
  return managedAddresses(declaredProfile(snapshot, declared), snapshot).filter(
    (address) => address.address !== null && !used.has(addressKey(address)),
  )
}
