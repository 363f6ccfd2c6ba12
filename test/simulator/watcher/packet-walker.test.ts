import t from 'tap'
import { parseBlock } from '../../../src/simulator/lib/ip.ts'
import type { JsonObject } from '../../../src/simulator/lib/json.ts'
import { walkPacket } from '../../../src/simulator/watcher/packet-walker.ts'
import { apiServerAddress } from '../../../src/simulator/watcher/service-tags.ts'
import type { WorldReader } from '../../../src/simulator/watcher/world-reader.ts'
import { networkId, routeTable, virtualNetwork } from '../../support/network-bodies.ts'
import { API_SERVER, type Case, DEFAULTS, INTERNET, TOPICS } from './packet-walker-cases.ts'

function readerOf({ subnet = {}, network = {}, routes, bodies = [] }: Case): WorldReader {
  const table = routes === undefined ? [] : [routeTable('rt', routes)]
  const attached = routes === undefined ? subnet : { routeTable: 'rt', ...subnet }
  const own = virtualNetwork('vnet', '10.1.0.0/16', { nodes: attached }, network)
  const all = new Map([...DEFAULTS, own, ...table, ...bodies].map((each) => [each.id.toLowerCase(), each]))
  return {
    get: (id) => (id === undefined ? undefined : (all.get(id.toLowerCase()) as unknown as JsonObject)),
    list: (type) =>
      [...all.values()].filter((each) => each.type.toLowerCase() === type) as unknown as JsonObject[],
  }
}

function walk(given: Case): string[] {
  const address = parseBlock(given.to ?? INTERNET)
  if (address === undefined) throw new Error(`${given.to} is no address`)
  const nodes = {
    subnetId: networkId('virtualNetworks/vnet/subnets/nodes'),
    loadBalancerId: networkId('loadBalancers/kubernetes'),
    securityGroupIds: [networkId('networkSecurityGroups/nodes')],
    hasPublicIps: false,
    publicIpPrefixIds: [],
    ...given.nodes,
  }
  const { route, source } = walkPacket(readerOf(given), nodes, address)
  return [route.hop, source.kind, ...source.addresses.map((each) => each.address)]
}

for (const [topic, cases] of Object.entries(TOPICS))
  t.test(topic, async (t) => {
    for (const each of cases) t.strictSame(walk(each), each.leaves, each.name)
  })

t.test('API server addresses are stable and inside the region', async (t) => {
  t.equal(apiServerAddress('/clusters/a', 'eastus'), API_SERVER)
  t.not(apiServerAddress('/clusters/a', 'westeurope'), API_SERVER)
})
