import type { EffectivePath, IpFamily, PathCertainty } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import type { RouteFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  applianceAddresses,
  distinctAddresses,
  type EgressAddress,
  instanceAddresses,
  isAksOwned,
  manualRuleAddresses,
  natGatewayAddresses,
  outboundRuleAddresses,
  profileAddressesOf,
  unknownAddress,
} from './addresses.ts'
import { isNetworkUnread } from './destinations.ts'
import { bgpSignOf, lacksNetworkGateway } from './learned-routes.ts'
import { firewallAt, forwardingOf } from './next-hop-firewall.ts'
import { aksLoadBalancer, isStandardV2 } from './outbound-resources.ts'
import { hopAddresses, isAppliance, nextHopOf } from './routes.ts'
import { natGatewayIdOf, poolsIn } from './subnet-attachments.ts'

/** The network and the declared outbound type, before or after a change. */
export interface EgressSide {
  snapshot: Snapshot
  /** The type that determines the paths. During an interrupted change, it can be the former type. */
  declared: OutboundType | null
  /** The other type of an interrupted change, which may determine the paths instead. */
  other?: OutboundType | null
  subnets: SubnetFacts[]
  /** The addresses of the target's profile after the change; null before it. */
  profile: EgressAddress[] | null
  /** Whether AKS attaches its own NAT gateway to the subnets with the change. */
  attachesGateway?: boolean
}

/** A path with its source addresses and its certainty. */
export interface Way {
  path: EffectivePath
  /** The resources that carry the packets: a resource ID, or the private addresses of appliances. */
  via: string | null
  /** The source addresses that destinations see. */
  addresses: EgressAddress[]
  certainty: PathCertainty
}

/** The path of packets that match one route, with their source addresses. */
export function wayBy(
  route: RouteFacts | null,
  subnet: SubnetFacts,
  family: IpFamily,
  side: EgressSide,
): Way {
  const { snapshot } = side
  const path = pathBy(route, subnet, family, side)
  const certainty = certaintyOf(path, route, subnet, family, side)
  const nodeIps = reachesNodeIps(route, family, subnet, side) ? instanceAddresses(subnet, snapshot) : []
  const found = { path, via: viaOf(path, route, subnet, side), certainty }
  if (path === 'instancePublicIp') return { ...found, addresses: nodeIps }
  if (path === 'unknown') return { ...found, addresses: addressesUnlessOverridden(subnet, family, side) }
  return { ...found, addresses: [...addressesOn(path, route, subnet, family, side), ...nodeIps] }
}

/**
 * The path that a route and the attachments of the subnet select. In order of precedence: the next hop of the route,
 * a NAT gateway of the subnet or its virtual network, the public IPs of nodes, the outbound rule of the load
 * balancer, default outbound access. Sources: nat-overview, nat-gateway-design, AKS engineering blog.
 */
export function pathBy(
  route: RouteFacts | null,
  subnet: SubnetFacts,
  family: IpFamily,
  side: EgressSide,
): EffectivePath {
  const { snapshot, declared } = side
  // The security rules of `block` deny the internet on every path (egress-outboundtype).
  if (declared === 'block') return 'none'
  const hop = route === null ? 'Internet' : nextHopOf(route)
  if (route !== null && isAppliance(route)) return 'virtualAppliance'
  if (hop === 'VirtualNetworkGateway')
    return lacksNetworkGateway(subnet, snapshot) ? 'none' : 'virtualNetworkGateway'
  // Inferred: the virtual network contains no public address, so it drops the packet.
  if (hop === 'None' || hop === 'VnetLocal') return 'none'
  if (hop === null) return 'unknown'
  if (route === null && mayLearnDefaultRoute(subnet, snapshot, declared)) return 'unknown'
  return translatedBy(subnet, family, side)
}

/** The resource that translates the source address of packets with the next hop `Internet`. */
function translatedBy(subnet: SubnetFacts, family: IpFamily, side: EgressSide): EffectivePath {
  return natGatewayPath(subnet, family, side) ?? translatedWithoutGateway(subnet, family, side)
}

function translatedWithoutGateway(subnet: SubnetFacts, family: IpFamily, side: EgressSide): EffectivePath {
  const { snapshot, declared } = side
  if (family === 'IPv4' && usesInstanceIps(subnet, snapshot)) return 'instancePublicIp'
  if (declared === null) return 'unknown'
  // Node public IPs and default outbound access carry IPv4 only (inferred; default-outbound-access).
  if (family === 'IPv6') return balancerAddresses(side, family).length > 0 ? 'loadBalancer' : 'none'
  if (declared === 'loadBalancer') return 'loadBalancer'
  return subnet.defaultOutboundAccess === false ? 'none' : 'defaultOutbound'
}

