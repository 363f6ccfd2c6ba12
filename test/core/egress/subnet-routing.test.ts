import t from 'tap'
import { findStaleFacts } from '../../../src/core/plan/staleness.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aFirewall, aRouteTable } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { onTable, TABLE } from '../../support/own-network.ts'

const route = (addressPrefix: string, nextHopIpAddress: string | null = '10.9.0.4'): RouteFacts => ({
  name: addressPrefix.replace('/', '-'),
  addressPrefix,
  nextHopType: nextHopIpAddress === null ? 'Internet' : 'VirtualAppliance',
  nextHopIpAddress,
})
const routed = (...routes: RouteFacts[]) =>
  aByoSnapshot(
    { routeTableId: TABLE },
    { routeTables: [{ ...aRouteTable(TABLE, null), routes }], firewalls: [aFirewall({ id: FIREWALL })] },
  )
const LOW = route('0.0.0.0/1')
const HIGH = route('128.0.0.0/1')
const rowOf = (snapshot: ReturnType<typeof routed>) => planFor(snapshot, 'userDefinedRouting').routing[0]

t.test('each kind of route table has its own code', async (t) => {
  const table: [Parameters<typeof aByoSnapshot>, string | null, string][] = [
    [[{}], 'UDR_NO_ROUTE_TABLE', 'noRoute'],
    [onTable(null), 'UDR_NO_DEFAULT_ROUTE', 'noRoute'],
    [onTable('Internet', null), 'UDR_NEXT_HOP_INTERNET', 'internet'],
    [onTable('None', null), 'UDR_NEXT_HOP_NONE', 'nowhere'],
    [onTable('VnetLocal', null), 'UDR_BAD_NEXT_HOP', 'virtualNetwork'],
    [onTable('VirtualAppliance', null), 'UDR_NEXT_HOP_IP', 'virtualAppliance'],
    [onTable('VirtualAppliance'), null, 'virtualAppliance'],
    [onTable('VirtualNetworkGateway', null), null, 'virtualNetworkGateway'],
    [[{ routeTableId: TABLE }], 'UDR_ROUTE_TABLE_UNREADABLE', 'unknown'],
  ]
  for (const [given, problem, leadsTo] of table) {
    const made = planFor(aByoSnapshot(...given), 'userDefinedRouting')
    t.match(
      made.routing,
      [{ problem, leadsTo, pools: ['system'], firewallId: null }],
      `${problem} ${leadsTo}`,
    )
    const said = codesOf(made).filter((code) => /^UDR_(NO_|NEXT|BAD|ROUTE_TABLE)/.test(code))
    t.strictSame(said, problem === null ? [] : [problem], 'and the finding says the same')
  }
  const elsewhere = planFor(aByoSnapshot(), 'userAssignedNATGateway')
  t.equal(elsewhere.routing[0]?.problem, null, 'another target asks for no route')
})

t.test('names the firewall at the next hop if it is known', async (t) => {
  t.match(rowOf(routed(route('0.0.0.0/0'))), {
    leadsTo: 'azureFirewall',
    firewallId: FIREWALL,
    problem: null,
  })
})

t.test(
  'routes for the two halves of the internet override the default route, but AKS does not accept them as a default route',
  async (t) => {
    const halves = routed(LOW, HIGH)
    const made = planFor(halves, 'userDefinedRouting')
    t.match(made.routing, [
      {
        leadsTo: 'azureFirewall',
        defaultRoute: null,
        problem: 'UDR_NO_DEFAULT_ROUTE',
        halfRoutes: [LOW, HIGH],
      },
    ])
    t.match(
      made.findings.find((each) => each.code === 'UDR_NO_DEFAULT_ROUTE'),
      {
        severity: 'blocker',
        facts: { routeTables: ['table'], splitTables: ['table'] },
        message:
          /AKS checks only 0\.0\.0\.0\/0, although packets use the routes for 0\.0\.0\.0\/1 or 128\.0\.0\.0\/1 in the route table `table`/,
      },
    )
    t.equal(made.from.effective, 'virtualAppliance', 'packets take them already')
    const overruled = routed(route('0.0.0.0/0', null), LOW, HIGH)
    t.equal(planFor(overruled, 'loadBalancer').from.effective, 'virtualAppliance')
    t.match(rowOf(overruled), { leadsTo: 'azureFirewall', problem: 'UDR_NEXT_HOP_INTERNET' })
  },
)

t.test('halves that go different ways are several paths', async (t) => {
  for (const routes of [[LOW], [LOW, route('128.0.0.0/1', '10.9.0.5')], [route('0.0.0.0/0', null), HIGH]]) {
    const snapshot = routed(...routes)
    t.equal(planFor(snapshot, 'loadBalancer').from.effective, 'mixed')
    t.equal(rowOf(snapshot)?.leadsTo, 'several')
  }
  t.equal(
    rowOf(routed(route('0.0.0.0/0'), HIGH))?.leadsTo,
    'azureFirewall',
    'unless both lead to the same hop',
  )
})

t.test('a half that comes later makes a plan stale', async (t) => {
  const before = routed(route('0.0.0.0/0'))
  const after = routed(route('0.0.0.0/0'), LOW, HIGH)
  const stale = findStaleFacts(planFor(before, 'userDefinedRouting'), after)
  t.match(
    stale.filter(({ path }) => path === 'network.subnets'),
    [
      {
        path: 'network.subnets',
        planned: [{ defaultRoute: 'VirtualAppliance 10.9.0.4' }],
        found: [{ defaultRoute: /0\.0\.0\.0\/1 VirtualAppliance 10\.9\.0\.4/ }],
      },
    ],
  )
})

t.test('a next hop on the internet is not an appliance, unless a network contains its address', async (t) => {
  const saysOf = (snapshot: ReturnType<typeof routed>, nextHopIpAddress: string) =>
    planFor(snapshot, 'userDefinedRouting', {
      prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress } },
    }).findings.filter((each) => each.code === 'UDR_NEXT_HOP_IP')
  for (const bare of [aByoSnapshot(), routed(route('0.0.0.0/0'))]) {
    const [said] = saysOf(bare, '8.8.8.8')
    t.match(said, {
      severity: 'blocker',
      facts: { nextHops: ['8.8.8.8'] },
      message: /a default route to 8\.8\.8\.8, which is not in any virtual network/,
    })
    t.strictSame(saysOf(bare, '10.200.0.4'), [], 'a peered network cannot be seen')
  }
  t.strictSame(saysOf(aByoSnapshot({ addressPrefixes: ['8.8.8.0/24'] }), '8.8.8.8'), [])
  const firewall = aFirewall({ id: FIREWALL, privateAddresses: ['8.8.8.8'] })
  t.strictSame(saysOf(aByoSnapshot({}, { firewalls: [firewall] }), '8.8.8.8'), [])
  const standing = planFor(routed(route('0.0.0.0/0', '8.8.8.8')), 'userDefinedRouting')
  t.ok(codesOf(standing, 'blocker').includes('UDR_NEXT_HOP_IP'), 'the same for a route that is there')
})
