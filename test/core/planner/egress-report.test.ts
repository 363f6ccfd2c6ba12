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
import { ANY_POLICY } from '../../support/a-plan.ts'

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

t.test('an AKS-made subnet is shared by all pools', async (t) => {
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

t.test('whether the ranges cover the egress is said where it can be known', async (t) => {
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
