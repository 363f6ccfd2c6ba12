import type { EffectivePath } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'

/** Next hops that AKS accepts for a default route (UDR, FW). */
const APPLIANCE_HOPS = ['virtualappliance', 'virtualnetworkgateway']

/**
 * The path that a subnet's packets take out, whatever the cluster declares. Strongest first: a default
 * route to an appliance or gateway, the subnet's NAT gateway, an instance's own public IP, the load
 * balancer's outbound rule, Azure's default outbound access (rulebook EFFECTIVE_PATH; NOV, NDES, BLOG).
 */
export function effectivePathOf(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): EffectivePath {
  // Its security rules deny the internet whatever path there is (EO; rulebook BLOCK_VNET_TRAFFIC).
  if (declared === 'block') return 'none'
  const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
  if (route === 'unread') return 'unknown'
  if (route === 'mixed') return 'mixed'
  if (route === null && mayLearnDefaultRoute(subnet, snapshot, declared)) return 'unknown'
  if (route?.nextHopType === 'VirtualAppliance') return 'virtualAppliance'
  if (route?.nextHopType === 'VirtualNetworkGateway') return 'virtualNetworkGateway'
  if (route?.nextHopType === 'None') return 'none'
  if (hasNatGateway(subnet, declared)) return 'natGateway'
  if (usesInstanceIps(subnet, snapshot)) return 'instancePublicIp'
  if (declared === 'loadBalancer') return 'loadBalancer'
  if (declared === null) return 'unknown'
  return subnet.defaultOutboundAccess === false ? 'none' : 'defaultOutbound'
}

/**
 * Whether nodes with public IPs of their own leave by them here, which they also do where other pools of the same
 * subnet have none: nothing stronger stands on the subnet (NOV, KARP).
 */
export function usesNodePublicIps(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): boolean {
  if (declared === 'block' || hasNatGateway(subnet, declared)) return false
  const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
  if (route === null) return !mayLearnDefaultRoute(subnet, snapshot, declared)
  const isElsewhere =
    typeof route === 'string' || [...APPLIANCE_HOPS, 'none'].includes(route.nextHopType.toLowerCase())
  return !isElsewhere
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
  if (paths.size === 0) return believed(declared)
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
  return table.routes.find((route) => route.addressPrefix === '0.0.0.0/0') ?? null
}

/** Whether a default route leads the subnet's packets to an appliance or gateway, which outranks all else. */
export function routesToAppliance(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const route = defaultRouteOf(subnet, snapshot)
  return route !== null && route !== 'unread' && APPLIANCE_HOPS.includes(route.nextHopType.toLowerCase())
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
  if (table === undefined) return 'unread'
  const [whole, low, high] = ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1'].map((prefix) =>
    table.routes.find((route) => route.addressPrefix === prefix),
  )
  const [first, second] = [low ?? whole, high ?? whole]
  return first?.nextHopType === second?.nextHopType && first?.nextHopIpAddress === second?.nextHopIpAddress
    ? (first ?? null)
    : 'mixed'
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
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  return table?.disableBgpRoutePropagation !== true
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

function believed(declared: OutboundType | null): EffectivePath {
  switch (declared) {
    case 'loadBalancer':
      return 'loadBalancer'
    case 'managedNATGateway':
    case 'userAssignedNATGateway':
      return 'natGateway'
    case 'none':
    case 'block':
      return 'none'
    default:
      return 'unknown'
  }
}

/** A path in a sentence, after "leave by". */
const PATH_LABELS: Record<EffectivePath, string> = {
  virtualAppliance: 'a virtual appliance',
  virtualNetworkGateway: 'a virtual network gateway',
  natGateway: 'a NAT gateway',
  instancePublicIp: 'the public IPs of the nodes',
  loadBalancer: 'the load balancer',
  defaultOutbound: 'Azure default outbound access',
  none: 'no egress path',
  mixed: 'several paths',
  unknown: 'an unknown path',
}

export function pathLabel(path: EffectivePath): string {
  return PATH_LABELS[path]
}

/** `leave by a NAT gateway`, `have no way out`. */
export function leavingLabel(path: EffectivePath): string {
  return path === 'none' ? 'have no egress path' : `leave through ${PATH_LABELS[path]}`
}
