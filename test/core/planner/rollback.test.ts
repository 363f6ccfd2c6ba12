import t from 'tap'
import type { Job } from '../../../src/contract/job.ts'
import type { TypeKey } from '../../../src/contract/outbound-type.ts'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { buildRollbackRequest } from '../../../src/planning/requests/follow-up-requests.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGateway,
  aPool,
  aPublicIp,
  aSnapshot,
  aSubnet,
  SUBNET,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, onGateway, onTable, TABLE } from '../../support/own-network.ts'

const previewOf = (target: TypeKey, prepare: RequestedPreparation) =>
  planFor(aByoSnapshot(), target, { prepare }).rollback.plan

t.test('a rollback of attached resources moves no traffic by itself', (t) => {
  const outranked = {
    step: null,
    because:
      /^With the outbound type loadBalancer, traffic still uses .*, which takes precedence over the outbound type\.$/,
  }
  t.match(previewOf('userAssignedNATGateway', { natGateway: {} })?.cutOver, outranked)
  const hop = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' }
  t.match(previewOf('userDefinedRouting', { defaultRoute: hop })?.cutOver, outranked)
  t.end()
})

t.test('a rollback between AKS-managed types moves packets with the change of the cluster', (t) => {
  const made = planFor(aSnapshot(), 'managedNATGateway')
  t.match(made.rollback.plan, {
    status: 'applicable',
    cutOver: { step: 'change-outbound-type', because: /AKS moves the traffic/ },
  })
  t.end()
})

t.test('customer-provided addresses that the change releases do not block the rollback', (t) => {
  const cluster = {
    loadBalancerProfile: aLoadBalancerProfile({
      managedOutboundIpCount: null,
      outboundIpIds: [OWN_IP],
      effectiveOutboundIpIds: [OWN_IP],
    }),
  }
  const publicIps = [aPublicIp({ id: OWN_IP, address: '20.4.0.1', attachedTo: '/lb/frontend' })]
  const { rollback } = planFor(aSnapshot({ cluster, publicIps }), 'managedNATGateway')
  t.match(rollback.target, { loadBalancer: { outboundIpIds: [OWN_IP] } })
  t.match(rollback.plan, { status: 'applicable', blockers: [] })
  t.end()
})

t.test(
  'the rollback preview assumes that no operation of the cluster or its pools failed or is in progress',
  (t) => {
    const agentPools = [aPool({ provisioningState: 'Failed' })]
    const made = planFor(aSnapshot({ cluster: { agentPools } }), 'managedNATGateway')
    t.equal(made.status, 'blocked')
    t.match(made.rollback.plan, { status: 'applicable', blockers: [] })
    t.end()
  },
)

t.test('a rollback to fewer AKS-managed addresses may not restore the current addresses', async (t) => {
  const { rollback } = planFor(aSnapshot(), {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 3 },
  })
  t.match(rollback.plan?.acknowledgements, ['EGRESS_IP_SOME_LOST'])
  t.match(rollback.lost, [
    /^During a rollback, AKS may release some of the addresses that the cluster then uses/,
  ])
})

t.test('a plan without a rollback has no limitations of a rollback', async (t) => {
  const { rollback } = planFor(aSnapshot(), 'managedNATGatewayV2')
  t.match(rollback, { supported: false, target: null, routes: [] })
  t.strictSame(rollback.lost, [])
  t.not(planFor(aSnapshot(), 'managedNATGateway').rollback.lost.length, 0, 'a rollback has limitations')
})

t.test('the rollback of a change of parameters moves only what the change moves', async (t) => {
  const movesBack = (loadBalancer: object, snapshot = aSnapshot()) => {
    const plan = planFor(snapshot, { outboundType: 'loadBalancer', loadBalancer })
    return [plan.cutOver.step, plan.rollback.plan?.cutOver.step, plan.rollback.plan?.acknowledgements]
  }
  t.strictSame(movesBack({ idleTimeoutInMinutes: 60 }), [null, null, []])
  t.strictSame(movesBack({ allocatedOutboundPorts: 1024 }), [null, null, []])
  const step = 'change-outbound-type'
  t.strictSame(movesBack({ managedOutboundIpCount: 2 }), [step, step, ['EGRESS_IP_SOME_LOST']])
  const ids = aLoadBalancerProfile().effectiveOutboundIpIds
  const v6 = aPublicIp({ id: `${ids[0]}-v6`, address: '2603::1', version: 'IPv6' })
  const loadBalancerProfile = aLoadBalancerProfile({
    managedOutboundIpv6Count: 1,
    effectiveOutboundIpIds: [...ids, v6.id],
  })
  const [subnet, network] = onGateway
  const dualStack = aByoSnapshot(subnet, {
    ...network,
    cluster: { loadBalancerProfile, ipFamilies: ['IPv4', 'IPv6'] },
    publicIps: [...(network.publicIps ?? []), v6],
  })
  t.strictSame(movesBack({ managedOutboundIpCount: 2 }, dualStack).slice(0, 2), [null, null])
})

t.test('a rollback does not move back what the plan attaches', async (t) => {
  const replaced = planFor(aByoSnapshot(...onGateway), 'userAssignedNATGateway', {
    prepare: { natGateway: { name: 'new' } },
  })
  t.match(replaced.rollback.lost.slice(-2), [
    /^A rollback does not move packets from the subnet `nodes` back: the resources that this plan attaches stay attached/,
    /^A cleanup plan does not attach a replaced resource again\. Undo the step "Replace NAT gateway [^"]+" manually\.$/,
  ])
  const attached = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
  t.match(attached.rollback.lost, [
    /^A rollback does not restore 20\.1\.0\.1/,
    /stay attached until the cleanup plan/,
  ])
  t.equal(attached.rollback.lost.length, 2)
})

