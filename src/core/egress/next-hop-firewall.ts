import type { IpFamily } from '../../contract/egress.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { distinctBy } from '../lib/lists.ts'
import { subnetOf } from '../snapshot/assemble.ts'
import type { IpGroupFacts, RuleCollectionFacts } from '../snapshot/firewall-facts.ts'
import type { FirewallFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import { reachesFirewall } from '../snapshot/reachable-firewalls.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { internetRoutes, isNetworkUnread } from './destinations.ts'
import { bgpSignOf } from './learned-routes.ts'
import { hasSameHop, hopAddresses, nextHopOf, parseRoutes } from './routes.ts'

/**
 * The Azure Firewall that packets from a subnet reach at a private address; null if the next hop is unknown. It is
 * unknown for any other appliance, which ARM does not show, and if two reachable firewalls have the address.
 */
export function firewallAt(
  privateAddress: string,
  subnetId: string,
  snapshot: Snapshot,
): FirewallFacts | null {
  const [firewall, ...others] = Object.values(snapshot.firewalls).filter(
    (item) => item.privateAddresses.includes(privateAddress) && reachesFirewall(subnetId, item, snapshot),
  )
  return firewall === undefined || others.length > 0 ? null : firewall
}

/** A path of packets from a subnet, as far as its next hops matter. */
interface HopPath {
  via: string | null
  subnetId: string
}

/** The Azure Firewalls at the private addresses of an appliance path. A route can name several (`VirtualApplianceEcmp`). */
export function firewallsAt(path: HopPath, snapshot: Snapshot): FirewallFacts[] {
  const found = hopFirewalls(path, snapshot).flatMap((firewall) => firewall ?? [])
  return distinctBy(found, ({ id }) => idKey(id))
}

/** The firewall at each next hop of an appliance path; null for each unknown appliance. */
export function hopFirewalls({ via, subnetId }: HopPath, snapshot: Snapshot): (FirewallFacts | null)[] {
  return via === null ? [] : via.split(', ').map((hop) => firewallAt(hop, subnetId, snapshot))
}

/**
 * How the routes of its own subnet affect the packets that a firewall sends to the internet. Behind another hop, the
 * public addresses of the firewall do not translate them (forced-tunneling).
 */
export type Forwarding =
  /** The firewall sends all packets directly to the internet. */
  | 'direct'
  /** It may send some packets to another hop: routes differ, could not be read, or may be learned over BGP. */
  | 'partial'
  /** It sends all packets to another hop. */
  | 'forced'

export function forwardingOf(firewall: FirewallFacts, snapshot: Snapshot, family: IpFamily): Forwarding {
  const found = firewall.subnetIds.map((id) => forwardingFrom(id, firewall, snapshot, family))
  const [first = 'direct', ...others] = found
  return others.every((forwarding) => forwarding === first) ? first : 'partial'
}

function forwardingFrom(
  subnetId: string,
  firewall: FirewallFacts,
  snapshot: Snapshot,
  family: IpFamily,
): Forwarding {
  const subnet = subnetOf(snapshot, subnetId)
  if (subnet === undefined) return isNetworkUnread({ id: subnetId }, snapshot) ? 'partial' : 'direct'
  const withoutRoute = mayLearnRoute(firewall, subnet, snapshot) ? 'partial' : 'direct'
  if (subnet.routeTableId === null) return withoutRoute
  const table = snapshot.routeTables[idKey(subnet.routeTableId)]
  if (table === undefined) return 'partial'
  const routes = parseRoutes(table)
  const internet = internetRoutes(routes, family)
  const specific = routes[family].specific.map(({ route }) => route)
  const all = [...internet, ...specific, ...routes.tags]
  const elsewhere = all.filter((route) => route !== null && nextHopOf(route) !== 'Internet')
  if (elsewhere.length === 0) return internet.includes(null) ? withoutRoute : 'direct'
  return elsewhere.length === all.length ? 'forced' : 'partial'
}

/**
 * Whether the subnet of a firewall may use a default route that is learned over BGP. Only a firewall with a management
 * interface can use such a route (forced-tunneling). Any other firewall fails unless its subnet has a route for
 * 0.0.0.0/0 to the internet, which overrides the learned route.
 */
function mayLearnRoute(
  { hasManagementInterface }: FirewallFacts,
  subnet: SubnetFacts,
  snapshot: Snapshot,
): boolean {
  return hasManagementInterface && bgpSignOf(subnet, snapshot) !== null
}

/** The Azure Firewall that all internet traffic of a subnet passes; null if there is none, or more than one. */
export function nextHopFirewall(subnet: SubnetFacts, snapshot: Snapshot): FirewallFacts | null {
  if (subnet.routeTableId === null) return null
  const table = snapshot.routeTables[idKey(subnet.routeTableId)]
  if (table === undefined) return null
  const [route, ...others] = internetRoutes(parseRoutes(table), 'IPv4')
  if (route == null || others.some((other) => other === null || !hasSameHop(other, route))) return null
  const [hop, ...more] = hopAddresses(route)
  return hop === undefined || more.length > 0 ? null : firewallAt(hop, subnet.id, snapshot)
}

/** The rules of a firewall in the order of evaluation, or the reason why they are unknown. */
export type FirewallRuleSet =
  | {
      collections: RuleCollectionFacts[]
      dnsProxy: boolean
      /** The servers that the DNS proxy asks, empty for Azure DNS; undefined if a base policy may set them. */
      dnsServers: string[] | undefined
      unread: null
    }
  | { collections: null; dnsProxy: null; unread: string }

/**
 * The rules of the firewall, or the rules of its policy after the rules of the base policy, which always come first. IP
 * groups are replaced with their addresses.
 */
export function firewallRuleSet(firewall: FirewallFacts, snapshot: Snapshot): FirewallRuleSet {
  const ruleSet = ruleSetOf(firewall, snapshot)
  if (ruleSet.unread !== null) return ruleSet
  const collections = ruleSet.collections.map((collection) => withGroups(collection, snapshot))
  return { ...ruleSet, collections }
}

function ruleSetOf(firewall: FirewallFacts, snapshot: Snapshot): FirewallRuleSet {
  if (firewall.policyId === null)
    return {
      collections: firewall.collections,
      dnsProxy: firewall.dnsProxy,
      dnsServers: firewall.dnsServers,
      unread: null,
    }
  const policy = policyOf(firewall.policyId, snapshot)
  if (typeof policy === 'string') return { collections: null, dnsProxy: null, unread: policy }
  const { basePolicyId, collections, dnsProxy, dnsServers } = policy
  if (basePolicyId === null) return { collections, dnsProxy, dnsServers, unread: null }
  const base = policyOf(basePolicyId, snapshot)
  if (typeof base === 'string') return { collections: null, dnsProxy: null, unread: base }
  return {
    collections: [...base.collections, ...collections],
    dnsProxy,
    dnsServers: dnsServers?.length === 0 ? undefined : dnsServers,
    unread: null,
  }
}

function withGroups(collection: RuleCollectionFacts, snapshot: Snapshot): RuleCollectionFacts {
  const addressesOf = (ids: string[]) => {
    const groups = ids.map((id) => ipGroupOf(id, snapshot))
    return { known: groups.flatMap((group) => group?.addresses ?? []), hasUnread: groups.includes(null) }
  }
  const withSources = <R extends (typeof collection.rules)[number]>(rule: R): R => {
    const { known, hasUnread } = addressesOf(rule.sourceGroupIds)
    return {
      ...rule,
      sources: [...rule.sources, ...known],
      hasUnreadSources: rule.hasUnreadSources || hasUnread,
    }
  }
  if (collection.kind === 'application') return { ...collection, rules: collection.rules.map(withSources) }
  const rules = collection.rules.map((rule) => {
    const { known, hasUnread } = addressesOf(rule.destinationGroupIds)
    const destinations = [...rule.destinations, ...known]
    return withSources({
      ...rule,
      destinations,
      hasUnreadDestinations: rule.hasUnreadDestinations || hasUnread,
    })
  })
  return { ...collection, rules }
}

/** An IP group; null if it could not be read. */
function ipGroupOf(id: string, { surroundings }: Snapshot): IpGroupFacts | null {
  const read = surroundings?.ipGroups[idKey(id)]
  return read !== undefined && 'facts' in read ? read.facts : null
}

/** A policy, or the reason why it is unknown. */
function policyOf(id: string, { surroundings }: Snapshot) {
  const read = surroundings?.firewallPolicies[idKey(id)]
  if (read === undefined) return `the firewall policy ${lastSegment(id)} was not read`
  return 'facts' in read
    ? read.facts
    : `the firewall policy ${lastSegment(id)} could not be read (${read.unread.code})`
}
