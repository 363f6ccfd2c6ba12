import t from 'tap'
import { gatewayPrefixes } from '../../../src/core/egress/static-gateway.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import { aByoSnapshot, aPool, SUBNET } from '../../support/a-cluster.ts'
import { ANY_POLICY, codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway, onTable } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES, CREATED, PROVIDED, UNRELATED, withGateway } from './static-gateway-cases.ts'

testTopic('static-gateway', CASES)

t.test(
  'finds prefixes that the gateway created and prefixes that its machines use, and no others',
  async (t) => {
    const publicIpPrefixes = [CREATED, PROVIDED, UNRELATED]
    const prefixes = gatewayPrefixes(withGateway({ publicIpPrefixes }))
    t.match(prefixes, [
      { address: { address: '20.6.0.0/30', ownedBy: 'aks' }, pools: ['gateway'] },
      { address: { address: '20.7.0.0/30', ownedBy: 'user' }, pools: ['gateway'] },
    ])
    t.equal(prefixes.length, 2)
    const withoutPool = aByoSnapshot(
      {},
      {
        publicIpPrefixes,
        cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], staticEgressGateway: true },
      },
    )
    t.strictSame(gatewayPrefixes(withoutPool), [], 'without a gateway pool')
  },
)

t.test('the egress report shows the prefixes that pods leave by', async (t) => {
  const addresses = (...given: Parameters<typeof withGateway>) =>
    buildEgressReport(withGateway(...given), ANY_POLICY, 'simulated').egressIps.map(({ address }) => address)
  t.strictSame(addresses(), ['20.1.0.1', '20.6.0.0/30'])
  t.strictSame(addresses(onGateway[1], onGateway[0]), ['20.9.0.1'], 'not under a NAT gateway')
  const [subnet, network] = onTable('VirtualAppliance')
  t.notOk(addresses(network, subnet).includes('20.6.0.0/30'), 'not under a default route')
})

t.test('requires acknowledgement only if the change overrides prefixes that are in use', async (t) => {
  const isOverridden = (plan: ReturnType<typeof planFor>) => codesOf(plan).includes('SEG_PATH_OVERRIDDEN')
  const [routed, table] = onTable('VirtualAppliance')
  t.notOk(isOverridden(planFor(withGateway(), 'loadBalancer')))
  t.notOk(isOverridden(planFor(withGateway(), 'none')))
  t.notOk(isOverridden(planFor(withGateway(table, routed), 'userDefinedRouting')), 'it is overridden already')
  const prepare = { defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' } }
  t.ok(isOverridden(planFor(withGateway(), 'userDefinedRouting', { prepare })))
  t.ok(isOverridden(planFor(withGateway(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })))
  const plan = planFor(withGateway(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
  t.notOk(codesOf(plan).includes('SEG_PRESENT'), 'said once')
  t.notOk(
    plan.egressIps.some(({ address }) => address === '20.6.0.0/30'),
    'the ledger is of the nodes',
  )
})

t.test('follows the addresses of the gateway for each destination with a separate route', async (t) => {
  const [routed, { routeTables = [] }] = onTable('VirtualAppliance')
  const partner = {
    name: 'p',
    addressPrefix: '198.51.100.0/24',
    nextHopType: 'Internet',
    nextHopIpAddress: null,
  }
  const tables = routeTables.map((table) => ({ ...table, routes: [...table.routes, partner] }))
  const behindFirewall = withGateway({ routeTables: tables }, routed)
  const { egressIps } = buildEgressReport(behindFirewall, ANY_POLICY, 'simulated')
  t.ok(
    egressIps.some(({ address }) => address === '20.6.0.0/30'),
    'pods reach the partner from the prefix',
  )
  const consumers = [{ name: 'partner', addresses: ['20.6.0.0/30'] }]
  const plan = planFor(behindFirewall, 'userAssignedNATGateway', {
    prepare: { natGateway: { name: 'new' } },
    consumers,
  })
  const isLost = (of: typeof plan) => of.findings.find(({ code }) => code === 'SEG_PATH_OVERRIDDEN')
  t.strictSame(isLost(plan)?.facts, { pools: ['gateway'], prefixes: ['20.6.0.0/30'] })
  t.match(plan.allowLists.consumers, [{ drop: ['20.6.0.0/30'], addLater: 1 }])
  const open = withGateway({ routeTables: tables.map((table) => ({ ...table, routes: [partner] })) }, routed)
  const prepare = { defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' } }
  const partly = planFor(open, 'userDefinedRouting', { prepare, consumers })
  t.match(isLost(partly), {
    facts: { destinations: ['internet'] },
    message: /^After the change, traffic to the internet of pods/,
  })
  t.match(partly.allowLists.consumers, [{ drop: [] }], 'the partner still sees the prefix')
})

t.test('no remedy sends the gateway pool to a separate subnet', async (t) => {
  for (const target of ['none', 'userAssignedNATGateway'] as const) {
    const plan = planFor(withGateway(), target, target === 'none' ? {} : { prepare: { natGateway: {} } })
    const finding = plan.findings.find(({ code }) => code.startsWith('SEG_P'))
    t.match(finding?.remedy, /Do not move/)
  }
})

t.test('searches allow lists and consumers for the prefixes that go out of use', async (t) => {
  const surroundings = listsAround([aList(['20.6.0.0/30', '203.0.113.7'])])
  const snapshot = withGateway({ ...onGateway[1], surroundings })
  const plan = planFor(snapshot, 'userAssignedNATGateway', {
    prepare: { natGateway: { id: GATEWAY.id } },
    consumers: [{ name: 'bank', addresses: ['20.6.0.1'] }],
  })
  t.match(plan.allowLists.impacts, [
    { entry: '20.6.0.0/30', covers: [{ address: '20.6.0.0/30', change: 'lost' }], add: ['20.9.0.1'] },
  ])
  t.ok(codesOf(plan).includes('CONSUMERS_TO_TELL'))
  t.match(plan.allowLists.consumers, [{ name: 'bank', drop: ['20.6.0.1'], add: ['20.9.0.1'] }])
})
