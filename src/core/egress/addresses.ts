import type { EgressIpChange, IpFamily } from '../../contract/egress.ts'
import type { EgressReport } from '../../contract/egress-report.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey, isInResourceGroup } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { distinctBy } from '../lib/lists.ts'
import { neighboursOn } from '../snapshot/neighbours.ts'
import type { FirewallFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type {
  AgentPoolFacts,
  LoadBalancerProfileFacts,
  NatGatewayProfileFacts,
  Snapshot,
} from '../snapshot/snapshot.ts'
import { firewallAt, forwardingOf } from './next-hop-firewall.ts'
import { aksLoadBalancer, manualOutboundRules } from './outbound-resources.ts'
import { gatewayBehind, poolsIn } from './subnet-attachments.ts'

type EgressProfile = LoadBalancerProfileFacts | NatGatewayProfileFacts | null

/** The profile of the declared outbound type; null if the type has no profile, or ARM shows none. */
export function declaredProfile({ cluster }: Snapshot, declared: OutboundType | null): EgressProfile {
  if (declared === 'loadBalancer') return cluster.loadBalancerProfile
  return declared === 'managedNATGateway' ? cluster.natGatewayProfile : null
}

/** A source address of the packets of the cluster, or the CIDR of a prefix of such addresses. */
export interface EgressAddress extends ReportedAddress {
  /** The number of addresses of a resource that the plan itself creates. They are known before the cutover. */
  planned?: number
  /** The number of addresses that AKS creates during the change. */
  created?: number
  /** AKS releases some of these addresses, but which ones cannot be predicted. */
  isUndecided?: true
}
type ReportedAddress = EgressReport['egressIps'][number]

/** The IP families of the cluster. The family of an outbound address counts even if the cluster does not declare it. */
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

/** A public IP or prefix as an egress address; unknown if it could not be read. */
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

/** Whether the addresses and their number are unknown until after the change. */
export function isUnknown({ address, planned, created }: EgressAddress): boolean {
  return address === null && planned === undefined && created === undefined
}

export function unknownAddress(family: IpFamily = 'IPv4'): EgressAddress {
  return { address: null, family, resourceId: null, ownedBy: 'unknown' }
}

/** Resources that AKS created are in the node resource group (load-balancer-standard, nat-gateway). */
export function isAksOwned(id: string, snapshot: Snapshot): boolean {
  return isInResourceGroup(id, snapshot.cluster.subscriptionId, snapshot.cluster.nodeResourceGroup)
}

/** Two entries are equal if they name the same resource or the same address, or if both are unknown. */
export function distinctAddresses(addresses: EgressAddress[]): EgressAddress[] {
  return distinctBy(addresses, addressKey)
}

export function addressKey({ address, resourceId, family, created }: EgressAddress): string {
  return `${address ?? idKey(resourceId ?? '')}|${family}|${created ?? ''}`
}

interface Profiled {
  snapshot: Snapshot
  declared: OutboundType | null
  profile: EgressAddress[] | null
}

/** The addresses of the declared profile in one family: after the change the addresses of the target, before it the addresses in ARM. */
export function profileAddressesOf(
  { snapshot, declared, profile }: Profiled,
  family: IpFamily,
): EgressAddress[] {
  return (profile ?? declaredAddresses(snapshot, declared)).filter((address) => address.family === family)
}

/** The effective addresses in the profile of the declared type; unknown if the profile shows none, or the type has no profile. */
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
  return ruleAddresses(snapshot, family, () => true)
}

/** The addresses of outbound rules that a user added to the AKS load balancer. */
export function manualRuleAddresses(snapshot: Snapshot, family: IpFamily): EgressAddress[] {
  const balancer = aksLoadBalancer(snapshot)
  const manual = new Set(balancer === null ? [] : manualOutboundRules(balancer))
  return manual.size === 0 ? [] : ruleAddresses(snapshot, family, (name) => manual.has(name))
}

