import { idKey } from '../arm/resource-id.ts'
import { memoize } from '../lib/memoize.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { NatGatewayFacts, RouteFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { virtualNetworkOf } from './destinations.ts'
import { defaultRouteIn, isApplianceHop } from './routes.ts'

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

/** Whether a default route sends the packets of the subnet to an appliance or gateway. Such a route overrides everything else. */
export function routesToAppliance(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const route = defaultRouteOf(subnet, snapshot)
  return route !== null && route !== 'unread' && isApplianceHop(route)
}

/** The NAT gateway of a subnet: attached to the subnet, or to its whole virtual network (StandardV2, nat-overview). */
export function natGatewayIdOf(subnet: SubnetFacts, snapshot: Snapshot): string | null {
  if (subnet.natGatewayId !== null) return subnet.natGatewayId
  const network = virtualNetworkOf(subnet, snapshot)
  return network?.natGatewayId ?? networkGateways(snapshot.natGateways).get(vnetKeyOf(subnet.id)) ?? null
}

/** The gateways that serve a whole virtual network, by the key of that network. */
const networkGateways = memoize((gateways: Record<string, NatGatewayFacts>): Map<string, string> => {
  const pairs = Object.values(gateways).flatMap(({ id, sourceVirtualNetworkId }) =>
    sourceVirtualNetworkId === null ? [] : [[idKey(sourceVirtualNetworkId), id] as const],
  )
  return new Map(pairs)
})

/**
 * Why a default route may arrive over BGP, which takes precedence over NAT gateway and load balancer (nat-overview,
 * order of precedence) and which ARM does not show; null if nothing indicates such a route.
 */
export function bgpSignOf(subnet: SubnetFacts, snapshot: Snapshot): 'gateway' | 'peering' | null {
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  if (table?.disableBgpRoutePropagation === true) return null
  const network = virtualNetworkOf(subnet, snapshot)
  if (network?.hasVirtualNetworkGateway === true) return 'gateway'
  const isRemote = network?.peerings.some(
    ({ useRemoteGateways, isConnected }) => useRemoteGateways && isConnected,
  )
  return isRemote === true ? 'peering' : null
}

/** Whether the virtual network could not be read: it may have a NAT gateway, or learn a default route. */
export function isNetworkUnread({ id }: SubnetFacts, { virtualNetworks, unread }: Snapshot): boolean {
  const key = vnetKeyOf(id)
  return virtualNetworks[key] === undefined && unread.some(({ what }) => idKey(what) === key)
}

/** The pools with nodes or pods in the subnet; all pools for an AKS-managed subnet. */
export function poolsIn(subnet: SubnetFacts, snapshot: Snapshot): AgentPoolFacts[] {
  return snapshot.cluster.agentPools.filter(
    (pool) => subnet.pools.length === 0 || subnet.pools.includes(pool.name),
  )
}