/**
 * The NAT gateway that translates packets of this family; null if there is none. Standard gateways carry IPv4 only, and
 * a StandardV2 gateway carries IPv6 where it has IPv6 addresses (nat-sku).
 */
function natGatewayPath(
  subnet: SubnetFacts,
  family: IpFamily,
  side: EgressSide,
): 'natGateway' | 'unknown' | null {
  const { snapshot, declared } = side
  const id = gatewayOf(subnet, side)
  if (family === 'IPv4') {
    if (id === null) return declared === 'managedNATGateway' ? 'natGateway' : null
    return isProfileGateway(id, side) || mayCarry(id, snapshot) ? 'natGateway' : 'unknown'
  }
  const isOfProfile = declared === 'managedNATGateway' && profileAddressesOf(side, family).length > 0
  if (isProfileGateway(id, side)) return isOfProfile ? 'natGateway' : null
  if (isOfProfile && mayReplaceGateway(subnet, side)) return 'natGateway'
  const gateway = snapshot.natGateways[idKey(id ?? '')]
  if (gateway === undefined) return 'unknown'
  const isCarried = isStandardV2(gateway) && natGatewayAddresses(gateway.id, snapshot, family).length > 0
  return isCarried ? 'natGateway' : null
}

/** A gateway without addresses is not operational (troubleshoot-nat). Azure does not define which path packets then have. */
function mayCarry(id: string, snapshot: Snapshot): boolean {
  return natGatewayAddresses(id, snapshot, 'IPv4').length > 0
}

/**
 * The NAT gateway that carries the packets of the subnet; null for the gateway of the declared profile. AKS attaches the
 * gateway of `managedNATGateway` to the subnet, where it takes precedence over a gateway of the virtual network.
 */
function gatewayOf(subnet: SubnetFacts, side: EgressSide): string | null {
  return side.attachesGateway === true ? subnet.natGatewayId : natGatewayIdOf(subnet, side.snapshot)
}

/** Whether AKS may replace a customer-managed gateway on the subnet with its own gateway. Azure does not define this. */
export function mayReplaceGateway(subnet: SubnetFacts, side: EgressSide): boolean {
  return side.attachesGateway === true && !isProfileGateway(subnet.natGatewayId, side)
}

/** Whether the gateway belongs to the declared profile, so that AKS attaches it or replaces its addresses. */
function isProfileGateway(id: string | null, { snapshot, profile }: EgressSide): boolean {
  return id === null || (profile !== null && isAksOwned(id, snapshot))
}

/** The addresses of the outbound rules of the load balancer: from the profile and manual rules, or from the rules in ARM. */
function balancerAddresses(side: EgressSide, family: IpFamily): EgressAddress[] {
  if (side.declared === 'loadBalancer') {
    const own = profileAddressesOf(side, family)
    return side.profile === null
      ? distinctAddresses([...own, ...manualRuleAddresses(side.snapshot, family)])
      : own
  }
  // A change of the outbound type removes the outbound rule of AKS together with the profile (egress-outboundtype).
  return side.profile === null ? outboundRuleAddresses(side.snapshot, family) : []
}

function certaintyOf(
  path: EffectivePath,
  route: RouteFacts | null,
  subnet: SubnetFacts,
  family: IpFamily,
  side: EgressSide,
): PathCertainty {
  if (path === 'unknown') return 'unknown'
  if (side.declared === 'block') return 'certain'
  if (path === 'virtualAppliance' && route !== null && mayForward(route, subnet, family, side))
    return 'possible'
  if (route === null && bgpSignOf(subnet, side.snapshot) !== null) return 'possible'
  if (path === 'none' && route !== null && nextHopOf(route) === 'VirtualNetworkGateway') return 'possible'
  if (isTranslated(route) && isNetworkUnread(subnet, side.snapshot)) return 'possible'
  if (path === 'natGateway' && mayReplaceGateway(subnet, side)) return 'possible'
  // Azure does not define which of several outbound rules a packet uses.
  if (
    path === 'loadBalancer' &&
    side.profile === null &&
    manualRuleAddresses(side.snapshot, family).length > 0
  )
    return 'possible'
  // Nodes behind a Standard load balancer have no default outbound access. Other VMs keep it until they are deallocated (troubleshoot-nat).
  return path === 'defaultOutbound' || (path === 'none' && isTranslated(route)) ? 'possible' : 'certain'
}

