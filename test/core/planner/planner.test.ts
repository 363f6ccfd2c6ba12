import t from 'tap'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'

t.test('a cluster that is as wanted already gets a plan without change, steps or questions', async (t) => {
  const made = planFor(aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] } }), 'loadBalancer')
  t.equal(made.status, 'noChange')
  t.strictSame(codesOf(made), ['SAME_TYPE'])
  t.match(made.findings[0]?.message, 'already')
  t.strictSame([made.steps, made.resourceChanges, made.acknowledgementsRequired], [[], [], []])
  t.match(made.disruption, {
    existingConnections: 'unchanged',
    nodeImageUpgrade: 'No node image upgrade is required.',
  })
  t.match(made.rollback, { supported: false, target: null, lost: [] })
  t.strictSame(
    made.egressIps.map((each) => each.change),
    ['kept'],
  )
})

t.test('recognizes every type, even with remains of a former profile', async (t) => {
  const left = aLoadBalancerProfile({ managedOutboundIpCount: null, effectiveOutboundIpIds: [] })
  const managed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
  const byo = (outboundType: string) =>
    aByoSnapshot({}, { cluster: { outboundType, agentPools: [aPool({ vnetSubnetId: SUBNET })] } })
  const standard = {
    outboundType: 'managedNATGateway',
    loadBalancerProfile: left,
    natGatewayProfile: aNatGatewayProfile(),
  }
  const v2 = { ...standard, natGatewayProfile: aNatGatewayProfile({ sku: 'StandardV2' }) }
  t.equal(planFor(managed(standard), 'managedNATGateway').status, 'noChange')
  t.equal(planFor(managed(v2), 'managedNATGatewayV2').status, 'noChange')
  t.equal(
    planFor(managed({ ...standard, outboundType: 'MANAGEDNATGATEWAY' }), 'managedNATGateway').status,
    'noChange',
  )
  t.equal(
    planFor(managed({ outboundType: null }), 'loadBalancer').status,
    'noChange',
    'absent is loadBalancer',
  )
  const legacy = { outboundType: 'managedNATGatewayV2', natGatewayProfile: aNatGatewayProfile() }
  t.match(planFor(managed(legacy), 'managedNATGatewayV2'), {
    status: 'noChange',
    from: { outboundType: 'managedNATGateway', natGatewaySku: 'StandardV2' },
  })
  for (const type of ['none', 'block'] as const)
    t.equal(
      planFor(managed({ outboundType: type, loadBalancerProfile: left }), type).status,
      'noChange',
      type,
    )
  for (const type of ['userAssignedNATGateway', 'userDefinedRouting', 'none'] as const)
    t.equal(planFor(byo(type), type).status, 'noChange', type)
})

t.test('Standard to StandardV2 is a change, not the same', async (t) => {
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile: aNatGatewayProfile() }
  const publicIps = [
    aPublicIp({ id: aNatGatewayProfile().effectiveOutboundIpIds[0] ?? '', address: '20.2.0.1' }),
  ]
  const made = planFor(aSnapshot({ cluster, publicIps }), {
    outboundType: 'managedNATGateway',
    natGateway: { sku: 'StandardV2' },
  })
  t.equal(made.status, 'applicable')
  t.equal(made.transition.support, 'supported')
  t.ok(codesOf(made, 'acknowledge').includes('NO_WAY_BACK'))
  t.strictSame(
    made.egressIps.map((each) => `${each.change} ${each.address}`),
    ['lost 20.2.0.1', 'added null'],
  )
})

t.test(
  'a plan that keeps the parameters and prepares resources does not claim a change of parameters',
  async (t) => {
    const cluster = {
      outboundType: 'userAssignedNATGateway',
      loadBalancerProfile: null,
      agentPools: [aPool({ vnetSubnetId: SUBNET })],
    }
    const snapshot = aByoSnapshot({}, { cluster })
    const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare: { natGateway: {} } })
    const finding = plan.findings.find(({ code }) => code === 'SAME_TYPE')
    t.match(
      finding?.message,
      /with the requested parameters, so the plan only changes resources of its network\.$/,
    )
    t.match(finding?.remedy, /^Continue if you want to change only the network/)
    t.notOk(plan.steps.some(({ key }) => key === 'change-outbound-type'))
    t.notOk(
      plan.resourceChanges.some(({ type }) => type.endsWith('managedClusters')),
      'the job does not write the cluster',
    )
  },
)

