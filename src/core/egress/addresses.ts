import type { IpFamily } from '../../contract/egress.ts'
import type { EgressReport } from '../../contract/egress-report.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey, isInResourceGroup } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { distinctBy } from '../lib/lists.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { FirewallFacts, NatGatewayFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type {
  AgentPoolFacts,
  LoadBalancerProfileFacts,
  NatGatewayProfileFacts,
  Snapshot,
} from '../snapshot/snapshot.ts'
import { firewallAt } from './next-hop-firewall.ts'
import { aksLoadBalancer } from './outbound-resources.ts'
import { poolsIn } from './subnet-attachments.ts'

type EgressProfile = LoadBalancerProfileFacts | NatGatewayProfileFacts | null

/** The profile that the declared type leaves by; null for types that have none, or where ARM shows none. */
export function declaredProfile({ cluster }: Snapshot, declared: OutboundType | null): EgressProfile {
  if (declared === 'loadBalancer') return cluster.loadBalancerProfile
  return declared === 'managedNATGateway' ? cluster.natGatewayProfile : null
}

/** One address, or the CIDR of a prefix, that packets of the cluster have as their source. */
export interface EgressAddress extends ReportedAddress {
  /** The number of addresses of a resource that the plan itself creates. They are known before the cutover. */
  planned?: number
  /** The number of addresses that AKS creates during the change. */
  created?: number
  /** AKS releases some of these addresses, and which ones cannot be predicted. */
  isUndecided?: true
}
type ReportedAddress = EgressReport['egressIps'][number]

/** The address families of the cluster; an outbound address counts although the cluster does not name its family. */
export function familiesOf({ snapshot, declared, profile }: Profiled): IpFamily[] {
  const isDualStack =
    snapshot.cluster.ipFamilies.some((family) => equalsArm(family, 'IPv6')) ||
    (profile ?? declaredAddresses(snapshot, declared)).some(({ family }) => family === 'IPv6')
  return isDualStack ? ['IPv4', 'IPv6'] : ['IPv4']
}

/** The addresses of a NAT gateway in one family. */
export function natGatewayAddresses(id: string, snapshot: Snapshot, family: IpFamily): EgressAddress[] {
  const gateway = snapshot.natGateways[idKey(id)]
  if (gateway === undefined) return [unknownAddress(family)]
  return [...gateway.publicIpIds, ...gateway.publicIpPrefixIds]
    .map((item) => resolveAddress(item, snapshot))
    .filter((address) => address.family === family)
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

/** Whether the address is unknown until after the change, and so is the number of addresses. */
export function isUnknown({ address, planned, created }: EgressAddress): boolean {
  return address === null && planned === undefined && created === undefined
}

export function unknownAddress(family: IpFamily = 'IPv4'): EgressAddress {
  return { address: null, family, resourceId: null, ownedBy: 'unknown' }
}

/** What AKS made itself lies in the node resource group (load-balancer-standard, nat-gateway). */
export function isAksOwned(id: string, snapshot: Snapshot): boolean {
  return isInResourceGroup(id, snapshot.cluster.subscriptionId, snapshot.cluster.nodeResourceGroup)
}

/** Two entries are one when they name the same resource, or the same address, or are both unknown. */
export function distinctAddresses(addresses: EgressAddress[]): EgressAddress[] {
  return distinctBy(addresses, addressKey)
}

export function addressKey({ address, resourceId, family, created }: EgressAddress): string {
  return [address ?? idKey(resourceId ?? ''), family, created].join('|')
}

interface Profiled {
  snapshot: Snapshot
  declared: OutboundType | null
  profile: EgressAddress[] | null
}

/** The addresses of the declared profile in one family: those of the target after the change, those in ARM before it. */
export function profileAddressesOf(
  { snapshot, declared, profile }: Profiled,
  family: IpFamily,
): EgressAddress[] {
  return (profile ?? declaredAddresses(snapshot, declared)).filter((address) => address.family === family)
}

/** What the profile of the declared type names as effective; unknown if it names nothing, or the type has none. */
function declaredAddresses(snapshot: Snapshot, declared: OutboundType | null): EgressAddress[] {
  if (declared === 'none' || declared === 'block') return []
  const shown = effectiveAddresses(declaredProfile(snapshot, declared), snapshot)
  return shown.length === 0 ? [unknownAddress()] : shown
}

function effectiveAddresses(profile: EgressProfile, snapshot: Snapshot): EgressAddress[] {
  return (profile?.effectiveOutboundIpIds ?? []).map((id) => resolveAddress(id, snapshot))
}

/** The addresses of a profile that AKS created. */
export function managedAddresses(profile: EgressProfile, snapshot: Snapshot): EgressAddress[] {
  return effectiveAddresses(profile, snapshot).filter(({ ownedBy }) => ownedBy === 'aks')
}

/** The addresses of the outbound rules that ARM shows on the AKS load balancer. */
export function outboundRuleAddresses(snapshot: Snapshot, family: IpFamily): EgressAddress[] {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null) return []
  const ids = new Set(balancer.outboundRules.flatMap(({ frontendIds }) => frontendIds.map(idKey)))
  return balancer.frontends
    .filter(({ id }) => ids.has(idKey(id)))
    .flatMap(({ publicIpId, publicIpPrefixId }) => publicIpId ?? publicIpPrefixId ?? [])
    .map((id) => resolveAddress(id, snapshot))
    .filter((address) => address.family === family)
}

/** Those of the firewalls at these private addresses; a firewall may use any of its public IPs, so all are named. */
export function applianceAddresses(hops: string[], snapshot: Snapshot, family: IpFamily): EgressAddress[] {
  if (hops.length === 0) return [unknownAddress(family)]
  const found = hops.flatMap((hop) => {
    const addresses = firewallAddresses(firewallAt(hop, snapshot), snapshot, family)
    return addresses.length === 0 ? [unknownAddress(family)] : addresses
  })
  return distinctAddresses(found)
}

function firewallAddresses(
  firewall: FirewallFacts | null,
  snapshot: Snapshot,
  family: IpFamily,
): EgressAddress[] {
  if (firewall === null) return []
  const gateway = gatewayBehind(firewall, snapshot)
  if (gateway !== undefined && family === 'IPv4') return natGatewayAddresses(gateway.id, snapshot, family)
  const hub = firewall.hubPublicAddresses.map((address): EgressAddress => {
    const version = address.includes(':') ? 'IPv6' : 'IPv4'
    return { address, family: version, resourceId: null, ownedBy: 'user' }
  })
  const own = firewall.publicIpIds.map((id) => resolveAddress(id, snapshot))
  return [...own, ...hub].filter((address) => address.family === family)
}

/** A NAT gateway on the firewall's subnet carries what the firewall lets out. */
function gatewayBehind(firewall: FirewallFacts, snapshot: Snapshot): NatGatewayFacts | undefined {
  const subnets = new Set(firewall.subnetIds.map(idKey))
  const networks = new Set(firewall.subnetIds.map(vnetKeyOf))
  return Object.values(snapshot.natGateways).find(
    ({ subnetIds, sourceVirtualNetworkId }) =>
      subnetIds.some((id) => subnets.has(idKey(id))) || networks.has(idKey(sourceVirtualNetworkId ?? '')),
  )
}

/** Nodes with public IPs of their own leave by them and not by the load balancer's (Karpenter Azure provider). */
export function instanceAddresses(subnet: SubnetFacts, snapshot: Snapshot): EgressAddress[] {
  const pools = poolsIn(subnet, snapshot).filter((pool) => pool.enableNodePublicIP)
  return pools.flatMap((pool) => nodeAddresses(pool, snapshot))
}

/** The prefixes that a pool takes the public IPs of its nodes from; unknown where it names none. */
export function nodeAddresses(
  { nodePublicIpPrefixIds: ids }: AgentPoolFacts,
  snapshot: Snapshot,
): EgressAddress[] {
  return ids.length === 0 ? [unknownAddress()] : ids.map((id) => resolveAddress(id, snapshot))
}
