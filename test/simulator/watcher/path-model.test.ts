import fc from 'fast-check'
import t from 'tap'
import { currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import { routeBody } from '../../../src/core/egress/routes.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { parseBlock } from '../../../src/simulator/lib/ip.ts'
import type { JsonObject } from '../../../src/simulator/lib/json.ts'
import { walkPacket } from '../../../src/simulator/watcher/packet-walker.ts'
import type { WorldReader } from '../../../src/simulator/watcher/world-reader.ts'
import { bestMatch } from '../../core/egress/packet-walker.ts'
import { destination, randomNetwork } from '../../core/egress/random-network.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const ref = (id: string | null) => (id === null ? undefined : { id })
const refs = (ids: string[]) => ids.map((id) => ({ id }))

/** The bodies that Azure Resource Manager shows for these facts. Tags are left out: the simulator has addresses of its own. */
function bodiesOf(snapshot: Snapshot): JsonObject[] {
  const { cluster, publicIps, publicIpPrefixes, natGateways, firewalls, loadBalancers } = snapshot
  const isIpv6 = (id: string) => publicIps[id.toLowerCase()]?.version === 'IPv6'
  const effective = cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  const bodies = [
    ...Object.values(snapshot.virtualNetworks).map(({ id, addressPrefixes, natGatewayId }) => ({
      id,
      properties: {
        addressSpace: { addressPrefixes },
        defaultPublicNatGateway: ref(natGatewayId ?? gatewayOfNetwork(id, snapshot)),
        subnets: snapshot.subnets.map((subnet) => ({
          id: subnet.id,
          properties: {
            addressPrefixes: subnet.addressPrefixes,
            natGateway: ref(subnet.natGatewayId),
            routeTable: ref(subnet.routeTableId),
            ...(subnet.defaultOutboundAccess === null
              ? {}
              : { defaultOutboundAccess: subnet.defaultOutboundAccess }),
          },
        })),
      },
    })),
    ...Object.values(publicIps).map(({ id, address, version }) => ({
      id,
      properties: { ipAddress: address, publicIPAddressVersion: version },
    })),
    ...Object.values(publicIpPrefixes).map(({ id, prefix, version }) => ({
      id,
      properties: { ipPrefix: prefix, publicIPAddressVersion: version },
    })),
    ...Object.values(natGateways).map(({ id, sku, publicIpIds, subnetIds }) => ({
      id,
      sku: { name: sku },
      properties: {
        publicIpAddresses: refs(publicIpIds.filter((item) => !isIpv6(item))),
        publicIpAddressesV6: refs(publicIpIds.filter(isIpv6)),
        subnets: refs(subnetIds),
      },
    })),
    ...Object.values(snapshot.routeTables).map(({ id, routes }) => ({
      id,
      properties: { routes: routes.map((route) => ({ name: route.name, ...routeBody(route) })) },
    })),
    ...Object.values(firewalls).map(
      ({ id, privateAddresses, publicIpIds, subnetIds, hubPublicAddresses }) => ({
        id,
        type: 'Microsoft.Network/azureFirewalls',
        properties:
          hubPublicAddresses.length > 0
            ? {
                hubIPAddresses: {
                  privateIPAddress: privateAddresses[0],
                  publicIPs: { addresses: hubPublicAddresses.map((address) => ({ address })) },
                },
              }
            : {
                ipConfigurations: publicIpIds.map((ip) => ({
                  properties: {
                    privateIPAddress: privateAddresses[0],
                    subnet: ref(subnetIds[0] ?? null),
                    publicIPAddress: { id: ip },
                  },
                })),
              },
      }),
    ),
    ...Object.values(loadBalancers).map(({ id }) => ({
      id,
      properties: {
        frontendIPConfigurations: effective.map((ip, index) => ({
          id: `${id}/frontendIPConfigurations/${index}`,
          properties: { publicIPAddress: { id: ip } },
        })),
        outboundRules: [
          {
            properties: {
              frontendIPConfigurations: effective.map((_, index) => ({
                id: `${id}/frontendIPConfigurations/${index}`,
              })),
            },
          },
        ],
      },
    })),
  ]
  // Members without a value are absent in JSON.
  return JSON.parse(JSON.stringify(bodies)) as JsonObject[]
}

function gatewayOfNetwork(id: string, { natGateways }: Snapshot): string | null {
  return Object.values(natGateways).find((gateway) => gateway.sourceVirtualNetworkId === id)?.id ?? null
}

function readerOf(snapshot: Snapshot): WorldReader {
  const all = new Map(bodiesOf(snapshot).map((body) => [String(body.id).toLowerCase(), body]))
  // The network of the firewall, whose subnet shows the NAT gateway that serves it.
  const subnetId = Object.values(snapshot.firewalls).flatMap(({ subnetIds }) => subnetIds)[0] ?? ''
  const nat = Object.values(snapshot.natGateways).find(({ subnetIds }) => subnetIds.includes(subnetId))
  const hub = subnetId.replace(/\/subnets\/[^/]+$/, '')
  const subnet = { id: subnetId, properties: nat === undefined ? {} : { natGateway: { id: nat.id } } }
  all.set(hub.toLowerCase(), { id: hub, properties: { subnets: [subnet] } })
  return {
    get: (id) => (id === undefined ? undefined : all.get(id.toLowerCase())),
    list: (type) => [...all.values()].filter((body) => String(body.type).toLowerCase() === type),
  }
}

/** The source addresses that the simulator finds for nodes of one pool; `?` for one that ARM does not show. */
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
  return source.kind === 'none' || found.length > 0 ? found : ['?']
}

/** Without service tags, and with an outbound type that shows in the network alone. */
const network = randomNetwork
  .filter(({ cluster }) => !['managedNATGateway', 'block'].includes(cluster.outboundType ?? ''))
  .map((snapshot) => ({
    ...snapshot,
    routeTables: Object.fromEntries(
      Object.entries(snapshot.routeTables).map(([key, table]) => [
        key,
        { ...table, routes: table.routes.filter(({ addressPrefix }) => addressPrefix.includes('/')) },
      ]),
    ),
  }))

t.test('the walker of the simulator finds the source addresses that the path model states', async (t) => {
  let compared = 0
  fc.assert(
    fc.property(network, fc.array(destination, { minLength: 10, maxLength: 10 }), (snapshot, addresses) => {
      const paths = egressPaths(currentSide(snapshot))
      for (const subnet of snapshot.subnets)
        for (const address of addresses) {
          const family = address.includes(':') ? 'IPv6' : 'IPv4'
          const own = paths.filter((path) => path.subnetId === subnet.id && path.family === family)
          const path =
            bestMatch(
              own.filter((item) => item.destination.includes('/')),
              (item) => item.destination,
              address,
            ) ?? own.find((item) => item.destination === 'internet')
          if (path === undefined || path.certainty === 'unknown') continue
          const pools = snapshot.cluster.agentPools.filter(({ name }) => subnet.pools.includes(name))
          const walked = new Set(pools.flatMap((pool) => simulated(address, subnet, pool, snapshot)))
          const stated = new Set(path.addresses.map((item) => item.address ?? '?'))
          compared++
          if ([...walked].sort().join() !== [...stated].sort().join())
            throw new Error(`${address}: stated ${path.path} ${[...stated]}, walked ${[...walked]}`)
        }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(compared > propertyRuns(), 'many samples are compared')
})
