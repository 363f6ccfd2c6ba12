import t from 'tap'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import type { NetworkCollection } from '../../../src/core/snapshot/assemble.ts'
import type { FirewallFacts, VirtualNetworkPeeringFacts } from '../../../src/core/snapshot/network-facts.ts'
import { hubSubscriptions, requiredReads } from '../../../src/core/snapshot/required-reads.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPeering,
  aPublicIp,
  aRouteTable,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  HUB,
  NETWORK,
  SUBNET,
  VNET,
} from '../../support/a-cluster.ts'
import { ANY_POLICY, codesOf, planFor } from '../../support/a-plan.ts'
import { TABLE } from '../../support/own-network.ts'

/** Routes name an appliance only by its private address, which firewalls of unrelated networks can have too. */

const OTHER = `${GROUP}/${NETWORK}/virtualNetworks/other`
const GUID = '12345678-1234-1234-1234-123456789abc'
const MICROSOFT = '/subscriptions/99999999-9999-9999-9999-999999999999'
const networkOfHub = (name: string) =>
  `${MICROSOFT}/resourceGroups/RG_${name}_${GUID}/${NETWORK}/virtualNetworks/HV_${name}_${GUID}`

/** A firewall at 10.9.0.4 with one public address; in a virtual hub if `network` is one. */
function firewallIn(network: string, address = '20.3.0.1'): FirewallFacts {
  const id = `${GROUP}/${NETWORK}/azureFirewalls/${network.split('/').at(-1)}-fw`
  return network.includes('/virtualHubs/')
    ? aFirewall({ id, subnetIds: [], virtualHubId: network, hubPublicAddresses: [address] })
    : aFirewall({ id, subnetIds: [`${network}/subnets/AzureFirewallSubnet`], publicIpIds: [ipOf(address)] })
}
const ipOf = (address: string) => `${GROUP}/${NETWORK}/publicIPAddresses/${address}`
const VIRTUAL_HUB = `${GROUP}/${NETWORK}/virtualHubs/hub-weu`

/** A cluster whose default route has the next hop 10.9.0.4; null for a virtual network that was not read. */
function routed(peerings: VirtualNetworkPeeringFacts[] | null, ...firewalls: FirewallFacts[]): Snapshot {
  const subnet = aSubnet({ routeTableId: TABLE })
  return aByoSnapshot(
    { routeTableId: TABLE },
    {
      cluster: { authorizedIPRanges: ['198.18.0.0/24'] },
      virtualNetworks: peerings === null ? [] : [aVirtualNetwork({ id: VNET, peerings, subnets: [subnet] })],
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
      firewalls,
      publicIps: ['20.3.0.1', '20.3.0.2'].map((address) => aPublicIp({ id: ipOf(address), address })),
    },
  )
}

const reportFor = (snapshot: Snapshot) => buildEgressReport(snapshot, ANY_POLICY, 'simulated')

const places: [string, VirtualNetworkPeeringFacts[] | null, FirewallFacts, 'found' | 'unknown'][] = [
  ['its own network', [], firewallIn(VNET), 'found'],
  ['its own network, which was not read', null, firewallIn(VNET), 'found'],
  ['a peered network', [aPeering(HUB)], firewallIn(HUB), 'found'],
  ['a peered network, in other case', [aPeering(HUB.toUpperCase())], firewallIn(HUB), 'found'],
  ['an unrelated network', [], firewallIn(HUB), 'unknown'],
  ['a network beside the peered one', [aPeering(OTHER)], firewallIn(HUB), 'unknown'],
  ['a network with a similar name', [aPeering(`${HUB}-2`)], firewallIn(HUB), 'unknown'],
  ['a disconnected network', [aPeering(HUB, { isConnected: false })], firewallIn(HUB), 'unknown'],
  ['a network whose peering was not read', null, firewallIn(HUB), 'unknown'],
  ['its virtual hub', [aPeering(networkOfHub('hub-weu'))], firewallIn(VIRTUAL_HUB), 'found'],
  ['its virtual hub, in other case', [aPeering(networkOfHub('HUB-WEU'))], firewallIn(VIRTUAL_HUB), 'found'],
  ['another virtual hub', [aPeering(networkOfHub('hub-weu_2'))], firewallIn(VIRTUAL_HUB), 'unknown'],
  ['a virtual hub without a connection', [aPeering(HUB)], firewallIn(VIRTUAL_HUB), 'unknown'],
  [
    'a disconnected virtual hub',
    [aPeering(networkOfHub('hub-weu'), { isConnected: false })],
    firewallIn(VIRTUAL_HUB),
    'unknown',
  ],
]

for (const [place, peerings, firewall, wanted] of places)
  t.test(`the addresses of a firewall in ${place} are ${wanted}`, async (t) => {
    const snapshot = routed(peerings, firewall)
    const isFound = wanted === 'found'
    const { paths, authorizedRanges } = reportFor(snapshot)
    for (const path of paths)
      t.match(path, {
        path: 'virtualAppliance',
        addresses: isFound ? ['20.3.0.1'] : [],
        isComplete: isFound,
      })
    t.equal(authorizedRanges.coversEgress, isFound ? false : null)
    const plan = planFor(snapshot, 'userDefinedRouting')
    t.equal(plan.routing[0]?.firewallId, isFound ? firewall.id : null)
    t.strictSame(plan.authorizedRanges.add, isFound ? ['20.3.0.1/32'] : [])
    t.equal(codesOf(plan).includes('EGRESS_PATH_NOT_IN_ARM'), !isFound)
    t.equal(codesOf(plan).includes('UDR_AZFW_PRIVATE_RANGES'), isFound, 'rules of the firewall')
  })

