import t from 'tap'
import { nameResolution, privateZoneId } from '../../../src/core/endpoints/name-resolution.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aCluster,
  aFirewall,
  aRouteTable,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { denied, withRights } from '../../support/permissions.ts'

const OWN = SUBNET.replace('/subnets/nodes', '')
const HUB = `${GROUP}/${NETWORK}/virtualNetworks/hub`
const OTHER = `${GROUP}/${NETWORK}/virtualNetworks/other`
const FIREWALL = `${GROUP}/${NETWORK}/azureFirewalls/fw`
const TABLE = `${GROUP}/${NETWORK}/routeTables/table`
const PRIVATE = {
  enablePrivateCluster: true,
  privateDnsZone: 'system',
  privateFqdn: 'demo.guid.privatelink.eastus.azmk8s.io',
}

function world(
  dnsServers: string[],
  given: {
    cluster?: Partial<ClusterFacts>
    links?: string[] | ReturnType<typeof denied>
    hop?: string | null
    dnsProxy?: boolean
    firewallServers?: string[]
  } = {},
) {
  const { links = [], hop } = given
  const peering = {
    name: 'hub',
    remoteVirtualNetworkId: HUB,
    useRemoteGateways: false,
    isConnected: true,
  }
  const base = aByoSnapshot(hop === undefined ? {} : { routeTableId: TABLE }, {
    cluster: { ...PRIVATE, ...given.cluster },
    virtualNetworks: [
      aVirtualNetwork({ id: OWN, dnsServers, peerings: [peering] }),
      aVirtualNetwork({ id: HUB, addressPrefixes: ['10.9.0.0/16'] }),
      aVirtualNetwork({ id: OTHER, addressPrefixes: ['10.77.0.0/16'] }),
    ],
    firewalls: [
      aFirewall({ id: FIREWALL, dnsProxy: given.dnsProxy ?? true, dnsServers: given.firewallServers ?? [] }),
    ],
    routeTables: hop === undefined ? [] : [aRouteTable(TABLE, hop, '10.9.0.4')],
  })
  const privateZoneLinks = Array.isArray(links) ? { facts: links } : links
  return { ...base, surroundings: { ...withRights(), privateZoneLinks } }
}

const resolve = (...given: Parameters<typeof world>) => {
  const snapshot = world(...given)
  return nameResolution(snapshot, snapshot)
}

t.test('reports the location of each custom DNS server', async (t) => {
  const places: [server: string, location: string, ids: string[]][] = [
    ['10.1.0.10', 'clusterNetwork', [OWN]],
    ['10.9.0.10', 'peeredNetwork', [HUB]],
    ['10.77.0.10', 'otherNetwork', [OTHER]],
    ['10.200.0.10', 'elsewhere', []],
  ]
  for (const [address, location, virtualNetworkIds] of places)
    t.match(resolve([address]).servers, [{ address, location, virtualNetworkIds, firewallId: null }])
  t.strictSame(resolve(['168.63.129.16']).servers, [], 'the DNS of Azure is no custom server')
  t.match(resolve(['10.9.0.4'], { dnsProxy: false }).servers, [{ firewallId: FIREWALL, dnsProxy: false }])
})

t.test('compares the path to the server before and after', async (t) => {
  const pathOf = (address: string, hop: string | null) =>
    nameResolution(world([address]), world([address], { hop })).servers.map(({ before, after }) => [
      before,
      after,
    ])
  t.strictSame(pathOf('8.8.8.8', 'VirtualAppliance'), [['direct', 'firewall']])
  t.strictSame(pathOf('8.8.8.8', 'None'), [['direct', 'none']])
  t.strictSame(pathOf('10.9.0.10', 'VirtualAppliance'), [['direct', 'direct']], 'a peered network is nearer')
  t.strictSame(pathOf('10.1.0.10', 'None'), [['direct', 'direct']])
})

t.test('says unknown where a route that Azure Resource Manager does not show decides', async (t) => {
  for (const address of ['10.200.0.10', '10.77.0.10', '192.168.0.4', '100.64.0.4', 'not-an-ip', 'fd00::4'])
    t.match(resolve([address]).servers, [{ before: 'unknown', after: 'unknown' }], address)
  const learned = (hop?: string) => {
    const snapshot = world(['8.8.8.8'], hop === undefined ? {} : { hop })
    const virtualNetworks = Object.fromEntries(
      Object.entries(snapshot.virtualNetworks).map(([key, network]) => [
        key,
        { ...network, hasVirtualNetworkGateway: true },
      ]),
    )
    return { ...snapshot, virtualNetworks }
  }
  for (const hop of [undefined, 'VirtualAppliance', 'None']) {
    const snapshot = learned(hop)
    t.match(nameResolution(snapshot, snapshot).servers, [{ before: 'unknown', after: 'unknown' }], `${hop}`)
  }
})

