import { coversBlock, parseBlock } from '../lib/ip.ts'
import { type JsonObject, listAt, textAt } from '../lib/json.ts'
import {
  type ClusterNodes,
  type Destination,
  destinationsOf,
  hasPrivateApiServer,
  nodeGroupsOf,
} from './node-groups.ts'
import { type Walk, walkPacket } from './packet-walker.ts'
import { tagPrefixLength } from './service-tags.ts'
import { loadBalancerAddresses, type SourceAddress } from './source-addresses.ts'
import type { WorldReader } from './world-reader.ts'

/** One packet of a group of nodes. */
export interface Leg {
  nodes: ClusterNodes
  destination: Destination
  walk: Walk
}

/** Whether nodes reach the API server; `unknown` behind appliances whose addresses Resource Manager does not show. */
export interface ApiServerAccess {
  nodes: ClusterNodes
  state: 'open' | 'lost' | 'unknown'
  /** Source addresses that the API server rejects. */
  rejected: string[]
}

/** The current egress of the nodes of a cluster. */
export interface ClusterView {
  clusterId: string
  legs: Leg[]
  apiServer: Map<string, ApiServerAccess>
  /** All source addresses of packets, by lower-case ID. */
  sources: Map<string, SourceAddress>
}

/**
 * Evaluates all packets of a cluster. `formerRanges` are the authorized IP ranges before an update that is still
 * running. The time at which the new list takes effect is unknown, so both must allow an address.
 */
export function viewCluster(
  reader: WorldReader,
  cluster: JsonObject,
  formerRanges: string[] | undefined,
): ClusterView {
  const legs = nodeGroupsOf(reader, cluster).flatMap((nodes) =>
    destinationsOf(reader, cluster, nodes).map((destination): Leg => {
      return { nodes, destination, walk: walkPacket(reader, nodes, destination.address) }
    }),
  )
  const sources = legs.flatMap((leg) => leg.walk.source.addresses)
  return {
    clusterId: textAt(cluster, 'id') ?? '',
    legs,
    apiServer: apiServerAccess(reader, cluster, legs, formerRanges),
    sources: new Map(sources.map((source) => [source.id.toLowerCase(), source])),
  }
}

/** The authorized IP ranges in a profile; empty if every address is allowed. */
export function authorizedRangesOf(accessProfile: JsonObject | undefined): string[] {
  return listAt(accessProfile, 'authorizedIPRanges').map(String)
}

function apiServerAccess(
  reader: WorldReader,
  cluster: JsonObject,
  legs: Leg[],
  formerRanges: string[] | undefined,
): Map<string, ApiServerAccess> {
  if (hasPrivateApiServer(cluster)) return new Map()
  const profile = cluster.properties as JsonObject
  const ranges = authorizedRangesOf(profile.apiServerAccessProfile as JsonObject | undefined)
  const lists = [ranges, ...(formerRanges === undefined ? [] : [formerRanges])].filter(
    (list) => list.length > 0,
  )
  const access = legs
    .filter(({ destination }) => destination.kind === 'apiServer')
    .map(({ nodes, walk }): [string, ApiServerAccess] => {
      const exempt = loadBalancerAddresses(reader, nodes.loadBalancerId).map(({ address }) => address)
      const rejected = walk.source.addresses
        .map(({ address }) => address)
        .filter((address) => !exempt.includes(address) && lists.some((list) => !allows(list, address)))
      return [nodes.key, { nodes, rejected, state: stateOf(walk, rejected, lists.length > 0) }]
    })
  return new Map(access)
}

/** Default outbound access uses a Microsoft address that can change, so no range is meant to contain it. */
function stateOf(
  { isDropped, source }: Walk,
  rejected: string[],
  areEnforced: boolean,
): ApiServerAccess['state'] {
  if (isDropped || rejected.length > 0) return 'lost'
  if (!areEnforced || source.kind === 'private') return 'open'
  if (source.kind === 'unknown') return 'unknown'
  if (source.addresses.length > 0) return 'open'
  return source.kind === 'defaultOutbound' ? 'lost' : 'unknown'
}

function allows(ranges: string[], text: string): boolean {
  const address = parseBlock(text)
  if (address === undefined) return false
  const blocks = ranges.flatMap((range) => parseBlock(range) ?? [])
  return (
    coversBlock(blocks, address) ||
    ranges.some((range) => parseBlock(range) === undefined && tagPrefixLength(range, address) !== undefined)
  )
}
