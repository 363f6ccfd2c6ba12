import { type Block, containsBlock, parseBlock } from '../lib/ip.ts'
import { at, equalsText, type JsonObject, listAt, objectsAt, textAt } from '../lib/json.ts'
import { networkIdOf } from '../network/network-body.ts'
import { tagPrefixLength, tagRank } from './service-tags.ts'
import { networkOf, type WorldReader } from './world-reader.ts'

/** The next hop types of routes; `VirtualNetworkServiceEndpoint` only occurs in system routes. */
export type Hop =
  | 'VnetLocal'
  | 'Internet'
  | 'VirtualAppliance'
  | 'VirtualApplianceEcmp'
  | 'VirtualNetworkGateway'
  | 'VirtualNetworkServiceEndpoint'
  | 'None'

/** A route that matches an address. */
export interface MatchedRoute {
  /** The prefix or service tag as the route states it. */
  prefix: string
  origin: 'user' | 'bgp' | 'system'
  hop: Hop
  /** Private addresses of appliances; empty for other hops. */
  appliances: readonly string[]
}

interface Candidate extends MatchedRoute {
  length: number
  rank: number
}

/** Precedence of routes with equal prefixes, lowest first: user-defined CIDRs, the ranks of tags between, BGP, system. */
const RANKS = { user: 0, bgp: 5, system: 6 } as const

const DEFAULT = { IPv4: '0.0.0.0/0', IPv6: '::/0' } as const
/** Azure drops packets to these private ranges unless a more specific or user-defined route exists. */
const DROPPED = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']

/**
 * The route that a packet from the subnet to the address takes: the longest prefix, and for equal prefixes
 * user-defined before BGP before system routes (virtual-networks-udr-overview).
 */
export function matchRoute(reader: WorldReader, subnet: JsonObject, address: Block): MatchedRoute {
  const endpoint = serviceEndpoint(subnet, address)
  if (endpoint !== undefined) return endpoint
  const network = networkOf(reader, subnet)
  const table = reader.get(textAt(subnet, 'properties', 'routeTable', 'id'))
  const isBgpDisabled = at(table, 'properties', 'disableBgpRoutePropagation') === true
  const candidates = [
    ...userRoutes(table, address),
    ...(isBgpDisabled ? [] : learnedRoutes(reader, network, address)),
    ...systemRoutes(reader, network, address),
  ]
  const [first, ...rest] = candidates
  if (first === undefined) return { prefix: '', origin: 'system', hop: 'None', appliances: [] }
  return rest.reduce((best, each) => (isPreferred(each, best) ? each : best), first)
}

function isPreferred(route: Candidate, other: Candidate): boolean {
  return route.length === other.length ? route.rank < other.rank : route.length > other.length
}

/** The user-defined routes of the subnet's table. */
export function routesOf(table: JsonObject | undefined): JsonObject[] {
  return objectsAt(table, 'properties', 'routes')
}

function userRoutes(table: JsonObject | undefined, address: Block): Candidate[] {
  return routesOf(table).flatMap((route): Candidate[] => {
    const prefix = textAt(route, 'properties', 'addressPrefix') ?? ''
    const block = parseBlock(prefix)
    const length = block === undefined ? tagPrefixLength(prefix, address) : lengthFor(block, address)
    if (length === undefined) return []
    const rank = block === undefined ? tagRank(prefix) : RANKS.user
    const hop = hopOf(textAt(route, 'properties', 'nextHopType'))
    return [{ prefix, origin: 'user', hop, appliances: appliancesOf(route, hop), length, rank }]
  })
}

const HOPS: Hop[] = [
  'VnetLocal',
  'Internet',
  'VirtualAppliance',
  'VirtualApplianceEcmp',
  'VirtualNetworkGateway',
]

function hopOf(text: string | undefined): Hop {
  return HOPS.find((hop) => equalsText(hop, text)) ?? 'None'
}

function appliancesOf(route: JsonObject, hop: Hop): string[] {
  if (hop === 'VirtualApplianceEcmp')
    return listAt(route, 'properties', 'nextHop', 'nextHopIpAddresses').map(String)
  const address = textAt(route, 'properties', 'nextHopIpAddress')
  return hop === 'VirtualAppliance' && address !== undefined ? [address] : []
}