/** Whether a firewall of this route may send packets to another hop, so that its public addresses do not translate them. */
function mayForward(
  route: RouteFacts,
  subnet: SubnetFacts,
  family: IpFamily,
  { snapshot }: EgressSide,
): boolean {
  const firewalls = hopAddresses(route).flatMap((hop) => firewallAt(hop, subnet.id, snapshot) ?? [])
  return firewalls.some((firewall) => forwardingOf(firewall, snapshot, family) === 'partial')
}

/** Whether Azure translates the source address of packets on this route, so that attachments of the subnet matter. */
export function isTranslated(route: RouteFacts | null): boolean {
  return route === null || nextHopOf(route) === 'Internet'
}

/** Whether packets on this route use the public IPs of nodes (inferred: these IPs carry IPv4 only). */
export function reachesNodeIps(
  route: RouteFacts | null,
  family: IpFamily,
  subnet: SubnetFacts,
  { snapshot, declared }: Pick<EgressSide, 'snapshot' | 'declared'>,
): boolean {
  if (family !== 'IPv4' || declared === 'block' || !isTranslated(route)) return false
  if (natGatewayIdOf(subnet, snapshot) !== null || declared === 'managedNATGateway') return false
  return route !== null || !mayLearnDefaultRoute(subnet, snapshot, declared)
}

/**
 * The result if an unseen or unknown route, or a NAT gateway, may carry the packets. It has the addresses of the path
 * without that route or gateway. It also has an unknown address.
 */
function addressesUnlessOverridden(subnet: SubnetFacts, family: IpFamily, side: EgressSide): EgressAddress[] {
  const found = translatedBy(subnet, family, side)
  const path = found === 'unknown' ? translatedWithoutGateway(subnet, family, side) : found
  const isNodeIp = family === 'IPv4' && path !== 'natGateway'
  return distinctAddresses([
    ...(path === 'instancePublicIp' ? [] : addressesOn(path, null, subnet, family, side)),
    ...(isNodeIp ? instanceAddresses(subnet, side.snapshot) : []),
    unknownAddress(family),
  ])
}

function addressesOn(
  path: EffectivePath,
  route: RouteFacts | null,
  subnet: SubnetFacts,
  family: IpFamily,
  side: EgressSide,
): EgressAddress[] {
  const { snapshot } = side
  switch (path) {
    case 'virtualAppliance':
      return applianceAddresses(route === null ? [] : hopAddresses(route), subnet.id, snapshot, family)
    case 'natGateway': {
      const id = gatewayOf(subnet, side)
      if (id === null || isProfileGateway(id, side)) return profileAddressesOf(side, family)
      const present = natGatewayAddresses(id, snapshot, family)
      return mayReplaceGateway(subnet, side)
        ? distinctAddresses([...present, ...profileAddressesOf(side, family)])
        : present
    }
    case 'loadBalancer':
      return balancerAddresses(side, family)
    case 'none':
      return []
    default:
      return [unknownAddress(family)]
  }
}

function viaOf(
  path: EffectivePath,
  route: RouteFacts | null,
  subnet: SubnetFacts,
  side: EgressSide,
): string | null {
  switch (path) {
    case 'natGateway':
      return mayReplaceGateway(subnet, side) ? null : gatewayOf(subnet, side)
    case 'loadBalancer':
      return aksLoadBalancer(side.snapshot)?.id ?? null
    case 'virtualAppliance':
    case 'virtualNetworkGateway':
      return route === null ? null : hopAddresses(route).join(', ') || subnet.routeTableId
    default:
      return null
  }
}

/**
 * A private cluster with userDefinedRouting may receive its default route over BGP, which ARM does not show (AKS
 * release notes 2020-10-26), unless the route table disables BGP route propagation.
 */
function mayLearnDefaultRoute(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): boolean {
  if (declared !== 'userDefinedRouting' || !snapshot.cluster.enablePrivateCluster) return false
  return snapshot.routeTables[idKey(subnet.routeTableId ?? '')]?.disableBgpRoutePropagation !== true
}

function usesInstanceIps(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const pools = poolsIn(subnet, snapshot)
  return pools.length > 0 && pools.every((pool) => pool.enableNodePublicIP)
}
