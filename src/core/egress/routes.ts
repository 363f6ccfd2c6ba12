import { excludeCidr, parseCidr } from 'cidr-tools'
import type { IpFamily } from '../../contract/egress.ts'
import { type JsonObject, valueAtPointer } from '../../contract/json.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import { isCidr, toCidr } from '../lib/cidr.ts'
import { memoize } from '../lib/memoize.ts'
import type { RouteFacts, RouteTableFacts } from '../snapshot/network-facts.ts'

/** The destination of the IPv4 default route. */
export const DEFAULT_ROUTE_PREFIX = '0.0.0.0/0'

/** The prefixes of both halves of the addresses of a family. */
export const HALVES: Record<IpFamily, [low: string, high: string]> = {
  IPv4: ['0.0.0.0/1', '128.0.0.0/1'],
  IPv6: ['::/1', '8000::/1'],
}

/** The routes of one table, grouped by their destinations. */
export interface ParsedRoutes {
  /** By family: the default route, the routes for each half, and the routes with longer prefixes. */
  IPv4: FamilyRoutes
  IPv6: FamilyRoutes
  /** Routes for service tags, which contain addresses of both families. */
  tags: RouteFacts[]
}
interface FamilyRoutes {
  whole: RouteFacts | null
  halves: [low: RouteFacts | null, high: RouteFacts | null]
  /** Prefixes that contain public addresses, the longest first. */
  specific: SpecificRoute[]
  /** For each half, routes of `specific` that together contain all its public addresses; null if other addresses remain. */
  covers: [low: RouteFacts[] | null, high: RouteFacts[] | null]
}
interface SpecificRoute {
  route: RouteFacts
  length: number
}

/** Groups the routes of a table once, because kubenet tables contain a route for each node. */
export const parseRoutes = memoize((table: RouteTableFacts): ParsedRoutes => {
  const parsed: ParsedRoutes = { IPv4: noRoutes(), IPv6: noRoutes(), tags: [] }
  for (const route of table.routes) {
    if (!isCidr(route.addressPrefix)) parsed.tags.push(route)
    else addRoute(parsed, route)
  }
  for (const family of ['IPv4', 'IPv6'] as const) {
    const routes = parsed[family]
    routes.specific.sort((a, b) => b.length - a.length)
    routes.covers = [coverOf(PUBLIC[family][0], routes.specific), coverOf(PUBLIC[family][1], routes.specific)]
  }
  return parsed
})

function noRoutes(): FamilyRoutes {
  return { whole: null, halves: [null, null], specific: [], covers: [null, null] }
}

function addRoute(parsed: ParsedRoutes, route: RouteFacts): void {
  const { version, start, prefix } = parseCidr(toCidr(route.addressPrefix))
  const routes = parsed[version === 4 ? 'IPv4' : 'IPv6']
  const length = Number(prefix)
  if (length === 0) routes.whole ??= route
  else if (length === 1) routes.halves[start === 0n ? 0 : 1] ??= route
  else if (!isInternal(version, start, length)) routes.specific.push({ route, length })
}

/** Blocks without public addresses: private, shared, loopback, link-local, multicast. */
const INTERNAL = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['224.0.0.0/3', 'fc00::/7', 'fe80::/10', 'ff00::/8', '::1/128'],
].map((block) => parseCidr(block))

function isInternal(version: 4 | 6, start: bigint, length: number): boolean {
  return INTERNAL.some(
    (block) =>
      block.version === version &&
      Number(block.prefix) <= length &&
      block.start <= start &&
      start <= block.end,
  )
}

/** The public addresses of each half. In IPv6, all of them are in 2000::/3 (RFC 4291), so a half has none. */
const PUBLIC: Record<IpFamily, [low: string[], high: string[]]> = {
  IPv4: [publicIn(HALVES.IPv4[0]), publicIn(HALVES.IPv4[1])],
  IPv6: [['2000::/3'], []],
}

function publicIn(half: string): string[] {
  return excludeCidr(
    [half],
    ['0.0.0.0/8', ...INTERNAL.filter((block) => block.version === 4).map(({ cidr }) => cidr)],
  )
}