t.test('decides from links to the right network whether the private name resolves', async (t) => {
  const cases: [servers: string[], links: string[], resolvable: string][] = [
    [[], [OWN], 'yes'],
    [[], [OWN.toUpperCase()], 'yes'],
    [[], [HUB], 'no'],
    [['168.63.129.16'], [OWN], 'yes'],
    [['168.63.129.16'], [HUB], 'no'],
    // The DNS proxy of the firewall asks Azure DNS.
    [['10.9.0.4'], [HUB], 'yes'],
    [['10.9.0.4'], [OWN], 'no'],
    // Only the administrator of a server knows where it forwards the zone to.
    [['10.9.0.10'], [OWN], 'unknown'],
    [['10.9.0.10'], [HUB], 'unknown'],
    [['10.9.0.4', '10.1.0.10'], [HUB, OWN], 'unknown'],
    [['10.9.0.4', '10.1.0.10'], [OWN], 'no'],
    [['10.200.0.10'], [HUB, OWN], 'unknown'],
  ]
  for (const [servers, links, resolvable] of cases)
    t.equal(resolve(servers, { links }).privateZone?.resolvable, resolvable, JSON.stringify([servers, links]))
})

t.test('names what to check where the forwarding of a DNS server decides', async (t) => {
  const because = (links: string[], server = '10.9.0.10') =>
    resolve([server], { links }).privateZone?.because ?? ''
  t.match(because([HUB]), /is linked to .* DNS server 10\.9\.0\.10\. Check .* Azure DNS \(168\.63\.129\.16\)/)
  t.match(because([OWN]), /is not linked to .* 10\.9\.0\.10\. Check .* a server in a linked virtual network/)
  t.match(because([OWN], '10.200.0.10'), /in no virtual network that this service knows\. Check/)
  const twin = { ...world(['10.77.0.10'], { links: [OTHER] }) }
  const other = aVirtualNetwork({ id: `${OTHER}-2`, addressPrefixes: ['10.77.0.0/16'] })
  const ambiguous = { ...twin, virtualNetworks: { ...twin.virtualNetworks, [other.id.toLowerCase()]: other } }
  t.match(nameResolution(ambiguous, ambiguous), {
    servers: [{ virtualNetworkIds: [OTHER, `${OTHER}-2`] }],
    privateZone: {
      resolvable: 'unknown',
      because: /10\.77\.0\.10 is in several virtual networks \(other and other-2\)/,
    },
  })
})

t.test('the DNS proxy of a firewall proves nothing if it is off or asks other servers', async (t) => {
  const zone = (given: Parameters<typeof world>[1]) =>
    resolve(['10.9.0.4'], { links: [HUB], ...given }).privateZone
  t.match(zone({ dnsProxy: false }), { resolvable: 'no', because: /The DNS proxy of the firewall .* is off/ })
  t.match(zone({ firewallServers: ['168.63.129.16'] }), { resolvable: 'yes' })
  t.match(zone({ firewallServers: ['10.77.0.10'] }), { resolvable: 'unknown' })
})

t.test('says unknown if the links were not read, and yes without a zone', async (t) => {
  t.match(resolve([], { links: denied('links') }).privateZone, {
    resolvable: 'unknown',
    linkedVirtualNetworkIds: null,
  })
  t.match(resolve([], { cluster: { privateDnsZone: 'none' } }).privateZone, {
    mode: 'none',
    resolvable: 'yes',
  })
  t.equal(resolve([], { cluster: { enablePrivateCluster: false } }).privateZone, null)
})

t.test('finds the zone of AKS and the customer-provided zone', async (t) => {
  t.equal(
    privateZoneId(aCluster(PRIVATE)),
    `${NODE_GROUP}/providers/Microsoft.Network/privateDnsZones/guid.privatelink.eastus.azmk8s.io`,
  )
  const custom = `${GROUP}/${NETWORK}/privateDnsZones/privatelink.eastus.azmk8s.io`
  t.equal(privateZoneId(aCluster({ ...PRIVATE, privateDnsZone: custom })), custom)
  for (const cluster of [
    aCluster(),
    aCluster({ ...PRIVATE, privateDnsZone: 'None' }),
    aCluster({ ...PRIVATE, privateFqdn: null }),
  ])
    t.equal(privateZoneId(cluster), null)
})
