import type { JsonObject } from '../../contract/json.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import { valueAtPointer } from '../lib/json.ts'
import type { RouteFacts } from '../snapshot/network-facts.ts'

/** The destination of the default route. */
export const DEFAULT_ROUTE_PREFIX = '0.0.0.0/0'

const LOW_HALF = '0.0.0.0/1'
const HIGH_HALF = '128.0.0.0/1'

/** The default route among the routes of a table; null when there is none. */
export function defaultRouteIn(routes: RouteFacts[]): RouteFacts | null {
  return routes.find((route) => route.addressPrefix === DEFAULT_ROUTE_PREFIX) ?? null
}

/** The routes for the two halves of the internet: longer prefixes, so they override the default route. */
export function halfRoutesIn(routes: RouteFacts[]): RouteFacts[] {
  return routes.filter(({ addressPrefix }) => addressPrefix === LOW_HALF || addressPrefix === HIGH_HALF)
}

/**
 * The route that packets to the internet take: the default route, overridden by routes for the halves of the internet.
 * `mixed` when the two halves have different next hops; null when there is no such route.
 */
export function internetRouteIn(routes: RouteFacts[]): RouteFacts | 'mixed' | null {
  const whole = defaultRouteIn(routes)
  const halves = halfRoutesIn(routes)
  const [low, high] = [LOW_HALF, HIGH_HALF].map(
    (prefix) => halves.find((route) => route.addressPrefix === prefix) ?? whole,
  )
  if (!low && !high) return null
  return low && high && hasSameHop(low, high) ? low : 'mixed'
}

/** Whether two routes have the same next hop. */
export function hasSameHop(left: RouteFacts, right: RouteFacts): boolean {
  return (
    equalsArm(left.nextHopType, right.nextHopType) &&
    (left.nextHopIpAddress ?? null) === (right.nextHopIpAddress ?? null)
  )
}

const NEXT_HOP_TYPES = ['VirtualAppliance', 'VirtualNetworkGateway', 'Internet', 'VnetLocal', 'None'] as const

/** The type of a route's next hop in ARM's documented spelling; null for a type that is not documented. */
export function nextHopOf({ nextHopType }: Pick<RouteFacts, 'nextHopType'>) {
  return armWord(nextHopType, NEXT_HOP_TYPES)
}

/** Whether a route leads to an appliance or a virtual network gateway, the next hops that AKS accepts (egress-udr). */
export function isApplianceHop(route: RouteFacts): boolean {
  const hop = nextHopOf(route)
  return hop === 'VirtualAppliance' || hop === 'VirtualNetworkGateway'
}

/** `VirtualAppliance 10.0.0.4`, `Internet`. */
export function hopLabel({ nextHopType, nextHopIpAddress }: RouteFacts): string {
  return `${nextHopType} ${nextHopIpAddress ?? ''}`.trim()
}

/** The body of a route as it is sent to ARM. */
export function routeBody({ addressPrefix, nextHopType, nextHopIpAddress }: RouteFacts): JsonObject {
  const properties: JsonObject = { addressPrefix, nextHopType }
  return { properties: nextHopIpAddress === null ? properties : { ...properties, nextHopIpAddress } }
}

/** The facts in the body of a route, the inverse of `routeBody`. */
export function routeFacts(name: string, body: JsonObject): RouteFacts {
  const at = (field: string) => valueAtPointer(body, `/properties/${field}`)
  const address = at('nextHopIpAddress')
  return {
    name,
    addressPrefix: String(at('addressPrefix')),
    nextHopType: String(at('nextHopType')),
    nextHopIpAddress: typeof address === 'string' ? address : null,
  }
}
