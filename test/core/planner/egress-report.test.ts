import t from 'tap'
import { TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import { idKey } from '../../../src/core/arm/resource-id.ts'
import { buildInventoryFacts } from '../../../src/core/inventory/inventory-facts.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPool,
  aPublicIp,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  aVirtualNetwork,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { ANY_POLICY, planFor } from '../../support/a-plan.ts'
import { NETWORK_OF_USER, onTable } from '../../support/own-network.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'

const denied = (what: string) => ({
  what,
  reason: 'denied' as const,
  code: 'AuthorizationFailed',
  message: 'No.',
})
const VNET = SUBNET.replace(/\/subnets\/.*/, '')
const GATEWAY = aReadyGateway('20.9.0.1')
const report = (snapshot: Snapshot) => buildEgressReport(snapshot, ANY_POLICY, 'simulated')

function behindGateway(authorizedIPRanges: string[]): Snapshot {
  return aByoSnapshot(
    { natGatewayId: GATEWAY.id },
    {
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges },
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
    },
  )
}

t.test('the report shows declared and effective egress, subnet by subnet', async (t) => {
  const made = report(behindGateway([]))
  t.match(made, {
    azure: 'simulated',
    cluster: { name: 'demo', vnet: 'byo', provisioningState: 'Succeeded', powerState: 'Running' },
    declared: { outboundType: 'loadBalancer', natGatewaySku: null },
    effective: 'natGateway',
    egressIps: [{ address: '20.9.0.1', ownedBy: 'user' }],
    subnets: [
      { id: SUBNET, pools: ['system'], effective: 'natGateway', egressIps: ['20.9.0.1'], nextHop: null },
    ],
  })
})

const MANAGED = [
  aSubnet({ id: `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks/subnets/aks-subnet`, pools: [] }),
]

t.test('all pools share an AKS-managed subnet', async (t) => {
  const made = report(aSnapshot({ subnets: MANAGED }))
  t.strictSame(made.subnets[0]?.pools, ['system'])
})

t.test('every type is judged as a plan with default parameters would be', async (t) => {
  const made = report(aSnapshot())
  t.strictSame(
    made.targets.map((each) => each.target),
    [...TYPE_KEYS],
  )
  const verdicts = Object.fromEntries(made.targets.map((each) => [each.target, each.verdict]))
  t.match(verdicts, {
    loadBalancer: 'noChange',
    managedNATGateway: 'applicable',
    managedNATGatewayV2: 'applicable',
    userDefinedRouting: 'blocked',
    none: 'blocked',
  })
  t.match(
    made.targets.find((each) => each.target === 'userDefinedRouting'),
    {
      support: 'unsupported',
      blockers: ['TRANSITION_NOT_SUPPORTED'],
      reversible: false,
    },
  )
  t.match(made.targets.find((each) => each.target === 'managedNATGatewayV2')?.acknowledgements, [
    'EGRESS_IP_LOST',
    'NO_WAY_BACK',
  ])
})

t.test('reports whether the ranges cover the egress if it is known', async (t) => {
  const covers = (snapshot: Snapshot) => report(snapshot).authorizedRanges.coversEgress
  t.equal(covers(behindGateway([])), null, 'no ranges')
  t.equal(covers(behindGateway(['20.9.0.0/24'])), true)
  t.equal(covers(behindGateway(['203.0.113.0/24'])), false)
  t.equal(
    covers(aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] }, subnets: MANAGED })),
    true,
    'AKS admits its load balancer itself',
  )
})

const FIREWALL_IP = `${NETWORK_OF_USER}/publicIPAddresses/fw`
/** The subnet of a load balancer cluster, whose addresses AKS allows without an entry, with a table of these routes. */
function routed(routes: [prefix: string, hop: string][], given: Partial<Snapshot> = {}): Snapshot {
  const [subnet, network] = onTable('VirtualAppliance')
  const made = routes.map(([addressPrefix, nextHopType]) => ({
    name: addressPrefix,
    addressPrefix,
    nextHopType,
    nextHopIpAddress: nextHopType === 'VirtualAppliance' ? '10.9.0.4' : null,
  }))
  return {
    ...aByoSnapshot(subnet, {
      ...network,
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges: ['198.18.0.0/24'] },
      routeTables: (network.routeTables ?? []).map((table) => ({ ...table, routes: made })),
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [FIREWALL_IP] })],
      publicIps: [aPublicIp({ id: FIREWALL_IP, address: '20.3.0.1' })],
    }),
    ...given,
  }
}

