import type { RouteDestination, RouteProblem, SubnetRouting } from '../../contract/routing.ts'
import { idKey } from '../arm/resource-id.ts'
import { isPrivate, matchCidr } from '../lib/address-space.ts'
import { isCidr, toCidr } from '../lib/cidr.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { internetRoutesOf } from './effective-path.ts'
import { nextHopFirewall } from './next-hop-firewall.ts'
import { defaultRouteIn, halfRoutesIn, hasSameHop, hopAddresses, nextHopOf } from './routes.ts'
import { mayLearnDefaultRoute } from './subnet-attachments.ts'

/** The routing of every subnet. `isTarget`: the target is userDefinedRouting, so the rules for its routes apply. */
export function subnetRouting(snapshot: Snapshot, isTarget: boolean): SubnetRouting[] {
  return snapshot.subnets.map((subnet) => {
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const routes = table?.routes ?? []
    const defaultRoute = defaultRouteIn(routes)
    return {
      subnetId: subnet.id,
      pools: subnet.pools,
      routeTableId: subnet.routeTableId,
      defaultRoute,
      halfRoutes: halfRoutesIn(routes),
      leadsTo: routeDestination(subnet, snapshot),
      firewallId: nextHopFirewall(subnet, snapshot)?.id ?? null,
      problem: isTarget ? problemOf(subnet, table, defaultRoute, snapshot) : null,
    }
  })
}

function routeDestination(subnet: SubnetFacts, snapshot: Snapshot): RouteDestination {
  const routes = internetRoutesOf(subnet, snapshot)
  if (routes === 'unread') return 'unknown'
  const [route = null, ...others] = routes
  const isOther = (other: RouteFacts | null) => route === null || other === null || !hasSameHop(route, other)
  if (others.some(isOther)) return 'several'
  if (route === null) return 'noRoute'
  switch (nextHopOf(route)) {
    case 'VirtualAppliance':
    case 'VirtualApplianceEcmp':
      return nextHopFirewall(subnet, snapshot) === null ? 'virtualAppliance' : 'azureFirewall'
    case 'VirtualNetworkGateway':
      return 'virtualNetworkGateway'
    case 'Internet':
      return 'internet'
    case 'VnetLocal':
      return 'virtualNetwork'
    default:
      return 'nowhere'
  }
}

/** AKS requires a route for 0.0.0.0/0 to an appliance or gateway in every table. */
function problemOf(
  subnet: SubnetFacts,
  table: RouteTableFacts | undefined,
  route: RouteFacts | null,
  snapshot: Snapshot,
): RouteProblem | null {
  if (subnet.routeTableId === null) return 'UDR_NO_ROUTE_TABLE'
  if (table === undefined) return 'UDR_ROUTE_TABLE_UNREADABLE'
  if (route === null)
    return mayLearnDefaultRoute(subnet, snapshot)
      ? 'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP'
      : 'UDR_NO_DEFAULT_ROUTE'
  switch (nextHopOf(route)) {
    case 'VirtualAppliance':
    case 'VirtualApplianceEcmp': {
      const hops = hopAddresses(route)
      const isReachable = hops.length > 0 && !hops.some((hop) => isOutside(hop, snapshot))
      return isReachable ? null : 'UDR_NEXT_HOP_IP'
    }
    case 'VirtualNetworkGateway':
      return null
    case 'Internet':
      return 'UDR_NEXT_HOP_INTERNET'
    case 'None':
      return 'UDR_NEXT_HOP_NONE'
    default:
      return 'UDR_BAD_NEXT_HOP'
  }
}

/**
 * Whether a next hop is outside every virtual network. A private address may be in a peered network, which is not
 * read. A public address is inside a network only if a subnet or a firewall shows that the network uses that range.
 */
function isOutside(nextHop: string, { subnets, firewalls }: Snapshot): boolean {
  if (!isCidr(nextHop) || isPrivate(nextHop)) return false
  const ofFirewalls = Object.values(firewalls).flatMap((firewall) => firewall.privateAddresses)
  return (
    matchCidr([...subnets.flatMap((subnet) => subnet.addressPrefixes), ...ofFirewalls], toCidr(nextHop)) !==
    'yes'
  )
}
