import t from 'tap'
import { TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aPool,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { ANY_POLICY, planFor } from '../../support/a-plan.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'

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

t.test('all pools share an AKS-managed subnet', async (t) => {
  const id = `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks/subnets/aks-subnet`
  const made = report(aSnapshot({ subnets: [aSubnet({ id, pools: [] })] }))
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
    covers(aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] } })),
    true,
    'AKS admits its load balancer itself',
  )
  const unread = { ...behindGateway(['203.0.113.0/24']), natGateways: {} }
  t.equal(covers(unread), null, 'an address is not known')
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
      aSnapshot({ cluster: { ...natCluster, authorizedIPRanges }, publicIps: [natIp] }),
    userAssignedNATGateway: (authorizedIPRanges) => byo('userAssignedNATGateway', authorizedIPRanges),
    loadBalancer: (authorizedIPRanges) => aSnapshot({ cluster: { authorizedIPRanges } }),
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