t.test('other parameters of the same type are a change of parameters only', async (t) => {
  const made = planFor(aSnapshot(), {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 3 },
  })
  t.equal(made.status, 'applicable')
  t.equal(made.transition.support, 'sameType')
  t.match(made.findings.find((each) => each.code === 'SAME_TYPE')?.message, 'only its parameters change')
  t.strictSame(
    made.egressIps.map((each) => `${each.change} ${each.address}`),
    ['kept 20.1.0.1', 'added null', 'added null'],
  )
  t.strictSame(made.steps.find((step) => step.key === 'change-outbound-type')?.does, {
    kind: 'updateCluster',
    apiVersion: '2026-06-01',
    changes: [
      {
        op: 'set',
        path: '/properties/networkProfile/loadBalancerProfile/managedOutboundIPs',
        value: { count: 3 },
      },
    ],
  })
})

t.test('unchanged settings cause no blockers', async (t) => {
  const own = `${GROUP}/${NETWORK}/publicIPAddresses/gone`
  const drifted = aKubernetesBalancer()
  drifted.outboundRules.push({ ...drifted.outboundRules[0]!, name: 'mine' })
  const loadBalancerProfile = aLoadBalancerProfile({ managedOutboundIpCount: null, outboundIpIds: [own] })
  const cluster: Partial<ClusterFacts> = {
    powerState: 'Stopped',
    nodeProvisioningMode: 'Auto',
    loadBalancerProfile,
    agentPools: [aPool({ type: 'AvailabilitySet' })],
  }
  const made = planFor(aSnapshot({ cluster, loadBalancers: [drifted] }), 'loadBalancer')
  t.strictSame(codesOf(made), ['SAME_TYPE'])
  t.equal(made.status, 'noChange')
  const unseen = planFor(
    aSnapshot({ cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })] } }),
    'loadBalancer',
  )
  t.equal(unseen.status, 'noChange')
  const block = planFor(aSnapshot({ cluster: { outboundType: 'block', loadBalancerProfile: null } }), 'block')
  t.equal(block.status, 'noChange')
})

t.test('does not treat the state of a failed or unfinished operation as reached', async (t) => {
  for (const provisioningState of ['Failed', 'Updating', 'Canceled']) {
    const made = planFor(aSnapshot({ cluster: { provisioningState } }), 'loadBalancer')
    t.equal(made.status, 'blocked', provisioningState)
    t.strictSame(codesOf(made, 'blocker'), ['CLUSTER_NOT_SUCCEEDED'])
    t.strictSame(made.steps, [])
  }
  const pools = planFor(
    aSnapshot({ cluster: { agentPools: [aPool({ provisioningState: 'Failed' })] } }),
    'loadBalancer',
  )
  t.strictSame(codesOf(pools, 'blocker'), ['POOL_NOT_SUCCEEDED'])
})

t.test('a change that the matrix does not open is a blocked plan that promises nothing', async (t) => {
  const made = planFor(aSnapshot({ cluster: { authorizedIPRanges: ['0.0.0.0/32'] } }), 'userDefinedRouting')
  t.equal(made.status, 'blocked')
  t.strictSame(codesOf(made), ['TRANSITION_NOT_SUPPORTED'])
  t.strictSame([made.steps, made.resourceChanges], [[], []])
  t.equal(made.handoff, null)
  t.match(made.rollback, { supported: false, support: null, target: null })
  t.match(made.disruption, {
    existingConnections: 'unchanged',
    nodeImageUpgrade: 'No node image upgrade is required.',
  })
  t.strictSame(
    made.egressIps.map((each) => each.change),
    ['kept'],
  )
  t.strictSame(
    made.transition.alternatives.map((each) => each.target),
    ['managedNATGateway', 'managedNATGatewayV2', 'none', 'block'],
  )
})

t.test('never treats an unknown outbound type as a load balancer', async (t) => {
  for (const target of ['loadBalancer', 'none'] as const) {
    const made = planFor(aSnapshot({ cluster: { outboundType: 'carrierPigeon' } }), target)
    t.equal(made.status, 'blocked')
    t.strictSame(codesOf(made, 'blocker'), ['OUTBOUND_TYPE_UNKNOWN'])
    t.equal(made.from.outboundType, 'carrierPigeon')
    t.match(made.transition, { from: null, support: 'unsupported', alternatives: [], routes: [] })
    t.strictSame(made.steps, [])
  }
})
