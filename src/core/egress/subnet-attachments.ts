import { idKey } from '../arm/resource-id.ts'
import { memoize } from '../lib/memoize.ts'
import { gatewayOfNetwork, gatewayOfSubnet, servedNetworks } from '../snapshot/assemble.ts'
import type { FirewallFacts, RouteFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { internetRoutes } from './destinations.ts'
import { forwardingOf } from './next-hop-firewall.ts'
import { defaultRouteIn, isApplianceHop, parseRoutes } from './routes.ts'

/**
 * The route for 0.0.0.0/0 of the subnet's route table, the only route that AKS accepts for userDefinedRouting. Null if
 * there is none, and `unread` if the subnet has a table that could not be read. Routes learned over BGP are not visible
 * in ARM.
 */
export function defaultRouteOf(subnet: SubnetFacts, snapshot: Snapshot): RouteFacts | 'unread' | null {
  if (subnet.routeTableId === null) return null
  const table = snapshot.routeTables[idKey(subnet.routeTableId)]
  return table === undefined ? 'unread' : defaultRouteIn(table.routes)
}

/**
 * Whether routes send all IPv4 internet packets of the subnet to an appliance or gateway: a default route, or a route for
 * each half of the internet. Such routes override everything else.
 */
export function routesToAppliance(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  if (table === undefined) return false
  return internetRoutes(parseRoutes(table), 'IPv4').every((route) => route !== null && isApplianceHop(route))
}

/** The NAT gateway of a subnet: attached to the subnet, or to its whole virtual network (StandardV2, nat-overview). */
export function natGatewayIdOf(subnet: SubnetFacts, snapshot: Snapshot): string | null {
  if (subnet.natGatewayId !== null) return subnet.natGatewayId
  return gatewayOfNetwork(subnet.id, snapshot, served(snapshot.natGateways))
}

/**
 * The NAT gateway of the subnet of a firewall, which translates the traffic that the firewall allows
 * (integrate-with-nat-gateway). Null if there is none, or if routes send this traffic to another hop.
 */
export function gatewayBehind(firewall: FirewallFacts, snapshot: Snapshot): string | null {
  if (forwardingOf(firewall, snapshot, 'IPv4') === 'forced') return null
  const found = firewall.subnetIds.map((id) => gatewayOfSubnet(id, snapshot, served(snapshot.natGateways)))
  return found.find((id) => id !== null) ?? null
}

const served = memoize(servedNetworks)

/** Whether AKS accepts a route table without a default route: a private cluster may learn the route over BGP (AKS release notes 2020-10-26). */
export function mayLearnDefaultRoute(subnet: SubnetFacts, { cluster, routeTables }: Snapshot): boolean {
  const table = routeTables[idKey(subnet.routeTableId ?? '')]
  if (table === undefined || table.disableBgpRoutePropagation || !cluster.enablePrivateCluster) return false
  return defaultRouteIn(table.routes) === null
}

/** The pools with nodes or pods in the subnet; all pools for an AKS-managed subnet. */
export function poolsIn(subnet: SubnetFacts, snapshot: Snapshot): AgentPoolFacts[] {
  return snapshot.cluster.agentPools.filter(
    (pool) => subnet.pools.length === 0 || subnet.pools.includes(pool.name),
  )
}

/** Whether no address in the subnet is in use, and no pool has a node there. */
export function isEmptySubnet(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  return subnet.occupantGroups.length === 0 && poolsIn(subnet, snapshot).every(({ count }) => count === 0)
}
