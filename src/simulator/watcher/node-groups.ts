import { isDualStack, networkProfileOf, poolsOf } from '../arm/managed-cluster.ts'
import { loadBalancerId } from '../egress/load-balancer.ts'
import { managedNetworkId, managedSecurityGroupId } from '../egress/managed-resources.ts'
import { type Block, containsBlock, type Family, firstAddress, lastAddress, parseBlock } from '../lib/ip.ts'
import { at, idsAt, type JsonObject, listAt, textAt } from '../lib/json.ts'
import type { NodeGroup } from './packet-walker.ts'
import { matchRoute, routesOf } from './routes.ts'
import { apiServerAddress, tagSample } from './service-tags.ts'
import { readSubnet, type WorldReader } from './world-reader.ts'

/** Nodes of a cluster in the same subnet and with the same kind of public IP. */
export interface ClusterNodes extends NodeGroup {
  /** Identifies the group within its cluster, even if everything else changes. */
  key: string
  pools: string[]
}

/** The groups of nodes of a cluster. Pod subnets are separate groups. */
export function nodeGroupsOf(reader: WorldReader, cluster: JsonObject): ClusterNodes[] {
  const groups = new Map<string, ClusterNodes>()
  const managed = idsAt(reader.get(managedNetworkId(cluster)), 'properties', 'subnets')
  const add = (subnetId: string, pool: JsonObject | undefined, name: string) => {
    const prefixes = nodePrefixesOf(pool)
    const hasPublicIps = pool?.enableNodePublicIP === true
    const key = [subnetId, hasPublicIps ? `public IPs of ${prefixes.join() || 'no prefix'}` : '']
      .join(' ')
      .trim()
      .toLowerCase()
    const group = groups.get(key) ?? {
      key,
      subnetId,
      pools: [],
      loadBalancerId: loadBalancerId(cluster),
      securityGroupIds: [managedSecurityGroupId(cluster)],
      hasPublicIps,
      publicIpPrefixIds: hasPublicIps ? prefixes : [],
    }
    groups.set(key, { ...group, pools: [...group.pools, name] })
  }
  for (const pool of poolsOf(cluster)) {
    const name = String(pool.name)
    const podSubnet = textAt(pool, 'podSubnetID')
    for (const id of pool.vnetSubnetID === undefined ? managed : [String(pool.vnetSubnetID)])
      add(id, pool, name)
    if (podSubnet !== undefined) add(podSubnet, undefined, name)
  }
  const hosted = textAt(cluster, 'properties', 'hostedSystemProfile', 'systemNodeSubnetID')
  if (hosted !== undefined) add(hosted, undefined, 'hosted system pool')
  return [...groups.values()]
}

/** The prefix of a pool's node public IPs, or several prefixes (azure-rest-api-specs pull request 43720). */
function nodePrefixesOf(pool: JsonObject | undefined): string[] {
  const single = textAt(pool, 'nodePublicIPPrefixID')
  const several = [
    ...listAt(pool, 'nodePublicIPPrefixIDs'),
    ...listAt(pool, 'networkProfile', 'nodePublicIPPrefixIDs'),
  ]
  return [...(single === undefined ? [] : [single]), ...several.map(String)]
}

/** One sample address for all addresses with the same path. */
export interface Destination {
  kind: 'apiServer' | 'internet' | 'route'
  /** `API server`, `internet (IPv4)`, or the prefix or service tag of the route. */
  name: string
  address: Block
}

/** Sample internet addresses for destinations without a specific route. */
export const INTERNET = { IPv4: '93.184.216.34', IPv6: '2606:2800:220:1::1' } as const

/** The IP families of the nodes of a cluster. */
export function familiesOf(cluster: JsonObject): Family[] {
  return isDualStack(networkProfileOf(cluster)) ? ['IPv4', 'IPv6'] : ['IPv4']
}

/** True when nodes reach the API server inside their network: a private cluster, or API Server VNet Integration. */
export function hasPrivateApiServer(cluster: JsonObject): boolean {
  const profile = at(cluster, 'properties', 'apiServerAccessProfile')
  return at(profile, 'enablePrivateCluster') === true || at(profile, 'enableVnetIntegration') === true
}

/**
 * The internet in each family, the API server where it is public, and one address for every route of the subnet that
 * names public addresses and that no more specific route hides completely.
 */
export function destinationsOf(reader: WorldReader, cluster: JsonObject, group: NodeGroup): Destination[] {
  const families = familiesOf(cluster)
  const subnet = readSubnet(reader, group.subnetId)
  const table = reader.get(textAt(subnet, 'properties', 'routeTable', 'id'))
  const routes =
    subnet === undefined ? [] : routesOf(table).flatMap((route) => routeDestination(reader, subnet, route))
  return [
    ...families.flatMap((family) => toDestination('internet', `internet (${family})`, INTERNET[family])),
    ...(hasPrivateApiServer(cluster) ? [] : toDestination('apiServer', 'API server', addressOf(cluster))),
    ...routes.filter(({ address }) => families.includes(address.family)),
  ]
}

function addressOf(cluster: JsonObject): string {
  return apiServerAddress(textAt(cluster, 'id') ?? '', textAt(cluster, 'location')?.toLowerCase() ?? '')
}

function toDestination(kind: Destination['kind'], name: string, text: string): Destination[] {
  const address = parseBlock(text)
  return address === undefined ? [] : [{ kind, name, address }]
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']

function routeDestination(reader: WorldReader, subnet: JsonObject, route: JsonObject): Destination[] {
  const name = textAt(route, 'properties', 'addressPrefix') ?? ''
  const block = parseBlock(name)
  if (block?.length === 0) return []
  const samples = block === undefined ? [tagSample(name)] : [firstAddress(block), lastAddress(block)]
  const address = samples.find((sample) => matchRoute(reader, subnet, sample).prefix === name)
  if (address === undefined || isPrivate(address)) return []
  return [{ kind: 'route', name, address }]
}

function isPrivate(address: Block): boolean {
  return PRIVATE.some((text) => {
    const block = parseBlock(text)
    return block !== undefined && containsBlock(block, address)
  })
}
