import { type Block, coversBlock, type Family, parseBlock } from '../lib/ip.ts'
import { equalsText, type JsonObject, listAt, objectsAt, textAt } from '../lib/json.ts'
import { viewCluster } from '../watcher/cluster-view.ts'
import { firewallAt } from '../watcher/next-hop-firewall.ts'
import { type ClusterNodes, hasPrivateApiServer, nodeGroupsOf } from '../watcher/node-groups.ts'
import { type Walk, walkPacket } from '../watcher/packet-walker.ts'
import { peeredNetworkIds } from '../watcher/routes.ts'
import { apiServerAddress } from '../watcher/service-tags.ts'
import { networkOf, readSubnet, type WorldReader } from '../watcher/world-reader.ts'
import { digitsOf } from '../world/identifiers.ts'
import { firewallVerdict } from './firewall-verdict.ts'
import type { Instance } from './instances.ts'
import type { ProbedNode, ProbedTarget, Reach } from './probe-answer.ts'

const AZURE_DNS = '168.63.129.16'
const PUBLIC_ISSUER = 'Microsoft Azure RSA TLS Issuing CA 04'
/** The name of the certificate authority of each cluster. */
const CLUSTER_ISSUER = 'ca'
const CONNECT = '0.01200'

/** The endpoints that a node reaches, from the packet walker and the rules of the firewalls on the path. */
export function nodeNetwork(
  reader: WorldReader,
  { cluster, pool, subnetId }: Instance,
): ProbedNode | undefined {
  const groups = nodeGroupsOf(reader, cluster)
  const nodes = groups.find(
    (group) => equalsText(group.subnetId, subnetId) && group.pools.includes(String(pool.name)),
  )
  const subnet = readSubnet(reader, subnetId)
  if (nodes === undefined || subnet === undefined) return undefined
  const place: Place = { reader, cluster, nodes, subnet, network: networkOf(reader, subnet) }
  const server = String(listAt(place.network, 'properties', 'dhcpOptions', 'dnsServers')[0] ?? AZURE_DNS)
  const isResolving = server === AZURE_DNS || answersDns(place, server)
  return {
    dnsServer: server,
    sourceAddress: (proxy, family) =>
      proxy === undefined
        ? isResolving
          ? sourceAddress(place, family)
          : undefined
        : sourceBehindProxy(place, proxy, isResolving),
    reach(target) {
      if (target.proxy !== undefined) return reachBehindProxy(place, target, target.proxy, isResolving)
      return isResolving || isAddress(target.host) ? reach(place, target) : { exit: 6 }
    },
  }
}

interface Place {
  reader: WorldReader
  cluster: JsonObject
  nodes: ClusterNodes
  subnet: JsonObject
  network: JsonObject | undefined
}

function walk({ reader, nodes }: Place, address: Block): Walk {
  return walkPacket(reader, nodes, address)
}

/** Every DNS server exists, and answers if the path of a query to it is open. */
function answersDns(place: Place, server: string): boolean {
  return isOpen(place, server, 53, 'udp')
}

function isAddress(host: string): boolean {
  return parseBlock(host) !== undefined
}

/** Whether packets to an address and the responses arrive. A firewall with this address responds itself. */
function isOpen(place: Place, server: string, port: number, protocol: 'udp' | 'tcp'): boolean {
  const address = parseBlock(server)
  if (address === undefined) return false
  const { route, isDropped } = walk(place, address)
  if (route.appliances.length === 0)
    return !isDropped && (route.hop === 'VnetLocal' || route.hop === 'Internet')
  const request = { source: sourceOf(place), address, host: '', port, protocol }
  return route.appliances.every((appliance) => {
    const firewall = firewallAt(place.reader, place.network, appliance)
    return (
      firewall === undefined ||
      appliance === server ||
      firewallVerdict(place.reader, firewall, request).kind === 'allowed'
    )
  })
}

function sourceOf({ subnet }: Place): Block | undefined {
  const prefix =
    textAt(subnet, 'properties', 'addressPrefix') ?? listAt(subnet, 'properties', 'addressPrefixes')[0]
  return parseBlock(String(prefix ?? ''))
}

/** Names below `.invalid` do not exist. Every other name has one address, which is derived from the name. */
function addressOf(place: Place, host: string): string | undefined {
  if (isAddress(host)) return host
  if (host.endsWith('.invalid')) return undefined
  if (isApiServer(place, host))
    return apiServerAddress(textAt(place.cluster, 'id') ?? '', textAt(place.cluster, 'location') ?? '')
  const number = Number(digitsOf(host))
  return `104.16.${(number >> 8) & 255}.${1 + (number % 250)}`
}

function isApiServer({ cluster }: Place, host: string): boolean {
  return equalsText(textAt(cluster, 'properties', 'fqdn'), host)
}

