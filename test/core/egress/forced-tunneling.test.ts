import t from 'tap'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import type {
  FirewallFacts,
  RouteFacts,
  VirtualNetworkFacts,
} from '../../../src/core/snapshot/network-facts.ts'
import { requiredReads } from '../../../src/core/snapshot/required-reads.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPeering,
  aPublicIp,
  aRouteTable,
  aSpoke,
  aSubnet,
  aVirtualNetwork,
  HUB,
  keyed,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { ANY_POLICY, codesOf, planFor } from '../../support/a-plan.ts'
import { NETWORK_OF_USER, OWN_IP, TABLE } from '../../support/own-network.ts'

/** A firewall does not translate packets that the routes of its own subnet send to another hop. */

const FIREWALL_SUBNET = `${HUB}/subnets/AzureFirewallSubnet`
const FIREWALL_TABLE = `${NETWORK_OF_USER}/routeTables/firewall`
const FIREWALL_IP = '20.3.0.1'

function route(addressPrefix: string, nextHopType: string): RouteFacts {
  const nextHopIpAddress = nextHopType === 'VirtualAppliance' ? '10.8.0.4' : null
  return { name: addressPrefix, addressPrefix, nextHopType, nextHopIpAddress }
}

/** A cluster behind a firewall, whose subnet has these routes; null for a table that could not be read. */
function behindFirewall(routes: RouteFacts[] | null): Snapshot {
  const table = { ...aRouteTable(FIREWALL_TABLE, null), routes: routes ?? [] }
  return aByoSnapshot(
    { routeTableId: TABLE },
    {
      cluster: { authorizedIPRanges: ['198.18.0.0/24'] },
      virtualNetworks: [
        aSpoke(),
        aVirtualNetwork({
          id: HUB,
          subnets: [aSubnet({ id: FIREWALL_SUBNET, pools: [], routeTableId: FIREWALL_TABLE })],
        }),
      ],
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), ...(routes === null ? [] : [table])],
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP], subnetIds: [FIREWALL_SUBNET] })],
      publicIps: [aPublicIp({ id: OWN_IP, address: FIREWALL_IP })],
    },
  )
}

const reportFor = (snapshot: Snapshot) => buildEgressReport(snapshot, ANY_POLICY, 'simulated')

t.test('the addresses of a firewall count unless its own routes send the packets elsewhere', async (t) => {
  const direct = reportFor(behindFirewall([route('0.0.0.0/0', 'Internet'), route('10.0.0.0/8', 'None')]))
  t.match(direct.paths[0], { addresses: [FIREWALL_IP], isComplete: true, certainty: 'certain' })
  t.equal(direct.authorizedRanges.coversEgress, false)
  const halves = ['0.0.0.0/1', '128.0.0.0/1']
  const forced = [
    [route('0.0.0.0/0', 'VirtualAppliance')],
    [route('0.0.0.0/0', 'VirtualNetworkGateway')],
    halves.map((prefix) => route(prefix, 'VirtualAppliance')),
  ]
  for (const routes of forced) {
    const { paths, authorizedRanges, effective } = reportFor(behindFirewall(routes))
    t.equal(effective, 'virtualAppliance')
    t.match(paths[0], { addresses: [], isComplete: false })
    t.match(authorizedRanges, { coversEgress: null, coverageUnknown: 'addressUnknown' })
  }
})

t.test(
  'a firewall that sends some packets elsewhere, or whose routes are unread, is uncertain',
  async (t) => {
    const partial = [
      [route('0.0.0.0/0', 'Internet'), route('198.51.100.0/24', 'VirtualAppliance')],
      [route('AzureCloud.eastus', 'VirtualAppliance')],
      [route('0.0.0.0/1', 'VirtualNetworkGateway')],
      [route('0.0.0.0/0', 'VirtualAppliance'), route('AzureCloud.eastus', 'Internet')],
      null,
    ]
    for (const routes of partial) {
      const { paths, authorizedRanges } = reportFor(behindFirewall(routes))
      t.match(paths[0], { addresses: [FIREWALL_IP], isComplete: false, certainty: 'possible' })
      t.match(authorizedRanges, { coversEgress: null, coverageUnknown: 'pathUncertain' })
    }
  },
)

t.test(
  'a plan to a firewall behind another hop requires the acknowledgement of unknown addresses',
  async (t) => {
    const snapshot = behindFirewall([route('0.0.0.0/0', 'VirtualAppliance')])
    const subnets = snapshot.subnets.map((subnet) => ({ ...subnet, routeTableId: null }))
    const hop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } as const
    const plan = planFor({ ...snapshot, subnets }, 'userDefinedRouting', { prepare: { defaultRoute: hop } })
    t.ok(plan.acknowledgementsRequired.includes('AUTHORIZED_EGRESS_NOT_IN_ARM'))
    t.ok(codesOf(plan).includes('EGRESS_PATH_NOT_IN_ARM'))
    t.strictSame(plan.authorizedRanges.add, [], 'the address of the firewall is no source address')
    t.notOk(codesOf(plan).includes('UDR_SNAT_FIREWALL_SMALL'), 'more addresses would not help')
  },
)