t.test('a rollback may not restore addresses of default outbound access or of an unknown path', async (t) => {
  const cluster = { outboundType: 'none', loadBalancerProfile: null } as const
  const lostFrom = (snapshot: Snapshot) => planFor(snapshot, 'loadBalancer').rollback.lost
  t.match(lostFrom(aByoSnapshot({}, { cluster })), [
    /^A rollback may not restore the source addresses of packets from the subnet `nodes`:/,
  ])
  t.strictSame(lostFrom(aByoSnapshot({ defaultOutboundAccess: false }, { cluster })), [])
  t.match(lostFrom(aByoSnapshot({ routeTableId: TABLE }, { cluster })), [
    /^It is unknown whether a rollback restores the egress of packets from the subnet `nodes`,/,
  ])
})

t.test('a rollback from a managed NAT gateway states which gateway is unknown', async (t) => {
  const subnets = [aSubnet({ pools: [], natGatewayId: GATEWAY.id })]
  const network = { subnets, natGateways: [GATEWAY.gateway], publicIps: [GATEWAY.publicIp] }
  const { rollback } = planFor(aSnapshot(network), 'managedNATGateway')
  t.match(rollback.plan?.cutOver, {
    step: 'change-outbound-type',
    because:
      /^AKS may move traffic .* does not define whether the change replaces the NAT gateway `\S+`\. After the change, run/,
  })
  t.match(rollback.lost.at(-1), /does not attach the NAT gateway `\S+` again if the change replaces it/)
  const { plan } = planFor(aSnapshot(), 'managedNATGateway').rollback
  t.equal(plan?.cutOver.because, 'AKS moves the traffic while it updates the cluster.')
})

t.test('a rollback attaches a NAT gateway again that the plan replaces on all subnets', async (t) => {
  const cluster = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null }
  const [subnet, network] = onGateway
  const plan = planFor(aByoSnapshot(subnet, { ...network, cluster }), 'userAssignedNATGateway', {
    prepare: { natGateway: { name: 'new' } },
  })
  t.match(plan.rollback, {
    supported: true,
    prepare: { natGateway: { id: GATEWAY.id } },
    lost: [],
    plan: {
      status: 'applicable',
      cutOver: { step: 'prepare-subnet-1' },
      acknowledgements: ['PREPARE_REPLACES_GATEWAY'],
    },
  })
  const restore = 'Replace NAT gateway new with gateway on subnet nodes'
  t.ok(plan.rollback.plan?.steps.some(({ title }) => title === restore))
  const replaced = { ...GATEWAY.gateway, id: `${GATEWAY.id}-2` }
  const after = aByoSnapshot(
    { natGatewayId: replaced.id },
    { ...network, natGateways: [GATEWAY.gateway, replaced], cluster },
  )
  const job = { id: 'j', actions: { rollbackPlan: true }, nodeVerification: {} } as unknown as Job
  const { target, cluster: _cluster, ...request } = buildRollbackRequest(job, plan)
  const back = planFor(after, target, request)
  t.equal(back.steps.at(1)?.title, 'Replace NAT gateway gateway-2 with gateway on subnet nodes')
  t.match(markdownReport(plan), /AKS supports the rollback, and the rollback restores everything\./)
})

t.test('a plan that only prepares resources has no rollback if no plan restores them', async (t) => {
  const other = aNatGateway({ id: `${GATEWAY.id}-other`, publicIpIds: [GATEWAY.publicIp.id] })
  const gateways = { natGateways: [GATEWAY.gateway, other], publicIps: [GATEWAY.publicIp] }
  const onUser = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null }
  const ids = ['nodes', 'more'].map((name) => SUBNET.replace(/nodes$/, name))
  const twoPools = ids.map((vnetSubnetId, index) => aPool({ name: `pool${index}`, vnetSubnetId }))
  const twoSubnets = (attached: (string | null)[]) =>
    aSnapshot({
      ...gateways,
      cluster: { ...onUser, agentPools: twoPools },
      subnets: ids.map((id, index) =>
        aSubnet({ id, pools: [`pool${index}`], natGatewayId: attached[index] ?? null }),
      ),
    })
  const newGateway = { natGateway: { name: 'new' } }
  const hop = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.9' }
  const routed = onTable('VirtualAppliance')
  const table: [Snapshot, TypeKey, RequestedPreparation][] = [
    [twoSubnets([GATEWAY.id, other.id]), 'userAssignedNATGateway', newGateway],
    [twoSubnets([GATEWAY.id, other.id]), 'userAssignedNATGateway', { natGateway: { id: other.id } }],
    [twoSubnets([GATEWAY.id, null]), 'userAssignedNATGateway', newGateway],
    [
      aByoSnapshot(routed[0], {
        ...routed[1],
        cluster: { outboundType: 'userDefinedRouting', loadBalancerProfile: null },
      }),
      'userDefinedRouting',
      { defaultRoute: hop },
    ],
  ]
  for (const [snapshot, target, prepare] of table) {
    const plan = planFor(snapshot, target, { prepare })
    t.equal(plan.status, 'applicable', JSON.stringify(prepare))
    t.match(plan.rollback, { supported: false, support: null, target: null, plan: null })
    t.match(
      markdownReport(plan),
      /A rollback is not applicable, because the plan changes neither the outbound type nor its parameters\. The job steps state how to undo each step\./,
    )
    const moving = plan.steps.find(({ key }) => key === plan.cutOver.step)
    t.match(moving?.undo, /^Restore the previous values/)
  }
})
