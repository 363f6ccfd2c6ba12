import { covers, isPrivate } from './address-space.ts'
import { asCidr, isCidr } from './cidr.ts'
import { effectiveDefaultRouteOf } from './effective-egress.ts'
import { firewallBehind } from './firewall-behind.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from './network-facts.ts'
import { idKey } from './resource-id.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Where a default route leads. `several`: the halves of the internet go different ways. `noRoute`: nothing but what
 * Azure does by itself. `unknown`: the table could not be read.
 */
export const ROUTE_LEADS = [
  'azureFirewall',
  'virtualAppliance',
  'virtualNetworkGateway',
  'internet',
  'virtualNetwork',
  'nowhere',
  'several',
  'noRoute',
  'unknown',
] as const
export type RouteLead = (typeof ROUTE_LEADS)[number]

/** What keeps AKS from accepting a subnet for userDefinedRouting, as codes of the catalogue. */
export const ROUTE_PROBLEMS = [
  'UDR_NO_ROUTE_TABLE',
  'UDR_ROUTE_TABLE_UNREADABLE',
  'UDR_NO_DEFAULT_ROUTE',
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  'UDR_NEXT_HOP_INTERNET',
  'UDR_NEXT_HOP_NONE',
  'UDR_BAD_NEXT_HOP',
  'UDR_NEXT_HOP_IP',
] as const
export type RouteProblem = (typeof ROUTE_PROBLEMS)[number]

/** How one subnet is routed when the plan's own preparation is done. */
export interface SubnetRouting {
  subnetId: string
  pools: string[]
  routeTableId: string | null
  /** The route for 0.0.0.0/0, the only one that AKS looks at. */
  defaultRoute: RouteFacts | null
  /** Routes for 0.0.0.0/1 and 128.0.0.0/1, which outrank it. */
  halfRoutes: RouteFacts[]
  leadsTo: RouteLead
  /** The Azure Firewall at the next hop, where it can be told. */
  firewallId: string | null
  /** Null where nothing is wrong, or where the target does not ask for routes. */
  problem: RouteProblem | null
}

/** The routing of every subnet; `isTarget` says whether userDefinedRouting is asked for, whose rules then count. */
export function subnetRouting(snapshot: Snapshot, isTarget: boolean): SubnetRouting[] {
  return snapshot.subnets.map((subnet) => {
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const routes = table?.routes ?? []
    const defaultRoute = routes.find((route) => route.addressPrefix === '0.0.0.0/0') ?? null
    return {
      subnetId: subnet.id,
      pools: subnet.pools,
      routeTableId: subnet.routeTableId,
      defaultRoute,
      halfRoutes: routes.filter((route) => /^(0|128)\.0\.0\.0\/1$/.test(route.addressPrefix)),
      leadsTo: leadOf(subnet, snapshot),
      firewallId: firewallBehind(subnet, snapshot)?.id ?? null,
      problem: isTarget ? problemOf(subnet, table, defaultRoute, snapshot) : null,
    }
  })
}

function leadOf(subnet: SubnetFacts, snapshot: Snapshot): RouteLead {
  const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
  if (route === null) return 'noRoute'
  if (route === 'unread') return 'unknown'
  if (route === 'mixed') return 'several'
  switch (route.nextHopType) {
    case 'VirtualAppliance':
      return firewallBehind(subnet, snapshot) === null ? 'virtualAppliance' : 'azureFirewall'
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

/** AKS wants 0.0.0.0/0 to an appliance or gateway in every table (rulebook 3.5). */
function problemOf(
  subnet: SubnetFacts,
  table: RouteTableFacts | undefined,
  route: RouteFacts | null,
  snapshot: Snapshot,
): RouteProblem | null {
  if (subnet.routeTableId === null) return 'UDR_NO_ROUTE_TABLE'
  if (table === undefined) return 'UDR_ROUTE_TABLE_UNREADABLE'
  if (route === null) {
    // A private cluster may learn the default route over BGP (AKS release notes 2020-10-26), unless the table forbids it.
    const mayLearn = snapshot.cluster.enablePrivateCluster && !table.disableBgpRoutePropagation
    return mayLearn ? 'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP' : 'UDR_NO_DEFAULT_ROUTE'
  }
  switch (route.nextHopType) {
    case 'VirtualAppliance':
      return route.nextHopIpAddress && !isOutside(route.nextHopIpAddress, snapshot) ? null : 'UDR_NEXT_HOP_IP'
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
 * Whether a next hop lies outside every virtual network. A private address may stand in a peered one, which is not
 * seen; a public one does so only where a network has that range as its own, as a subnet or a firewall shows.
 */
function isOutside(nextHop: string, { subnets, firewalls }: Snapshot): boolean {
  if (!isCidr(nextHop) || isPrivate(nextHop)) return false
  const ofFirewalls = Object.values(firewalls).flatMap((each) => each.privateAddresses)
  return (
    covers([...subnets.flatMap((each) => each.addressPrefixes), ...ofFirewalls], asCidr(nextHop)) !== 'yes'
  )
}