function reach(place: Place, { host, port, protocol, origin }: ProbedTarget): Reach {
  const isPrivate = origin === 'apiServer' && hasPrivateApiServer(place.cluster)
  if (isPrivate)
    return { exit: 0, http: '401', connect: CONNECT, address: '10.0.0.1', issuer: CLUSTER_ISSUER }
  const text = addressOf(place, host)
  const address = parseBlock(text ?? '')
  if (text === undefined || address === undefined) return { exit: 6 }
  if (origin === 'httpProxy')
    return isOpen(place, text, port, 'tcp')
      ? { exit: 0, http: '400', connect: CONNECT, address: text }
      : { exit: 28, address: text }
  const { route, isDropped } = walk(place, address)
  if (isDropped || (isApiServer(place, host) && !isAllowedByApiServer(place)))
    return { exit: 28, address: text }
  const request = {
    source: sourceOf(place),
    address,
    host,
    port,
    protocol: protocol === 'http' ? 'http' : 'https',
  } as const
  for (const appliance of route.appliances) {
    const firewall = firewallAt(place.reader, place.network, appliance)
    const verdict = firewall === undefined ? undefined : firewallVerdict(place.reader, firewall, request)
    if (verdict?.kind === 'denied')
      return {
        exit: protocol === 'http' ? 0 : 35,
        http: protocol === 'http' ? '470' : '000',
        connect: CONNECT,
        address: text,
      }
    // Nodes do not trust the certificate authority of the firewall.
    if (verdict?.kind === 'inspected')
      return { exit: 60, connect: CONNECT, address: text, issuer: verdict.authority }
  }
  const issuer = isApiServer(place, host) ? CLUSTER_ISSUER : PUBLIC_ISSUER
  return { exit: 0, http: origin === 'apiServer' ? '401' : '200', connect: CONNECT, address: text, issuer }
}

function isAllowedByApiServer({ reader, cluster, nodes }: Place): boolean {
  return viewCluster(reader, cluster, undefined).apiServer.get(nodes.key)?.state !== 'lost'
}

/** The first of several addresses. Azure chooses one of them for each connection. */
function sourceAddress(place: Place, family: Family = 'IPv4'): string | undefined {
  const text = family === 'IPv4' ? addressOf(place, 'source-address.example') : '2606:4700::6810:1'
  const address = parseBlock(text ?? '')
  const source = address === undefined ? undefined : walk(place, address).source
  return source?.addresses[0]?.address.split('/')[0]
}

const PROXY_AUTHORITY = 'HTTP Proxy CA'

/** The address of a proxy that nodes reach; undefined if its name does not resolve; null if packets do not arrive. */
function proxyAddress(place: Place, proxy: string, isResolving: boolean): string | null | undefined {
  const { hostname, port, protocol } = new URL(proxy)
  const address = isAddress(hostname) || isResolving ? addressOf(place, hostname) : undefined
  if (address === undefined) return undefined
  return isOpen(place, address, Number(port || (protocol === 'https:' ? 443 : 80)), 'tcp') ? address : null
}

/** The sender for a proxy: its subnet, with the routes and gateways there; undefined for a proxy in an unknown network. */
function proxyPlace({ reader, cluster, network: own }: Place, address: string): Place | undefined {
  const block = parseBlock(address)
  if (block === undefined) return undefined
  // Networks may reuse addresses, so networks near the nodes come first.
  const near = [own, ...peeredNetworkIds(own).map((id) => reader.get(id))].filter(
    (network) => network !== undefined,
  )
  for (const network of [...near, ...reader.list('microsoft.network/virtualnetworks')])
    for (const subnet of objectsAt(network, 'properties', 'subnets')) {
      const prefixes = [
        textAt(subnet, 'properties', 'addressPrefix'),
        ...listAt(subnet, 'properties', 'addressPrefixes'),
      ]
      if (
        !coversBlock(
          prefixes.flatMap((prefix) => parseBlock(String(prefix ?? '')) ?? []),
          block,
        )
      )
        continue
      const nodes = { ...NO_NODES, subnetId: textAt(subnet, 'id') ?? '' }
      return { reader, cluster, nodes, subnet, network }
    }
  return undefined
}

const NO_NODES: ClusterNodes = {
  key: '',
  pools: [],
  subnetId: '',
  loadBalancerId: '',
  hasPublicIps: false,
  publicIpPrefixIds: [],
  securityGroupIds: [],
}

/** The path of the node to its proxy, and then of the proxy to the target. The proxy resolves the name of the target. */
function reachBehindProxy(place: Place, target: ProbedTarget, proxy: string, isResolving: boolean): Reach {
  const address = proxyAddress(place, proxy, isResolving)
  if (address === undefined) return { exit: 5 }
  if (address === null) return { exit: 28 }
  const behind = proxyPlace(place, address)
  const found = behind === undefined ? OPEN : reach(behind, target)
  const { exit, http = '000', issuer } = found
  const isTunnel = target.protocol === 'https'
  // Like Squid: 503 for a name that does not resolve, and for a destination that is not reachable.
  if (exit === 6 || exit === 28)
    return isTunnel
      ? { exit: 56, http: 'c503', connect: CONNECT }
      : { exit: 0, http: '503', connect: CONNECT }
  if (exit !== 0) return { exit, http: isTunnel ? 'c200' : http, connect: CONNECT, issuer: issuer ?? '' }
  return { exit, http, connect: CONNECT, issuer: hasTrustedCa(place) ? PROXY_AUTHORITY : (issuer ?? '') }
}

const OPEN: Reach = { exit: 0, http: '200', connect: CONNECT, issuer: PUBLIC_ISSUER }

/** A proxy with a trusted certificate authority issues certificates itself (inferred from the purpose of the setting). */
function hasTrustedCa({ cluster }: Place): boolean {
  return (textAt(cluster, 'properties', 'httpProxyConfig', 'trustedCa') ?? '') !== ''
}

function sourceBehindProxy(place: Place, proxy: string, isResolving: boolean): string | undefined {
  const address = proxyAddress(place, proxy, isResolving)
  const behind = typeof address === 'string' ? proxyPlace(place, address) : undefined
  return behind === undefined ? undefined : sourceAddress(behind)
}
