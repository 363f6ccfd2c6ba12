import type { DnsPath } from '../../contract/name-resolution.ts'
import { OPENNESS, type Openness, type RequiredEndpoint } from '../../contract/routing.ts'
import { idKey } from '../arm/resource-id.ts'
import { virtualNetworkOf } from '../egress/destinations.ts'
import { bgpSignOf } from '../egress/learned-routes.ts'
import { firewallAt, firewallRuleSet } from '../egress/next-hop-firewall.ts'
import { hopAddresses, nextHopOf } from '../egress/routes.ts'
import { ipv4Of, isPrivate } from '../lib/address-space.ts'
import { holdsAddress, isCidr, toCidr } from '../lib/cidr.ts'
import type {
  FirewallFacts,
  RouteFacts,
  SubnetFacts,
  VirtualNetworkFacts,
} from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { CandidateEndpoint } from './endpoint-list.ts'
import { evaluateFirewall } from './firewall-match.ts'

/** The DNS of Azure, which no route affects (what-is-ip-address-168-63-129-16). */
export const AZURE_DNS = '168.63.129.16'

/** How packets from a subnet reach an address. `isCertain` is false if ARM may not show a more specific route. */
interface Path {
  via: 'network' | 'nowhere' | 'unknown' | FirewallFacts
  isCertain: boolean
}

/**
 * The custom DNS servers of the virtual networks of the cluster that nodes reach through an appliance, each with UDP
 * and TCP 53. A server in the virtual network or a peered network is reached directly and omitted.
 */
export function customDnsEndpoints(snapshot: Snapshot, asOf: string): RequiredEndpoint[] {
  const servers = new Set(
    snapshot.subnets.flatMap((subnet) => virtualNetworkOf(subnet, snapshot)?.dnsServers ?? []),
  )
  return [...servers]
    .filter((server) => server !== AZURE_DNS)
    .flatMap((server) => (['UDP', 'TCP'] as const).map((protocol) => dnsEndpoint(server, protocol, asOf)))
    .flatMap((endpoint) => {
      const found = snapshot.subnets.flatMap((subnet) => opennessFrom(subnet, endpoint, snapshot))
      const open = OPENNESS.toReversed().find((openness) => found.includes(openness))
      const { isListed: _listed, ...rest } = endpoint
      return open === undefined ? [] : [{ ...rest, open }]
    })
}

/** The firewalls that are custom DNS servers of the cluster although their DNS proxy is off, so that they answer no query. */
export function firewallsWithoutDnsProxy(snapshot: Snapshot): { firewall: FirewallFacts; server: string }[] {
  const servers = new Set(
    snapshot.subnets.flatMap((subnet) => virtualNetworkOf(subnet, snapshot)?.dnsServers ?? []),
  )
  return [...servers].flatMap((server) => {
    const firewall = firewallOfServer(server, snapshot)
    const ruleSet = firewall === null ? null : firewallRuleSet(firewall, snapshot)
    return firewall === null || ruleSet?.dnsProxy !== false ? [] : [{ firewall, server }]
  })
}

/** The firewall that is a DNS server of the cluster; null for another server, or if the subnets reach different firewalls. */
export function firewallOfServer(server: string, snapshot: Snapshot): FirewallFacts | null {
  const found = snapshot.subnets
    .filter((subnet) => virtualNetworkOf(subnet, snapshot)?.dnsServers.includes(server) === true)
    .map((subnet) => firewallAt(server, subnet.id, snapshot))
  return found.every((firewall) => firewall === found[0]) ? (found[0] ?? null) : null
}

/** The path of queries to a DNS server from each subnet whose virtual network uses the server. */
export function dnsPaths(server: string, snapshot: Snapshot): DnsPath[] {
  return pathsTo(server, snapshot).map(({ via, isCertain }) => {
    if (!isCertain || via === 'unknown') return 'unknown'
    if (via === 'network') return 'direct'
    return via === 'nowhere' ? 'none' : 'firewall'
  })
}

/** The same paths, including uncertain paths. If they are equal before and after, the change moves no query. */
export function dnsHops(server: string, snapshot: Snapshot): string[] {
  return pathsTo(server, snapshot).map(({ via }) => (typeof via === 'string' ? via : idKey(via.id)))
}

function pathsTo(server: string, snapshot: Snapshot): Path[] {
  return snapshot.subnets.flatMap((subnet) => {
    const vnet = virtualNetworkOf(subnet, snapshot)
    return vnet?.dnsServers.includes(server) === true ? [pathTo(server, subnet, vnet, snapshot)] : []
  })
}

