import type { EffectivePath } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import type { RouteFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { API_SERVER, destinationsOf, internetRoutes } from './destinations.ts'
import { declaredPathOf } from './path-labels.ts'
import { hopAddresses, isApplianceHop, parseRoutes } from './routes.ts'
import { poolsIn } from './subnet-attachments.ts'
import { type EgressSide, pathBy, reachesNodeIps } from './ways.ts'

/** The path of each declared outbound type that has only one path. */
export function presumedPath(declared: OutboundType | null): EffectivePath {
  const [path = 'unknown', ...others] = declared === null ? [] : declaredPathOf(declared)
  return others.length === 0 ? path : 'unknown'
}

/** The one path of several, or `mixed`. */
export function combinedPath(paths: EffectivePath[]): EffectivePath {
  const [first = 'unknown', ...others] = paths
  return others.every((path) => path === first) ? first : 'mixed'
}

/** The summary of one subnet: its actual IPv4 path to the internet, which may differ from the declared type. */
export function effectivePathOf(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): EffectivePath {
  if (declared === 'block') return 'none'
  const routes = internetRoutesOf(subnet, snapshot)
  if (routes === 'unread') return 'unknown'
  const side = { snapshot, declared, subnets: [], profile: null }
  const hops = new Set(routes.map((route) => (route === null ? '' : viaKey(route))))
  return hops.size > 1 ? 'mixed' : combinedPath(routes.map((route) => pathBy(route, subnet, 'IPv4', side)))
}

/** The routes that packets to the IPv4 internet match: one default route, or routes for its halves or smaller parts. */
export function internetRoutesOf(subnet: SubnetFacts, snapshot: Snapshot): (RouteFacts | null)[] | 'unread' {
  if (subnet.routeTableId === null) return [null]
  const table = snapshot.routeTables[idKey(subnet.routeTableId)]
  return table === undefined ? 'unread' : internetRoutes(parseRoutes(table), 'IPv4')
}

function viaKey(route: RouteFacts): string {
  return isApplianceHop(route) ? hopAddresses(route).join() : ''
}

/**
 * The common path of all subnets, or `mixed`; `unknown` if a customer-managed subnet could not be read. For an
 * AKS-managed VNet without a visible subnet, the path of the declared type is assumed.
 */
export function effectivePathOfSubnets(
  subnets: SubnetFacts[],
  snapshot: Snapshot,
  declared: OutboundType | null,
): EffectivePath {
  if (unseenSubnetIds(snapshot.cluster, subnets).length > 0) return 'unknown'
  if (subnets.length === 0) return presumedPath(declared)
  return combinedPath(subnets.flatMap((subnet) => pathsOfPools(subnet, snapshot, declared)))
}

/**
 * The path of a subnet and, if it lacks a guaranteed path, that of pools with node public IPs beside other pools. With the
 * load balancer, the summary is the path of the other pools.
 */
function pathsOfPools(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): EffectivePath[] {
  const path = effectivePathOf(subnet, snapshot, declared)
  if (path !== 'none' && path !== 'defaultOutbound') return [path]
  const isShared =
    poolsIn(subnet, snapshot).some(({ enableNodePublicIP }) => enableNodePublicIP) &&
    usesNodePublicIps(subnet, snapshot, declared)
  return isShared ? [path, 'instancePublicIp'] : [path]
}

/**
 * Whether nodes with public IPs use these IPs for egress: nothing on the subnet takes precedence over them. Other pools
 * of the subnet do not matter (nat-overview, Karpenter Azure provider).
 */
export function usesNodePublicIps(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  declared: OutboundType | null,
): boolean {
  const routes = internetRoutesOf(subnet, snapshot)
  return (
    routes !== 'unread' &&
    routes.every((route) => reachesNodeIps(route, 'IPv4', subnet, { snapshot, declared }))
  )
}

/** The pools whose nodes reach the public API server from their own public IPs. Without a visible subnet, the declared type decides. */
export function poolsByNodeIp({ snapshot, declared, subnets }: EgressSide): Set<string> {
  const isHidden = subnets.length === 0 && declared !== 'managedNATGateway' && declared !== 'block'
  const open = subnets.filter((subnet) => {
    const destinations = destinationsOf(subnet, snapshot, 'IPv4')
    const routes =
      destinations === 'unread' ? [null] : destinations.find(({ name }) => name === API_SERVER)?.routes
    return routes?.some((route) => reachesNodeIps(route, 'IPv4', subnet, { snapshot, declared })) === true
  })
  const pools = isHidden ? snapshot.cluster.agentPools : open.flatMap((subnet) => poolsIn(subnet, snapshot))
  return new Set(pools.filter((pool) => pool.enableNodePublicIP).map(({ name }) => name))
}