function lengthFor(block: Block, address: Block): number | undefined {
  return containsBlock(block, address) ? block.length : undefined
}

function toCandidates(
  prefixes: string[],
  address: Block,
  rest: Omit<Candidate, 'prefix' | 'length' | 'rank'>,
): Candidate[] {
  return prefixes.flatMap((prefix): Candidate[] => {
    const block = parseBlock(prefix)
    const length = block && lengthFor(block, address)
    return length === undefined ? [] : [{ ...rest, prefix, length, rank: RANKS[rest.origin] }]
  })
}

function systemRoutes(reader: WorldReader, network: JsonObject | undefined, address: Block): Candidate[] {
  const local = { origin: 'system', hop: 'VnetLocal', appliances: [] } as const
  return [
    ...toCandidates([DEFAULT[address.family]], address, { ...local, hop: 'Internet' }),
    ...toCandidates(DROPPED, address, { ...local, hop: 'None' }),
    ...toCandidates(prefixesOf(network, 'addressSpace'), address, local),
    ...peeringsOf(network).flatMap((peering) =>
      toCandidates(peeredPrefixes(reader, peering), address, local),
    ),
  ]
}

function prefixesOf(body: JsonObject | undefined, member: string): string[] {
  return listAt(body, 'properties', member, 'addressPrefixes').map(String)
}

/** The connected peerings of a network. */
function peeringsOf(network: JsonObject | undefined): JsonObject[] {
  return objectsAt(network, 'properties', 'virtualNetworkPeerings').filter((peering) =>
    equalsText(textAt(peering, 'properties', 'peeringState') ?? 'Connected', 'Connected'),
  )
}

/** IDs of the networks that a network is peered with. */
export function peeredNetworkIds(network: JsonObject | undefined): string[] {
  return peeringsOf(network).flatMap(
    (peering) => textAt(peering, 'properties', 'remoteVirtualNetwork', 'id') ?? [],
  )
}

function peeredPrefixes(reader: WorldReader, peering: JsonObject): string[] {
  const stated = prefixesOf(peering, 'remoteAddressSpace')
  if (stated.length > 0) return stated
  return prefixesOf(reader.get(textAt(peering, 'properties', 'remoteVirtualNetwork', 'id')), 'addressSpace')
}

/**
 * Routes from gateways of the network and of networks whose gateways it uses, and the default route of a secured hub.
 * Resource Manager shows no learned routes, so they are resources of the simulation:
 * `{gateway ID}/learnedRoutes/{name}` with `properties.network`.
 */
function learnedRoutes(reader: WorldReader, network: JsonObject | undefined, address: Block): Candidate[] {
  const id = textAt(network, 'id')
  if (id === undefined) return []
  const learned = reader.list('microsoft.network/virtualnetworkgateways/learnedroutes')
  const routes = learned.length === 0 ? [] : routesFromGateways(reader, network, learned)
  return [
    ...toCandidates(routes, address, { origin: 'bgp', hop: 'VirtualNetworkGateway', appliances: [] }),
    ...hubRoutes(reader, id, address),
  ]
}

function routesFromGateways(
  reader: WorldReader,
  network: JsonObject | undefined,
  learned: JsonObject[],
): string[] {
  const remote = gatewayPeerings(network).map(
    (peering) => textAt(peering, 'properties', 'remoteVirtualNetwork', 'id') ?? '',
  )
  const gateways = gatewaysIn(reader, [textAt(network, 'id') ?? '', ...remote])
  return learned
    .filter((route) => gateways.some((gateway) => isBelow(route, gateway)))
    .flatMap((route) => textAt(route, 'properties', 'network') ?? [])
}

function gatewayPeerings(network: JsonObject | undefined): JsonObject[] {
  return peeringsOf(network).filter((peering) => at(peering, 'properties', 'useRemoteGateways') === true)
}

function gatewaysIn(reader: WorldReader, networkIds: string[]): JsonObject[] {
  return reader
    .list('microsoft.network/virtualnetworkgateways')
    .filter((gateway) => networkIds.some((id) => hasGatewaySubnetIn(gateway, id)))
}

/**
 * Whether a network has a virtual network gateway, uses the gateway of a peered network, or is connected to a virtual hub.
 * Inferred: without a gateway, Azure drops packets with the next hop type `VirtualNetworkGateway`.
 */