function dnsEndpoint(server: string, protocol: 'UDP' | 'TCP', asOf: string): CandidateEndpoint {
  return {
    destination: server,
    kind: 'address',
    port: 53,
    protocol,
    need: 'required',
    reason: 'Name resolution by a custom DNS server of the virtual network. TCP carries large answers.',
    when: 'custom DNS servers',
    source: 'list',
    asOf,
    isListed: false,
  }
}

/** Empty if the subnet uses another DNS server, or reaches this server without an appliance. */
function opennessFrom(subnet: SubnetFacts, endpoint: CandidateEndpoint, snapshot: Snapshot): Openness[] {
  const server = endpoint.destination
  const vnet = virtualNetworkOf(subnet, snapshot)
  if (vnet === undefined || !vnet.dnsServers.includes(server)) return []
  const own = firewallAt(server, subnet.id, snapshot)
  // The proxy of a firewall answers without a rule.
  if (own !== null) return [proxyOpenness(firewallRuleSet(own, snapshot).dnsProxy)]
  const { via, isCertain } = pathTo(server, subnet, vnet, snapshot)
  if (via === 'network') return []
  if (via === 'unknown') return ['notChecked']
  if (via === 'nowhere') return [isCertain ? 'blocked' : 'notProven']
  const ruleSet = firewallRuleSet(via, snapshot)
  const sources = ipv4Of(subnet.addressPrefixes)
  if (ruleSet.unread !== null || sources.length === 0) return ['notChecked']
  return sources.map((source) => {
    const open = evaluateFirewall(endpoint, source, ruleSet)
    return open === 'open' || isCertain ? open : 'notProven'
  })
}

function proxyOpenness(dnsProxy: boolean | null): Openness {
  if (dnsProxy === null) return 'notChecked'
  return dnsProxy ? 'open' : 'blocked'
}

/** The longest prefix decides, and a route of the table before one of the network with the same prefix (virtual-networks-udr-overview). */
function pathTo(address: string, subnet: SubnetFacts, vnet: VirtualNetworkFacts, snapshot: Snapshot): Path {
  const table = subnet.routeTableId === null ? null : snapshot.routeTables[idKey(subnet.routeTableId)]
  if (table === undefined) return { via: 'unknown', isCertain: false }
  const peers = vnet.peerings.filter(({ isConnected }) => isConnected)
  const peered = peers.map(({ remoteVirtualNetworkId: id }) => snapshot.virtualNetworks[idKey(id ?? '')])
  const prefixes = [vnet, ...peered].flatMap((network) => network?.addressPrefixes ?? [])
  const near = Math.max(-1, ...prefixes.filter((prefix) => holdsAddress(prefix, address)).map(lengthOf))
  const routes = (table?.routes ?? []).filter(({ addressPrefix }) => holdsAddress(addressPrefix, address))
  const route = routes.reduce<RouteFacts | null>(
    (best, next) =>
      best === null || lengthOf(next.addressPrefix) > lengthOf(best.addressPrefix) ? next : best,
    null,
  )
  const learnsRoutes = bgpSignOf(subnet, snapshot) !== null
  if (near > (route === null ? -1 : lengthOf(route.addressPrefix))) return { via: 'network', isCertain: true }
  // Azure drops packets to other private addresses, unless a route exists that Azure Resource Manager does not show.
  if (route === null)
    return { via: 'network', isCertain: isPublic(address) && !learnsRoutes && !peered.includes(undefined) }
  const isLongest = lengthOf(route.addressPrefix) === (address.includes(':') ? 128 : 32)
  return {
    via: viaOf(route, address, subnet, snapshot),
    isCertain: isLongest || !(learnsRoutes || peered.includes(undefined)),
  }
}

function isPublic(address: string): boolean {
  return isCidr(address) && !address.includes(':') && !isPrivate(address)
}

function viaOf(route: RouteFacts, address: string, subnet: SubnetFacts, snapshot: Snapshot): Path['via'] {
  switch (nextHopOf(route)) {
    case 'VnetLocal':
      return 'network'
    case 'None':
      return 'nowhere'
    case 'Internet':
      return isPrivate(address) ? 'nowhere' : 'network'
    case 'VirtualAppliance':
    case 'VirtualApplianceEcmp': {
      const [hop = '', ...others] = hopAddresses(route)
      return (others.length === 0 ? firewallAt(hop, subnet.id, snapshot) : null) ?? 'unknown'
    }
    default:
      return 'unknown'
  }
}

function lengthOf(prefix: string): number {
  return Number(toCidr(prefix).split('/')[1])
}