/** The shortest prefixes that together contain a space, one for each next hop; null if a part of the space remains. */
function coverOf(space: string[], specific: SpecificRoute[]): RouteFacts[] | null {
  // Most tables route a few blocks: the sizes show that these cannot contain the space.
  if (sizeOf(space) > sizeOf(specific.map(({ route }) => toCidr(route.addressPrefix)))) return null
  const found: RouteFacts[] = []
  let left = space
  for (const { route } of specific.toSorted((a, b) => a.length - b.length)) {
    const rest = excludeCidr(left, [toCidr(route.addressPrefix)])
    if (rest.join() !== left.join() && !found.some((other) => hasSameHop(other, route))) found.push(route)
    left = rest
  }
  return left.length === 0 ? found : null
}

function sizeOf(cidrs: string[]): bigint {
  return cidrs.map((cidr) => parseCidr(cidr)).reduce((sum, { start, end }) => sum + end - start + 1n, 0n)
}

/** The IPv4 default route of a table; null if there is none. */
export function defaultRouteIn(routes: RouteFacts[]): RouteFacts | null {
  return routes.find((route) => route.addressPrefix === DEFAULT_ROUTE_PREFIX) ?? null
}

/** The routes for the two halves of the IPv4 internet: longer prefixes, so they override the default route. */
export function halfRoutesIn(routes: RouteFacts[]): RouteFacts[] {
  return routes.filter(({ addressPrefix }) => HALVES.IPv4.includes(addressPrefix))
}

/** Whether two routes have the same next hop. */
export function hasSameHop(left: RouteFacts, right: RouteFacts): boolean {
  return (
    equalsArm(left.nextHopType, right.nextHopType) && hopAddresses(left).join() === hopAddresses(right).join()
  )
}

const NEXT_HOP_TYPES = [
  'VirtualAppliance',
  'VirtualApplianceEcmp',
  'VirtualNetworkGateway',
  'Internet',
  'VnetLocal',
  'None',
] as const

/** The type of a route's next hop in ARM's documented spelling; null for a type that is not documented. */
export function nextHopOf({ nextHopType }: Pick<RouteFacts, 'nextHopType'>) {
  return armWord(nextHopType, NEXT_HOP_TYPES)
}

/** The private addresses of a route's appliances: several with `VirtualApplianceEcmp`. */
export function hopAddresses({ nextHopIpAddress, nextHopIpAddresses }: RouteFacts): string[] {
  return nextHopIpAddresses ?? (nextHopIpAddress === null ? [] : [nextHopIpAddress])
}

/** Whether the next hop of a route is one appliance or several. */
export function isAppliance(route: RouteFacts): boolean {
  const hop = nextHopOf(route)
  return hop === 'VirtualAppliance' || hop === 'VirtualApplianceEcmp'
}

/**
 * Whether the next hop of a route is an appliance or a virtual network gateway, which AKS accepts (egress-udr).
 * Inferred: AKS accepts several appliances as it accepts one.
 */
export function isApplianceHop(route: RouteFacts): boolean {
  return isAppliance(route) || nextHopOf(route) === 'VirtualNetworkGateway'
}

/** `VirtualAppliance 10.0.0.4`, `Internet`. */
export function hopLabel(route: RouteFacts): string {
  return `${route.nextHopType} ${hopAddresses(route).join(', ')}`.trim()
}

/** The body of a route in a request to ARM. */
export function routeBody({ addressPrefix, nextHopType, ...hop }: RouteFacts): JsonObject {
  const properties: JsonObject = { addressPrefix, nextHopType }
  if (hop.nextHopIpAddress !== null) properties.nextHopIpAddress = hop.nextHopIpAddress
  if (hop.nextHopIpAddresses !== undefined)
    properties.nextHop = { nextHopIpAddresses: hop.nextHopIpAddresses }
  return { properties }
}

/** The facts in the body of a route, the inverse of `routeBody`. */
export function routeFacts(name: string, body: JsonObject): RouteFacts {
  const at = (field: string) => valueAtPointer(body, `/properties/${field}`)
  const address = at('nextHopIpAddress')
  const addresses = at('nextHop/nextHopIpAddresses')
  return {
    name,
    addressPrefix: String(at('addressPrefix')),
    nextHopType: String(at('nextHopType')),
    nextHopIpAddress: typeof address === 'string' ? address : null,
    ...(Array.isArray(addresses) ? { nextHopIpAddresses: addresses.map(String) } : {}),
  }
}