t.test('a plan reads the routes of the firewalls on its current and its requested path', async (t) => {
  const snapshot = behindFirewall([])
  const collection = {
    virtualNetworks: snapshot.virtualNetworks,
    natGateways: {},
    publicIPAddresses: {},
    publicIPPrefixes: {},
    routeTables: snapshot.routeTables,
    loadBalancers: {},
    azureFirewalls: snapshot.firewalls,
    networkSecurityGroups: {},
  }
  const [own] = snapshot.subnets
  const network = { ...collection.virtualNetworks }
  const key = SUBNET.replace(/\/subnets\/.*$/, '').toLowerCase()
  const withRoutes = (routeTableId: string | null) => ({
    ...collection,
    virtualNetworks: {
      ...network,
      [key]: { ...aSpoke(), subnets: [{ ...(own as NonNullable<typeof own>), routeTableId }] },
    },
  })
  const reads = (routeTableId: string | null, hop: string | null) =>
    requiredReads(snapshot.cluster, withRoutes(routeTableId), [], hop).map(({ id }) => id)
  for (const ids of [reads(TABLE, null), reads(null, '10.9.0.4')]) {
    t.ok(ids.includes(FIREWALL_TABLE))
    t.ok(ids.includes(OWN_IP))
    t.ok(ids.includes(HUB))
  }
  t.notOk(reads(null, null).includes(FIREWALL_TABLE))
  t.notOk(reads(null, null).includes(HUB))
})

t.test('a firewall is uncertain if its virtual network could not be read', async (t) => {
  const snapshot = behindFirewall([])
  const virtualNetworks = Object.fromEntries(
    Object.entries(snapshot.virtualNetworks).filter(([, { id }]) => id !== HUB),
  )
  const unread = [{ what: HUB, reason: 'denied' as const, code: 'AuthorizationFailed', message: 'denied' }]
  const { paths, authorizedRanges } = reportFor({ ...snapshot, virtualNetworks, unread })
  t.match(paths[0], { addresses: [FIREWALL_IP], isComplete: false, certainty: 'possible' })
  t.match(authorizedRanges, { coversEgress: null, coverageUnknown: 'pathUncertain' })
})

/** The routes of the firewall's subnet. Null: no route table. */
type TableOf = { routes: RouteFacts[]; disableBgpRoutePropagation?: true } | null
const SIGNS: Record<string, Partial<VirtualNetworkFacts>> = {
  gateway: { hasVirtualNetworkGateway: true },
  'remote gateway': { peerings: [aPeering(`${HUB}-2`, { useRemoteGateways: true })] },
  'Route Server': { hasRouteServer: true },
}
const toInternet = route('0.0.0.0/0', 'Internet')
const tables: [string, TableOf, 'possible' | 'certain'][] = [
  ['no route table', null, 'possible'],
  ['a table without a default route', { routes: [route('10.0.0.0/8', 'None')] }, 'possible'],
  ['a route for one half', { routes: [route('0.0.0.0/1', 'Internet')] }, 'possible'],
  ['a default route to the internet', { routes: [toInternet] }, 'certain'],
  ['a table without propagation', { routes: [], disableBgpRoutePropagation: true }, 'certain'],
]

/** The network of the firewall learns routes, as far as `sign` shows it. */
function learning(
  given: TableOf,
  hasManagementInterface: boolean,
  sign: Partial<VirtualNetworkFacts>,
): Snapshot {
  const snapshot = behindFirewall(given?.routes ?? [])
  const [firewall] = Object.values(snapshot.firewalls)
  const routeTableId = given === null ? null : FIREWALL_TABLE
  const hub = aVirtualNetwork({
    id: HUB,
    subnets: [aSubnet({ id: FIREWALL_SUBNET, pools: [], routeTableId })],
    ...sign,
  })
  const table = { ...aRouteTable(FIREWALL_TABLE, null), disableBgpRoutePropagation: false, ...given }
  return {
    ...snapshot,
    virtualNetworks: { ...snapshot.virtualNetworks, ...keyed([hub]) },
    routeTables: { ...snapshot.routeTables, ...keyed([table]) },
    firewalls: keyed([{ ...(firewall as FirewallFacts), hasManagementInterface }]),
  }
}

for (const [sign, network] of Object.entries(SIGNS))
  for (const [where, table, certainty] of tables)
    t.test(
      `a firewall with a management interface behind a ${sign}, with ${where}, is ${certainty}`,
      async (t) => {
        const { paths } = reportFor(learning(table, true, network))
        const isComplete = certainty === 'certain'
        t.match(paths[0], { addresses: [FIREWALL_IP], isComplete, certainty })
        const other = reportFor(learning(table, false, network)).paths[0]
        t.match(
          other,
          { isComplete: true, certainty: 'certain' },
          'without a management interface, it would fail',
        )
        const alone = reportFor(learning(table, true, {})).paths[0]
        t.match(alone, { isComplete: true, certainty: 'certain' }, 'nothing indicates learned routes')
      },
    )
