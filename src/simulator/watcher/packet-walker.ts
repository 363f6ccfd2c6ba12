import { type Block, type Family, parseBlock } from '../lib/ip.ts'
import { type JsonObject, listAt, textAt } from '../lib/json.ts'
import { type MatchedRoute, matchRoute } from './routes.ts'
import { isAllowed } from './security-rules.ts'
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
      return route.appliances.length > 0 ? behind(reader, subnet, way) : translation('unknown')
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