export function hasNetworkGateway(reader: WorldReader, network: JsonObject | undefined): boolean {
  const id = textAt(network, 'id')
  return (
    gatewaysIn(reader, [id ?? '']).length > 0 ||
    gatewayPeerings(network).length > 0 ||
    hubConnections(reader, id ?? '').length > 0
  )
}

function hasGatewaySubnetIn(gateway: JsonObject, networkId: string): boolean {
  return objectsAt(gateway, 'properties', 'ipConfigurations').some((configuration) =>
    equalsText(networkIdOf(textAt(configuration, 'properties', 'subnet', 'id') ?? ''), networkId),
  )
}

/** A routing intent for internet traffic gives every connected network a default route to the firewall of the hub. */
function hubRoutes(reader: WorldReader, networkId: string, address: Block): Candidate[] {
  const intents = reader.list('microsoft.network/virtualhubs/routingintent')
  if (intents.length === 0) return []
  const connections = hubConnections(reader, networkId).filter(
    (each) => at(each, 'properties', 'enableInternetSecurity') !== false,
  )
  return intents
    .filter((intent) => connections.some((connection) => equalsText(hubOf(connection), hubOf(intent))))
    .flatMap((intent) => objectsAt(intent, 'properties', 'routingPolicies'))
    .filter((policy) => listAt(policy, 'destinations').some((each) => equalsText(String(each), 'Internet')))
    .flatMap((policy) => {
      const firewall = reader.get(textAt(policy, 'nextHop'))
      const appliance = textAt(firewall, 'properties', 'hubIPAddresses', 'privateIPAddress')
      const appliances = appliance === undefined ? [] : [appliance]
      return toCandidates(['0.0.0.0/0'], address, { origin: 'bgp', hop: 'VirtualNetworkGateway', appliances })
    })
}

/** The IDs of the virtual hubs that a network is connected to. */
export function hubsOf(reader: WorldReader, networkId: string): string[] {
  return hubConnections(reader, networkId).map(hubOf)
}

function hubConnections(reader: WorldReader, networkId: string): JsonObject[] {
  return reader
    .list('microsoft.network/virtualhubs/hubvirtualnetworkconnections')
    .filter((each) => equalsText(textAt(each, 'properties', 'remoteVirtualNetwork', 'id'), networkId))
}

function hubOf(child: JsonObject): string {
  return (textAt(child, 'id') ?? '').split('/').slice(0, 9).join('/')
}

function isBelow(child: JsonObject, parent: JsonObject): boolean {
  return (textAt(child, 'id') ?? '').toLowerCase().startsWith(`${textAt(parent, 'id')?.toLowerCase()}/`)
}

/** Service tags of the addresses that a service endpoint covers. */
const ENDPOINT_TAGS: Record<string, string> = {
  'microsoft.storage': 'Storage',
  'microsoft.sql': 'Sql',
  'microsoft.keyvault': 'AzureKeyVault',
  'microsoft.containerregistry': 'AzureContainerRegistry',
  'microsoft.eventhub': 'EventHub',
  'microsoft.servicebus': 'ServiceBus',
  'microsoft.azurecosmosdb': 'AzureCosmosDB',
  'microsoft.azureactivedirectory': 'AzureActiveDirectory',
  'microsoft.web': 'AppService',
}

/** The route of a service endpoint cannot be overridden (virtual-networks-udr-overview). */
function serviceEndpoint(subnet: JsonObject, address: Block): MatchedRoute | undefined {
  for (const endpoint of objectsAt(subnet, 'properties', 'serviceEndpoints')) {
    const tag = ENDPOINT_TAGS[(textAt(endpoint, 'service') ?? '').toLowerCase()]
    const locations = listAt(endpoint, 'locations').map(String)
    const isEverywhere = locations.length === 0 || locations.includes('*')
    const tags = isEverywhere ? [tag] : locations.map((location) => tag && `${tag}.${location}`)
    const prefix = tags.find((each) => each !== undefined && tagPrefixLength(each, address) !== undefined)
    if (prefix !== undefined)
      return { prefix, origin: 'system', hop: 'VirtualNetworkServiceEndpoint', appliances: [] }
  }
  return undefined
}
