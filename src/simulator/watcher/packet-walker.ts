import { type Block, containsBlock, type Family, parseBlock } from '../lib/ip.ts'
import { equalsText, type JsonObject, listAt, numberAt, objectsAt, textAt } from '../lib/json.ts'
import { hasNetworkGateway, type MatchedRoute, matchRoute } from './routes.ts'
import { tagPrefixLength } from './service-tags.ts'
import {
  type Nodes,
  type Translation,
  translateBehindAppliances,
  translateToInternet,
  translation,
} from './source-addresses.ts'
import { networkOf, readSubnet, type WorldReader } from './world-reader.ts'

/** Nodes in one subnet, and the network security groups on their network interfaces. */
export interface NodeGroup extends Nodes {
  subnetId: string
  securityGroupIds: string[]
}

/** The path of one packet. */
export interface Walk {
  family: Family
  route: MatchedRoute
  /** The resource that translates the source address, and the possible addresses. */
  source: Translation
  /** True when a security rule, a route or the lack of a source address stops the packet. */
  isDropped: boolean
}

/**
 * Follows one packet from nodes to an address: the route, the source address, and the security rules on the path. It
 * does not use outbound types: only the network determines the path.
 */
export function walkPacket(reader: WorldReader, nodes: NodeGroup, address: Block): Walk {
  const subnet = readSubnet(reader, nodes.subnetId)
  if (subnet === undefined) return toWalk(address, NO_ROUTE, translation('unknown'))
  const route = matchRoute(reader, subnet, address)
  const isDenied = isDeniedBySecurityRules(reader, nodes, subnet, { route, address })
  const source = isDenied ? translation('none') : sourceOf(reader, nodes, subnet, { route, address })
  return toWalk(address, route, source)
}

const NO_ROUTE: MatchedRoute = { prefix: '', origin: 'system', hop: 'None', appliances: [] }

function toWalk({ family }: Block, route: MatchedRoute, source: Translation): Walk {
  return { family, route, source, isDropped: source.kind === 'none' }
}

interface Way {
  route: MatchedRoute
  address: Block
}

function sourceOf(reader: WorldReader, nodes: NodeGroup, subnet: JsonObject, way: Way): Translation {
  const { route, address } = way
  switch (route.hop) {
    case 'Internet':
      return translateToInternet(reader, subnet, nodes, address.family)
    case 'VirtualAppliance':
    case 'VirtualApplianceEcmp':
      return behind(reader, subnet, way)
    case 'VirtualNetworkGateway':
      if (route.appliances.length > 0) return behind(reader, subnet, way)
      return translation(hasNetworkGateway(reader, networkOf(reader, subnet)) ? 'unknown' : 'none')
    case 'VirtualNetworkServiceEndpoint':
      return translation('private')
    case 'VnetLocal':
      // Packets on a route that declares public addresses as local are dropped.
      return translation(route.origin === 'system' ? 'private' : 'none')
    case 'None':
      return translation('none')
  }
}

function behind(reader: WorldReader, subnet: JsonObject, { route, address }: Way): Translation {
  const network = networkOf(reader, subnet)
  return translateBehindAppliances(reader, network, route.appliances, address)
}

function isDeniedBySecurityRules(
  reader: WorldReader,
  nodes: NodeGroup,
  subnet: JsonObject,
  { route, address }: Way,
): boolean {
  const prefixes = [
    textAt(subnet, 'properties', 'addressPrefix') ?? '',
    ...listAt(subnet, 'properties', 'addressPrefixes'),
  ]
  const packet = {
    destination: address,
    isPublic: route.hop !== 'VnetLocal' || route.origin !== 'system',
    sources: prefixes.flatMap((prefix) => parseBlock(String(prefix)) ?? []),
  }
  const groupIds = [textAt(subnet, 'properties', 'networkSecurityGroup', 'id'), ...nodes.securityGroupIds]
  return groupIds.some((id) => !isAllowed(reader.get(id), packet))
}

/** A packet as security rules see it: over TCP port 443, from a subnet. */
export interface Packet {
  destination: Block
  /** False for an address of the virtual network. */
  isPublic: boolean
  sources: Block[]
}

const PORT = 443

/** Whether a network security group allows the packet: the matching rule with the lowest priority number applies. */
export function isAllowed(group: JsonObject | undefined, packet: Packet): boolean {
  if (group === undefined) return true
  const [first] = ['securityRules', 'defaultSecurityRules']
    .flatMap((list) => objectsAt(group, 'properties', list))
    .filter((rule) => matches(rule, packet))
    .sort((a, b) => priorityOf(a) - priorityOf(b))
  return first === undefined || !equalsText(textAt(first, 'properties', 'access'), 'Deny')
}

function priorityOf(rule: JsonObject): number {
  return numberAt(rule, 'properties', 'priority') ?? Number.POSITIVE_INFINITY
}

function matches(rule: JsonObject, packet: Packet): boolean {
  const protocol = textAt(rule, 'properties', 'protocol') ?? '*'
  return (
    equalsText(textAt(rule, 'properties', 'direction'), 'Outbound') &&
    (protocol === '*' || equalsText(protocol, 'Tcp')) &&
    textsAt(rule, 'destinationPortRange').some(containsPort) &&
    textsAt(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes').some((text) => isFrom(text, packet)) &&
    textsAt(rule, 'destinationAddressPrefix', 'destinationAddressPrefixes').some((text) => isTo(text, packet))
  )
}

/** The values of a member that a rule has either in singular, or as a list in plural. */
function textsAt(rule: JsonObject, single: string, plural = `${single}s`): string[] {
  const one = textAt(rule, 'properties', single)
  return [...(one === undefined ? [] : [one]), ...listAt(rule, 'properties', plural).map(String)]
}

function containsPort(range: string): boolean {
  if (range === '*') return true
  const [from = 0, to = from] = range.split('-').map(Number)
  return from <= PORT && PORT <= to
}

function isFrom(text: string, { sources }: Packet): boolean {
  if (text === '*' || equalsText(text, 'VirtualNetwork')) return true
  const block = parseBlock(text)
  return block !== undefined && sources.some((source) => containsBlock(block, source))
}

function isTo(text: string, { destination, isPublic }: Packet): boolean {
  if (text === '*') return true
  if (equalsText(text, 'Internet')) return isPublic
  if (equalsText(text, 'VirtualNetwork')) return !isPublic
  const block = parseBlock(text)
  return block === undefined
    ? tagPrefixLength(text, destination) !== undefined
    : containsBlock(block, destination)
}