t.test('claims coverage, or the lack of it, only for paths and addresses that are certain', async (t) => {
  const withRanges = (snapshot: Snapshot, ...authorizedIPRanges: string[]): Snapshot => ({
    ...snapshot,
    cluster: { ...snapshot.cluster, authorizedIPRanges },
  })
  const peerings = [{ name: 'hub', remoteVirtualNetworkId: null, useRemoteGateways: true, isConnected: true }]
  const peered = { virtualNetworks: { [idKey(VNET)]: aVirtualNetwork({ id: VNET, peerings }) } }
  const gateway = behindGateway(['20.9.0.1/32'])
  const empty = { natGateways: { [idKey(GATEWAY.id)]: { ...GATEWAY.gateway, publicIpIds: [] } } }
  const both: [string, string][] = [
    ['0.0.0.0/0', 'VirtualAppliance'],
    ['8.8.8.8/32', 'Internet'],
  ]
  const table: [name: string, snapshot: Snapshot, covers: boolean | null, because?: string][] = [
    ['covered', gateway, true],
    ['no ranges', behindGateway([]), null, 'notEnforced'],
    ['a sign of BGP', { ...gateway, ...peered }, null, 'pathUncertain'],
    [
      'a sign of BGP, not covered',
      withRanges({ ...gateway, ...peered }, '198.18.0.0/24'),
      null,
      'pathUncertain',
    ],
    ['an unread address', { ...behindGateway(['203.0.113.0/24']), natGateways: {} }, null, 'addressUnknown'],
    ['a gateway without addresses', { ...gateway, ...empty }, null, 'pathUncertain'],
    ['a route that drops all packets', routed([['0.0.0.0/0', 'None']]), null, 'noAddress'],
    [
      'a managed network without a visible subnet',
      withRanges(aSnapshot(), '198.18.0.0/24'),
      null,
      'pathUncertain',
    ],
    ['an unread network', { ...gateway, virtualNetworks: {}, unread: [denied(VNET)] }, null, 'pathUncertain'],
    ['an unread table', routed([], { routeTables: {} }), null, 'pathUncertain'],
    ['one of two paths covered', routed(both), null, 'pathUncertain'],
    ['both paths covered', withRanges(routed(both), '20.3.0.1'), true],
    [
      'no path covered',
      withRanges(routed([...both.slice(0, 1), ['8.8.8.8/32', 'VirtualAppliance']]), '1.2.3.4'),
      false,
    ],
    ['not covered', routed(both.slice(0, 1)), false],
    [
      'one path drops the packets',
      withRanges(routed([both[0]!, ['8.8.8.8/32', 'None']]), '20.3.0.1'),
      null,
      'noAddress',
    ],
  ]
  for (const [name, snapshot, covers, because] of table) {
    const { coversEgress, coverageUnknown } = report(snapshot).authorizedRanges
    t.strictSame([coversEgress, coverageUnknown], [covers, because], name)
    t.equal(buildInventoryFacts(snapshot).authorizedRanges.coversEgress, covers, `inventory: ${name}`)
  }
})

t.test('the report and a plan to the present target agree on uncovered addresses', async (t) => {
  const ranges = ['203.0.113.0/24', '20.2.0.1/32', '20.9.0.0/24', '20.0.0.0/6', '0.0.0.0/0', 'AzureDevOps']
  const lists = ranges.flatMap((one, index) => [
    [one],
    ...ranges.slice(index + 1).map((other) => [one, other]),
  ])
  const byo = (outboundType: string, authorizedIPRanges: string[]) => {
    const made = behindGateway(authorizedIPRanges)
    return { ...made, cluster: { ...made.cluster, outboundType } }
  }
  const clusters: Record<string, (authorizedIPRanges: string[]) => Snapshot> = {
    managedNATGateway: (authorizedIPRanges) =>
      aSnapshot({
        cluster: { ...natCluster, authorizedIPRanges },
        publicIps: [natIp],
        subnets: MANAGED,
      }),
    userAssignedNATGateway: (authorizedIPRanges) => byo('userAssignedNATGateway', authorizedIPRanges),
    loadBalancer: (authorizedIPRanges) => aSnapshot({ cluster: { authorizedIPRanges }, subnets: MANAGED }),
    'loadBalancer behind a gateway': (authorizedIPRanges) => byo('loadBalancer', authorizedIPRanges),
  }
  const seen = new Set<string>()
  for (const [name, clusterWith] of Object.entries(clusters))
    for (const list of lists)
      for (const authorizedRanges of ['widen', 'keep'] as const) {
        const snapshot = clusterWith(list)
        const type = TYPE_KEYS.find((key) => key === name.split(' ')[0]) ?? 'none'
        const { authorizedRanges: planned, status, steps } = planFor(snapshot, type, { authorizedRanges })
        const { coversEgress } = report(snapshot).authorizedRanges
        const what = `${name}, ${list}, ${authorizedRanges}`
        if (coversEgress !== null) t.equal(planned.missing.length === 0, coversEgress, what)
        const widens = authorizedRanges === 'widen' && planned.missing.length > 0
        t.strictSame(planned.add, widens ? planned.missing : [], what)
        t.equal(status, widens ? 'applicable' : 'noChange', what)
        t.equal(steps.filter(({ key }) => key === 'widen-authorized-ranges').length, widens ? 1 : 0, what)
        t.notOk(
          steps.some(({ key }) => key === 'change-outbound-type'),
          what,
        )
        seen.add(`${name} ${coversEgress}`)
      }
  t.ok(seen.has('managedNATGateway false') && seen.has('loadBalancer behind a gateway false'))
})
