import fc from 'fast-check'
import t from 'tap'
import { currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { formatAddress, parseBlock } from '../../../src/simulator/lib/ip.ts'
import type { JsonObject } from '../../../src/simulator/lib/json.ts'
import { walkPacket } from '../../../src/simulator/watcher/packet-walker.ts'
import { tagPrefixLength, tagSample } from '../../../src/simulator/watcher/service-tags.ts'
import type { WorldReader } from '../../../src/simulator/watcher/world-reader.ts'
import { bestMatch, matchLength } from '../../core/egress/packet-walker.ts'
import { destination, randomNetwork } from '../../core/egress/random-network.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { networkBodies } from '../../support/snapshot-bodies.ts'

/** The resources of the snapshot, with an outbound rule for the effective addresses of the profile. */
function readerOf(snapshot: Snapshot): WorldReader {
  const effective = snapshot.cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  const balancers = Object.values(snapshot.loadBalancers).map(({ id }) => {
    const frontends = effective.map((ip, index) => ({
      id: `${id}/frontendIPConfigurations/${index}`,
      properties: { publicIPAddress: { id: ip } },
    }))
    const rule = { properties: { frontendIPConfigurations: frontends.map((item) => ({ id: item.id })) } }
    return { id, properties: { frontendIPConfigurations: frontends, outboundRules: [rule] } }
  })
  const bodies = [...networkBodies(snapshot), ...balancers] as JsonObject[]
  const all = new Map(bodies.map((body) => [String(body.id).toLowerCase(), body]))
  return {
    get: (id) => (id === undefined ? undefined : all.get(id.toLowerCase())),
    list: (type) => bodies.filter((body) => String(body.type).toLowerCase() === type),
  }
}

/**
 * The source addresses that the simulator finds for nodes of one pool; `?` for an address that ARM does not show.
 */
function simulated(address: string, subnet: SubnetFacts, pool: AgentPoolFacts, snapshot: Snapshot): string[] {
  const block = parseBlock(address)
  if (block === undefined) throw new Error(`${address} is no address`)
  const balancer = Object.values(snapshot.loadBalancers)[0]?.id ?? ''
  const nodes = {
    subnetId: subnet.id,
    loadBalancerId: balancer,
    securityGroupIds: [],
    hasPublicIps: pool.enableNodePublicIP,
    publicIpPrefixIds: pool.nodePublicIpPrefixIds,
  }
  const { source } = walkPacket(readerOf(snapshot), nodes, block)
  const found = source.addresses.map((item) => item.address)
  if (source.kind === 'unknown') return [...found, '?']
  return source.kind === 'none' || found.length > 0 ? found : ['?']
}

/** Addresses that the simulator gives to service tags, and the blocks around one of them. */
const TAGGED = [
  'AzureCloud',
  'AzureCloud.eastus',
  'AzureCloud.westus',
  'Storage',
  'Storage.eastus',
  'Sql.eastus',
].map((tag) => formatAddress(tagSample(tag)))
const STORAGE = tagSample('Storage.eastus')
const BLOCKS: Record<string, string> = {
  // The block of the tag: an explicit prefix overrides a tag with the same one.
  '198.51.100.0/24': `${formatAddress({ ...STORAGE, start: STORAGE.start - (STORAGE.start % 16n) })}/28`,
  '20.40.7.9/32': `${formatAddress(STORAGE)}/32`,
  '8.0.0.0/8': '4.128.0.0/9',
}

function lengthInSimulator(name: string, address: string): number | null {
  const block = parseBlock(address)
  if (name.includes('/') || block === undefined) return matchLength(name, address)
  return tagPrefixLength(name, block) ?? null
}

/** Completely read, with an outbound type that shows in the network alone, and with prefixes around the tags of the simulator. */
const network = randomNetwork
  .filter(
    ({ cluster, unread, virtualNetworks }) =>
      unread.length === 0 &&
      !Object.values(virtualNetworks).some((item) => item.hasVirtualNetworkGateway) &&
      !['managedNATGateway', 'block'].includes(cluster.outboundType ?? ''),
  )
  .map((snapshot) => ({
    ...snapshot,
    routeTables: Object.fromEntries(
      Object.entries(snapshot.routeTables).map(([key, table]) => {
        const routes = table.routes.map((route) => ({
          ...route,
          addressPrefix: BLOCKS[route.addressPrefix] ?? route.addressPrefix,
        }))
        return [key, { ...table, routes }]
      }),
    ),
  }))
const addresses = fc.array(fc.oneof(destination, fc.constantFrom(...TAGGED)), {
  minLength: 12,
  maxLength: 12,
})

t.test('the walker of the simulator finds the source addresses that the path model states', async (t) => {
  let compared = 0
  let tagged = 0
  fc.assert(
    fc.property(network, addresses, (snapshot, samples) => {
      const paths = egressPaths(currentSide(snapshot))
      for (const subnet of snapshot.subnets)
        for (const address of samples) {
          const family = address.includes(':') ? 'IPv6' : 'IPv4'
          const own = paths.filter((path) => path.subnetId === subnet.id && path.family === family)
          const special = own.filter(
            (item) => item.destination !== 'internet' && item.destination !== 'apiServer',
          )
          const path =
            bestMatch(special, (item) => item.destination, address, lengthInSimulator) ??
            own.find((item) => item.destination === 'internet')
          if (path === undefined || path.certainty === 'unknown') continue
          const pools = snapshot.cluster.agentPools.filter(({ name }) => subnet.pools.includes(name))
          const walked = new Set(pools.flatMap((pool) => simulated(address, subnet, pool, snapshot)))
          const stated = new Set(path.addresses.map((item) => item.address ?? '?'))
          compared++
          if (special.includes(path) && !path.destination.includes('/')) tagged++
          if ([...walked].sort().join() !== [...stated].sort().join())
            throw new Error(`${address}: stated ${path.path} ${[...stated]}, walked ${[...walked]}`)
        }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(compared > propertyRuns(), 'many samples are compared')
  t.ok(tagged > propertyRuns() / 10, 'many of them are in a service tag of a route')
})