function ruleAddresses(
  snapshot: Snapshot,
  family: IpFamily,
  isWanted: (name: string) => boolean,
): EgressAddress[] {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null) return []
  const rules = balancer.outboundRules.filter(({ name }) => isWanted(name))
  const ids = new Set(rules.flatMap(({ frontendIds }) => frontendIds.map(idKey)))
  return balancer.frontends
    .filter(({ id }) => ids.has(idKey(id)))
    .flatMap(({ publicIpId, publicIpPrefixId }) => publicIpId ?? publicIpPrefixId ?? [])
    .map((id) => resolveAddress(id, snapshot))
    .filter((address) => address.family === family)
}

/** The public addresses of the firewalls at these private addresses. A firewall can use any of its public IPs, so all of them count. */
export function applianceAddresses(
  hops: string[],
  subnetId: string,
  snapshot: Snapshot,
  family: IpFamily,
): EgressAddress[] {
  if (hops.length === 0) return [unknownAddress(family)]
  const found = hops.flatMap((hop) => {
    const addresses = firewallAddresses(firewallAt(hop, subnetId, snapshot), snapshot, family)
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
  const forwarding = forwardingOf(firewall, snapshot, family)
  if (forwarding === 'forced') return []
  const own = directAddresses(firewall, snapshot, family)
  return forwarding === 'partial' ? [...own, unknownAddress(family)] : own
}

/** The public addresses of packets that a firewall sends directly to the internet. */
function directAddresses(firewall: FirewallFacts, snapshot: Snapshot, family: IpFamily): EgressAddress[] {
  const gateway = gatewayBehind(firewall, snapshot)
  if (gateway !== null && family === 'IPv4') return natGatewayAddresses(gateway, snapshot, family)
  const hub = firewall.hubPublicAddresses.map((address): EgressAddress => {
    const version = address.includes(':') ? 'IPv6' : 'IPv4'
    return { address, family: version, resourceId: null, ownedBy: 'user' }
  })
  const own = firewall.publicIpIds.map((id) => resolveAddress(id, snapshot))
  return [...own, ...hub].filter((address) => address.family === family)
}

/** Nodes with public IPs use these IPs for egress, not the addresses of the load balancer (Karpenter Azure provider). */
export function instanceAddresses(subnet: SubnetFacts, snapshot: Snapshot): EgressAddress[] {
  const pools = poolsIn(subnet, snapshot).filter((pool) => pool.enableNodePublicIP)
  return pools.flatMap((pool) => nodeAddresses(pool, snapshot))
}

/** The prefixes from which the nodes of a pool get their public IPs; unknown if the pool names no prefix. */
export function nodeAddresses(
  { nodePublicIpPrefixIds: ids }: AgentPoolFacts,
  snapshot: Snapshot,
): EgressAddress[] {
  return ids.length === 0 ? [unknownAddress()] : ids.map((id) => resolveAddress(id, snapshot))
}

/** Marks the lost addresses that other resources may continue to use. */
export function withShared(ledger: EgressIpChange[], snapshot: Snapshot): EgressIpChange[] {
  return ledger.map((row) =>
    row.change === 'lost' && isShared(row, snapshot) ? { ...row, isShared: true } : row,
  )
}

/**
 * Whether an address belongs to a firewall, whose users ARM does not show, or to a NAT gateway that also serves subnets
 * outside of the cluster.
 */
function isShared({ address, resourceId }: EgressIpChange, snapshot: Snapshot): boolean {
  const isAmong = (ids: string[]) => resourceId !== null && ids.some((id) => equalsArm(id, resourceId))
  const { firewalls, natGateways } = snapshot
  return (
    Object.values(firewalls).some(
      ({ publicIpIds, hubPublicAddresses }) =>
        isAmong(publicIpIds) || (address !== null && hubPublicAddresses.includes(address)),
    ) ||
    Object.values(natGateways).some(
      ({ id, publicIpIds, publicIpPrefixIds, sourceVirtualNetworkId }) =>
        isAmong([...publicIpIds, ...publicIpPrefixIds]) &&
        (sourceVirtualNetworkId !== null || neighboursOn(id, snapshot).length > 0),
    )
  )
}