t.test('a firewall behind a peering of the peered network is no next hop', async (t) => {
  const snapshot = routed([aPeering(OTHER)], firewallIn(HUB))
  const other = aVirtualNetwork({ id: OTHER, peerings: [aPeering(HUB)] })
  const virtualNetworks = { ...snapshot.virtualNetworks, [OTHER.toLowerCase()]: other }
  t.match(reportFor({ ...snapshot, virtualNetworks }).paths[0], { addresses: [], isComplete: false })
})

t.test('of two firewalls with one address, the reachable firewall is the next hop', async (t) => {
  const [near, far] = [firewallIn(HUB, '20.3.0.1'), firewallIn(OTHER, '20.3.0.2')]
  for (const firewalls of [
    [near, far],
    [far, near],
  ]) {
    const { paths } = reportFor(routed([aPeering(HUB)], ...firewalls))
    t.match(paths[0], { addresses: ['20.3.0.1'], isComplete: true, certainty: 'certain' })
  }
})

t.test('two reachable firewalls with one address leave the next hop unknown', async (t) => {
  const snapshot = routed([aPeering(HUB), aPeering(OTHER)], firewallIn(HUB), firewallIn(OTHER, '20.3.0.2'))
  const { paths } = reportFor(snapshot)
  t.match(paths[0], { addresses: [], isComplete: false })
  const plan = planFor(snapshot, 'userDefinedRouting')
  t.equal(plan.routing[0]?.firewallId, null)
  const texts = plan.findings.map(({ message, remedy }) => `${message} ${remedy ?? ''}`).join('\n')
  t.match(texts, /no Azure Firewall is known at the next hop of the default route/)
  t.match(texts, /a virtual appliance, whose public addresses this service did not find/)
  t.notMatch(texts, /third-party|not an? (known )?Azure Firewall/)
})

/** What was read of a network, as the reads of a plan see it. */
function collectionOf({ virtualNetworks, firewalls, routeTables }: Snapshot): NetworkCollection {
  return {
    virtualNetworks,
    azureFirewalls: firewalls,
    routeTables,
    natGateways: {},
    publicIPAddresses: {},
    publicIPPrefixes: {},
    loadBalancers: {},
    networkSecurityGroups: {},
  }
}

const REMOTE = '/subscriptions/22222222-2222-2222-2222-222222222222'
const remoteHub = HUB.replace(/^\/subscriptions\/[^/]+/, REMOTE)
const searches: [string, VirtualNetworkPeeringFacts[], FirewallFacts[], string[]][] = [
  ['no firewall is known', [aPeering(remoteHub)], [], [REMOTE]],
  ['an unrelated firewall has the address', [aPeering(remoteHub)], [firewallIn(OTHER)], [REMOTE]],
  ['the next hop is known', [aPeering(remoteHub), aPeering(HUB)], [firewallIn(HUB)], []],
  ['only a virtual hub is connected', [aPeering(networkOfHub('hub-weu'))], [], []],
]
for (const [when, peerings, firewalls, wanted] of searches)
  t.test(`searches the subscriptions of peered networks: ${when}`, async (t) => {
    const { cluster, ...network } = routed(peerings, ...firewalls)
    const collection = collectionOf({ cluster, ...network })
    const found = hubSubscriptions(cluster, collection, null).map((id) => `/subscriptions/${id}`)
    t.strictSame(found, wanted)
    const unrouted = { ...collection, routeTables: {} }
    t.strictSame(hubSubscriptions(cluster, unrouted, '10.9.0.4').length, wanted.length, 'a requested route')
    t.strictSame(hubSubscriptions(cluster, unrouted, null), [], 'no route')
  })

t.test('reads the addresses of the next hop only', async (t) => {
  const { cluster, ...network } = routed([aPeering(HUB)], firewallIn(HUB), firewallIn(OTHER, '20.3.0.2'))
  const ids = requiredReads(cluster, collectionOf({ cluster, ...network }), []).map(({ id }) => id)
  t.ok(ids.includes(ipOf('20.3.0.1')))
  t.ok(ids.includes(HUB))
  t.notOk(ids.includes(ipOf('20.3.0.2')))
  t.notOk(ids.includes(OTHER))
})

t.test('a DNS server is a firewall only if the subnets reach it', async (t) => {
  for (const [peerings, isFirewall] of [
    [[aPeering(HUB)], true],
    [[], false],
  ] as const) {
    const snapshot = routed([...peerings], firewallIn(HUB))
    const [key = '', network] = Object.entries(snapshot.virtualNetworks)[0] ?? []
    const virtualNetworks = { [key]: { ...network, dnsServers: ['10.9.0.4'] } } as Snapshot['virtualNetworks']
    const plan = planFor({ ...snapshot, virtualNetworks }, 'userDefinedRouting')
    t.equal(codesOf(plan).includes('FIREWALL_DNS_PROXY_OFF'), isFirewall)
    t.equal(plan.nameResolution?.servers[0]?.firewallId === null, !isFirewall)
  }
})

t.test('each subnet has the firewall of its own networks', async (t) => {
  const snapshot = routed([aPeering(HUB)], firewallIn(HUB), firewallIn(OTHER, '20.3.0.2'))
  const second = aSubnet({ id: `${OTHER}/subnets/nodes`, routeTableId: TABLE })
  const { paths } = reportFor({ ...snapshot, subnets: [...snapshot.subnets, second] })
  const addressesOf = (subnetId: string) => paths.find((path) => path.subnetId === subnetId)?.addresses
  t.strictSame([SUBNET, second.id].map(addressesOf), [['20.3.0.1'], ['20.3.0.2']])
})
