import type { IpFamily } from '../../contract/egress.ts'
import { regionKey } from '../arm/regions.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { matchCidr } from '../lib/address-space.ts'
import { toCidr } from '../lib/cidr.ts'
import { memoize } from '../lib/memoize.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { RouteFacts, SubnetFacts, VirtualNetworkFacts } from '../snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { HALVES, type ParsedRoutes, parseRoutes } from './routes.ts'

/** The destination of packets to the internet that match no more specific route. */
export const INTERNET = 'internet'

/** The public address of the API server, which authorized IP ranges protect. */
export const API_SERVER = 'apiServer'

/** A class of destinations with the same routes in a subnet. */
export interface Destination {
  /** `internet`, `apiServer`, or the prefix or service tag of a route. */
  name: string
  /** The routes that packets to this class match; null for the system route. Several routes if the match depends on the exact address. */
  routes: (RouteFacts | null)[]
  /** All packets match the same one of `routes`, and which one is unknown. */
  isAmbiguous?: true
  /** It is inferred that the packets match. */
  isInferred?: true
}

/**
 * The destination classes of one subnet and family, the internet first. The longest prefix takes precedence, so each
 * route for a public prefix or a service tag adds a class (virtual-networks-udr-overview). `unread` if the route table
 * of the subnet could not be read.
 */
export function destinationsOf(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  family: IpFamily,
): Destination[] | 'unread' {
  const hasApiServer = family === 'IPv4' && hasPublicApiServer(snapshot.cluster)
  if (subnet.routeTableId === null)
    return [systemRoute(INTERNET), ...(hasApiServer ? [systemRoute(API_SERVER)] : [])]
  const table = snapshot.routeTables[idKey(subnet.routeTableId)]
  if (table === undefined) return 'unread'
  const routes = parseRoutes(table)
  const specific = specificRoutes(routes, family, virtualNetworkOf(subnet, snapshot))
  return [
    { name: INTERNET, routes: internetRoutes(routes, family) },
    ...halves(routes, family),
    ...specific.map(({ route }) => ({ name: route.addressPrefix, routes: [route] })),
    // Inferred: the IPv6 prefixes of a service tag are routed like its IPv4 prefixes.
    ...routes.tags.map(
      (tag): Destination => ({
        name: tag.addressPrefix,
        routes: [tag],
        ...(family === 'IPv6' ? { isInferred: true } : {}),
      }),
    ),
    ...(hasApiServer ? [apiServer(routes, specific, snapshot)] : []),
  ]
}

function systemRoute(name: string): Destination {
  return { name, routes: [null] }
}

/** Whether nodes reach the API server at a public address: the cluster is not private and does not use API Server VNet Integration (private-clusters, api-server-vnet-integration). */
export function hasPublicApiServer(cluster: ClusterFacts): boolean {
  return !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
}

/** The virtual network of a subnet; undefined if it was not read. */
export function virtualNetworkOf(subnet: SubnetFacts, snapshot: Snapshot): VirtualNetworkFacts | undefined {
  return snapshot.virtualNetworks[vnetKeyOf(subnet.id)]
}

/**
 * The routes for the internet: for each half, the routes of longer prefixes that contain it together, a route for this
 * half, or the default route.
 */
export function internetRoutes(routes: ParsedRoutes, family: IpFamily): (RouteFacts | null)[] {
  const { whole, halves: own, covers } = routes[family]
  return [...new Set(own.flatMap((route, index) => covers[index] ?? [route ?? whole]))]
}

/**
 * If the halves have different routes, each half is a class, so that the path of every address is exact. All addresses of
 * a half that longer prefixes contain together are in the classes of these prefixes.
 */
function halves(routes: ParsedRoutes, family: IpFamily): Destination[] {
  if (internetRoutes(routes, family).length === 1) return []
  const { whole, halves: own, covers } = routes[family]
  return own.flatMap((route, index) =>
    covers[index] === null ? [{ name: HALVES[family][index] ?? INTERNET, routes: [route ?? whole] }] : [],
  )
}

type SpecificRoutes = ParsedRoutes['IPv4']['specific']

/** Prefixes of the virtual network itself contain no public destination. */
function specificRoutes(
  routes: ParsedRoutes,
  family: IpFamily,
  network: VirtualNetworkFacts | undefined,
): SpecificRoutes {
  const { specific } = routes[family]
  if (network === undefined) return specific
  return specific.filter(({ route }) => matchCidr(network.addressPrefixes, route.addressPrefix) !== 'yes')
}

/** A prefix up to this length is shorter than every prefix of a service tag (inferred from the published list of service tags). */
const MAX_LENGTH_BEFORE_TAGS = 9

/**
 * ARM shows the name of the API server but not its address, which is one of `AzureCloud.<region>`. A route for that tag
 * therefore matches. Routes with longer prefixes may also match, but which ones is unknown. A route for the single
 * address of a known public IP, such as an address of the firewall, does not match.
 */
function apiServer(routes: ParsedRoutes, specific: SpecificRoutes, snapshot: Snapshot): Destination {
  const tag = azureCloudTag(routes.tags, snapshot.cluster.location)
  const usual = tag === undefined ? internetRoutes(routes, 'IPv4') : [tag]
  const others = specific.filter(
    ({ route, length }) =>
      (tag === undefined || length > MAX_LENGTH_BEFORE_TAGS) &&
      !knownAddresses(snapshot).has(toCidr(route.addressPrefix)),
  )
  return { name: API_SERVER, routes: [...usual, ...others.map(({ route }) => route)], isAmbiguous: true }
}

/** Public addresses that belong to resources in the snapshot, so they are not the API server's. */
const knownAddresses = memoize(({ publicIps, firewalls }: Snapshot): Set<string> => {
  const own = Object.values(publicIps).flatMap(({ address }) => address ?? [])
  const hubs = Object.values(firewalls).flatMap(({ hubPublicAddresses }) => hubPublicAddresses)
  return new Set([...own, ...hubs].map(toCidr))
})

/** For equal prefixes, the tag of a region takes precedence over the tag of all regions (virtual-networks-udr-overview). */
function azureCloudTag(tags: RouteFacts[], location: string): RouteFacts | undefined {
  const region = regionKey(location)
  const names = [region, LEGACY_TAG_REGIONS[region] ?? region].map((name) => `AzureCloud.${name}`)
  return (
    tags.find(({ addressPrefix }) =>
      names.some((name) => equalsArm(regionKey(addressPrefix), regionKey(name))),
    ) ?? tags.find(({ addressPrefix }) => equalsArm(addressPrefix, 'AzureCloud'))
  )
}

/** Regions whose name in service tags differs from their name in ARM (service-tags-overview). */
const LEGACY_TAG_REGIONS: Record<string, string> = {
  brazilsoutheast: 'brazilse',
  francecentral: 'centralfrance',
  francesouth: 'southfrance',
  germanynorth: 'germanyn',
  germanywestcentral: 'germanywc',
  norwayeast: 'norwaye',
  norwaywest: 'norwayw',
  switzerlandnorth: 'switzerlandn',
  switzerlandwest: 'switzerlandw',
}

/** Whether the virtual network of a subnet could not be read: it may have a NAT gateway, routes, or a default route learned over BGP. */
export function isNetworkUnread(
  { id }: Pick<SubnetFacts, 'id'>,
  { virtualNetworks, unread }: Snapshot,
): boolean {
  const key = vnetKeyOf(id)
  return virtualNetworks[key] === undefined && unread.some(({ what }) => idKey(what) === key)
}
