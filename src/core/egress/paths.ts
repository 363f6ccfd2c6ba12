import type { EffectivePath } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { defaultRouteIn, internetRouteIn, isApplianceHop, nextHopOf } from './routes.ts'

/**
 * The path that a subnet's packets take out, whatever the cluster declares. Strongest first: a default
 * route to an appliance or gateway, the subnet's NAT gateway, an instance's own public IP, the load
 * balancer's outbound rule, Azure's default outbound access (nat-overview, nat-gateway-design, AKS engineering blog).
 */
export function effectivePathOf(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): EffectivePath {
  // Its security rules deny the internet whatever path there is (egress-outboundtype).
  if (declared === 'block') return 'none'
  const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
  if (route === 'unread') return 'unknown'
  if (route === 'mixed') return 'mixed'
  if (route === null && mayLearnDefaultRoute(subnet, snapshot, declared)) return 'unknown'
  const hop = route === null ? null : nextHopOf(route)
  if (hop === 'VirtualAppliance') return 'virtualAppliance'
  if (hop === 'VirtualNetworkGateway') return 'virtualNetworkGateway'
  if (hop === 'None') return 'none'
  if (hasNatGateway(subnet, declared)) return 'natGateway'
  if (usesInstanceIps(subnet, snapshot)) return 'instancePublicIp'
  if (declared === 'loadBalancer') return 'loadBalancer'
  if (declared === null) return 'unknown'
  return subnet.defaultOutboundAccess === false ? 'none' : 'defaultOutbound'
}

/**
 * Whether nodes with public IPs of their own leave by them here, which they also do where other pools of the same
 * subnet have none: nothing stronger stands on the subnet (nat-overview, Karpenter Azure provider).
 */
export function usesNodePublicIps(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): boolean {
  if (declared === 'block' || hasNatGateway(subnet, declared)) return false
  const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
  if (route === null) return !mayLearnDefaultRoute(subnet, snapshot, declared)
  return typeof route !== 'string' && !isApplianceHop(route) && nextHopOf(route) !== 'None'
}

function hasNatGateway(subnet: SubnetFacts, declared: OutboundType | null): boolean {
  return subnet.natGatewayId !== null || declared === 'managedNATGateway'
}

/**
 * The one path of all subnets, or `mixed`; `unknown` when a subnet of the user's could not be read. In a managed
 * VNet without a visible subnet the declared type has to be believed.
 */
export function effectivePathOfSubnets(
  subnets: SubnetFacts[],
  snapshot: Snapshot,
  declared: OutboundType | null,
): EffectivePath {
  if (unseenSubnetIds(snapshot.cluster, subnets).length > 0) return 'unknown'
  const paths = new Set(subnets.map((subnet) => effectivePathOf(subnet, snapshot, declared)))
  if (paths.size === 0) return presumedPath(declared)
  const [only] = paths
  return paths.size === 1 && only !== undefined ? only : 'mixed'
}

/** The path class that a declared type stands for. */
export function declaredPathOf(declared: OutboundType): EffectivePath[] {
  switch (declared) {
    case 'loadBalancer':
      return ['loadBalancer']
    case 'managedNATGateway':
    case 'userAssignedNATGateway':
      return ['natGateway']
    case 'userDefinedRouting':
      return ['virtualAppliance', 'virtualNetworkGateway']
    case 'none':
    case 'block':
      return ['none']
  }
}

/**
 * The route for 0.0.0.0/0 of the subnet's route table, the only one that AKS accepts for userDefinedRouting; null
 * when there is none, `unread` when the table is named but could not be read. Routes learnt over BGP are not
 * visible in ARM.
 */
export function defaultRouteOf(subnet: SubnetFacts, snapshot: Snapshot): RouteFacts | 'unread' | null {
  if (subnet.routeTableId === null) return null
  const table = snapshot.routeTables[idKey(subnet.routeTableId)]
  if (table === undefined) return 'unread'
  return defaultRouteIn(table.routes)
}

/** Whether a default route leads the subnet's packets to an appliance or gateway, which outranks all else. */
export function routesToAppliance(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const route = defaultRouteOf(subnet, snapshot)
  return route !== null && route !== 'unread' && isApplianceHop(route)
}

/**
 * The route that packets to the internet really take: as `defaultRouteOf`, but 0.0.0.0/1 and 128.0.0.0/1 outrank
 * 0.0.0.0/0, because the longest prefix wins. `mixed` when the two halves of the internet go different ways.
 */
export function effectiveDefaultRouteOf(
  subnet: SubnetFacts,
  routeTables: Record<string, RouteTableFacts>,
): RouteFacts | 'unread' | 'mixed' | null {
  if (subnet.routeTableId === null) return null
  const table = routeTables[idKey(subnet.routeTableId)]
  return table === undefined ? 'unread' : internetRouteIn(table.routes)
}

/**
 * A private cluster with userDefinedRouting may take its default route from BGP, which ARM does not show
 * (AKS release notes 2020-10-26); a table that forbids propagation rules it out.
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

/** The pools with nodes or pods in the subnet; in an AKS-made one all of them. */
export function poolsIn(subnet: SubnetFacts, snapshot: Snapshot): AgentPoolFacts[] {
  return snapshot.cluster.agentPools.filter(
    (pool) => subnet.pools.length === 0 || subnet.pools.includes(pool.name),
  )
}

/** The path of a declared type that has only one. */
function presumedPath(declared: OutboundType | null): EffectivePath {
  const [path, ...others] = declared === null ? [] : declaredPathOf(declared)
  return path !== undefined && others.length === 0 ? path : 'unknown'
}

/** A path in a sentence, after "leave by". */
const PATH_LABELS: Record<EffectivePath, string> = {
  virtualAppliance: 'a virtual appliance',
  virtualNetworkGateway: 'a virtual network gateway',
  natGateway: 'a NAT gateway',
  instancePublicIp: 'public IPs of the nodes',
  loadBalancer: 'the load balancer',
  defaultOutbound: "Azure's default outbound access",
  none: 'no path',
  mixed: 'several paths',
  unknown: 'an unknown path',
}

export function pathLabel(path: EffectivePath): string {
  return PATH_LABELS[path]
}

/** `leave by a NAT gateway`, `have no way out`. */
export function leavingLabel(path: EffectivePath): string {
  return path === 'none' ? 'have no way out' : `leave by ${PATH_LABELS[path]}`
}
