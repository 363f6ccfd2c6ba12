import t from 'tap'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aSubnet,
  GROUP,
  keyed,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { onGateway, onTable, TABLE } from '../../support/own-network.ts'
import { onUserGateway, pool } from '../../support/rule-cases.ts'

const cutOver = (...given: Parameters<typeof planFor>) => planFor(...given).cutOver

t.test('names a missing gateway or route as the cause of the traffic move', async (t) => {
  t.match(cutOver(aByoSnapshot(), 'userAssignedNATGateway'), {
    step: null,
    because: /^Traffic from subnet nodes moves when a NAT gateway is attached, before the cluster changes/,
  })
  const route = {
    step: null,
    because: /^Traffic from subnet nodes moves when a default route to an appliance or gateway/,
  }
  t.match(cutOver(aByoSnapshot(), 'userDefinedRouting'), route)
  t.match(cutOver(aByoSnapshot(...onTable('Internet')), 'userDefinedRouting'), route)
  t.match(
    cutOver(aByoSnapshot(...onGateway), 'userDefinedRouting'),
    route,
    'a NAT gateway does not outrank it',
  )
})

t.test('the change of a private cluster that may learn its default route is the cutover', async (t) => {
  const [subnet, { routeTables: [table] = [] }] = onTable('Internet')
  if (table === undefined) throw new Error('no table')
  const half = { ...table.routes[0], addressPrefix: '0.0.0.0/1', nextHopType: 'VirtualAppliance' }
  for (const routes of [[], [half as RouteFacts]]) {
    const planWith = (disableBgpRoutePropagation: boolean) =>
      planFor(
        aByoSnapshot(subnet, {
          cluster: { enablePrivateCluster: true },
          routeTables: [{ ...table, routes, disableBgpRoutePropagation }],
        }),
        'userDefinedRouting',
      )
    const plan = planWith(false)
    t.match(plan, { status: 'applicable', cutOver: { step: 'change-outbound-type' } })
    t.match(plan.disruption, { movesTraffic: true })
    t.ok(plan.acknowledgementsRequired.includes('EGRESS_IP_LOST'))
    t.match(planWith(true), { status: 'blocked', cutOver: { step: null } })
  }
})

t.test('a plan that puts it there itself has it as a step', async (t) => {
  const prepare: RequestedPreparation = {
    defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' },
  }
  t.match(cutOver(aByoSnapshot(), 'userDefinedRouting', { prepare }), { step: 'prepare-subnet-1' })
  const codes = codesOf(planFor(aByoSnapshot(), 'userDefinedRouting', { prepare }))
  t.ok(codes.includes('CUTOVER_IS_PREPARATION'))
  t.notOk(codes.includes('UDR_CUTOVER_IS_ROUTE'), 'said once')
})

t.test('the undo texts of steps match the behavior of Azure', async (t) => {
  const prepare: RequestedPreparation = {
    defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' },
  }
  const undoOf = (snapshot: Snapshot, key: string) =>
    planFor(snapshot, 'userDefinedRouting', { prepare }).steps.find((step) => step.key === key)?.undo
  const [byo, bare] = [aByoSnapshot(), aByoSnapshot(...onTable('Internet'))]
  const emptied = Object.entries(bare.routeTables).map(([id, table]) => [id, { ...table, routes: [] }])
  const empty = { ...bare, routeTables: Object.fromEntries(emptied) }
  t.match(undoOf(byo, 'prepare-route-table'), /Azure rejects the deletion while the resource is attached/)
  t.match(
    undoOf(empty, 'prepare-default-route-1'),
    /Azure allows the deletion while the resource is in use, and traffic leaves this path/,
  )
  const gateway = { prepare: { natGateway: { sku: 'StandardV2' as const } } }
  const attachmentOf = (snapshot: Snapshot) => {
    const { steps, cutOver } = planFor(snapshot, 'userAssignedNATGateway', gateway)
    return steps.find(({ key }) => key === cutOver.step)?.undo
  }
  t.match(attachmentOf(byo), /Traffic moves back immediately if the outbound type has not changed yet\.$/)
  const [subnet, given] = onGateway
  const ofGateway = aByoSnapshot(subnet, { ...given, cluster: { ...pool(), ...onUserGateway } })
  t.match(attachmentOf(ofGateway), /Traffic moves back immediately\.$/)
})

t.test('a gateway under a default route to an appliance moves no traffic', async (t) => {
  const made = planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userAssignedNATGateway')
  t.match(made.cutOver, {
    step: null,
    because:
      /^With the outbound type userAssignedNATGateway, traffic still uses .*, which takes precedence over the outbound type\.$/,
  })
  const codes = codesOf(made)
  t.ok(codes.includes('UANAT_SUBNET_WITHOUT_GATEWAY'))
  t.ok(codes.includes('UANAT_SHADOWED_BY_ROUTE'))
  t.notOk(codes.includes('UANAT_ATTACH_IS_THE_CUTOVER'))
})

t.test('a gateway that the plan attaches under a default route moves no traffic', async (t) => {
  const prepare: RequestedPreparation = { natGateway: {} }
  const made = planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userAssignedNATGateway', { prepare })
  t.ok(made.steps.some(({ key }) => key === 'prepare-subnet-1'))
  t.match(made.cutOver, {
    step: null,
    because:
      /^With the outbound type userAssignedNATGateway, traffic still uses .*, which takes precedence over the outbound type\.$/,
  })
  t.notOk(codesOf(made).includes('CUTOVER_IS_PREPARATION'))
  const onGatewayAlone = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare })
  t.match(onGatewayAlone.cutOver, { step: 'prepare-subnet-1' })
})

t.test(
  'a plan that only creates an unused resource moves no traffic, also if the path is unknown',
  async (t) => {
    const prepare: RequestedPreparation = { publicIpPrefix: { length: 28 } }
    const plan = planFor(
      aSnapshot({
        cluster: { outboundType: 'none', loadBalancerProfile: null },
        subnets: [aSubnet({ pools: [], routeTableId: `${GROUP}/${NETWORK}/routeTables/unread` })],
      }),
      'none',
      { prepare },
    )
    t.match(plan, { status: 'applicable', paths: [{ before: { path: 'unknown' } }] })
    t.ok(plan.steps.some(({ key }) => key === 'prepare-public-ip-prefix'))
    t.match(plan.cutOver, {
      step: null,
      because: /^The plan only creates resources that carry no traffic yet/,
    })
    t.match(plan.disruption, { movesTraffic: false, existingConnections: 'unchanged' })
  },
)

t.test('a gateway that carries only the packets of another route is the cutover for them', async (t) => {
  const [subnet, { routeTables = [] }] = onTable('VirtualAppliance')
  const route = {
    name: 'partner',
    addressPrefix: '203.0.113.7/32',
    nextHopType: 'Internet',
    nextHopIpAddress: null,
  }
  const tables = routeTables.map((table) => ({ ...table, routes: [...table.routes, route] }))
  const snapshot = aByoSnapshot(subnet, { routeTables: tables })
  const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare: { natGateway: {} } })
  t.match(plan.cutOver, {
    step: 'prepare-subnet-1',
    because:
      'New connections to `203.0.113.7/32` and possibly the API server use the NAT gateway as soon as it is attached. Other traffic keeps its path in this step.',
  })
  t.match(
    plan.findings.find(({ code }) => code === 'CUTOVER_IS_PREPARATION')?.message,
    /: from then on, new connections to `203\.0\.113\.7\/32` and possibly the API server use the new path/,
  )
})

t.test('the cutover of a preparation is about the subnet of its step, and names later moves', async (t) => {
  const [subnet, { natGateways = [] }] = onGateway
  const pods = SUBNET.replace('/nodes', '/pods')
  const snapshot = aByoSnapshot({}, { natGateways })
  const cluster = { ...snapshot.cluster, agentPools: [aPool({ vnetSubnetId: SUBNET, podSubnetId: pods })] }
  const routed = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')
  const bypass = {
    name: 'p',
    addressPrefix: '198.51.100.0/24',
    nextHopType: 'Internet',
    nextHopIpAddress: null,
  }
  const two = {
    ...snapshot,
    cluster,
    subnets: [aSubnet({ routeTableId: TABLE }), aSubnet({ ...subnet, id: pods, natGatewayId: null })],
    routeTables: keyed([{ ...routed, routes: [...routed.routes, bypass] }]),
  }
  t.match(planFor(two, 'userAssignedNATGateway', { prepare: { natGateway: {} } }).cutOver, {
    step: 'prepare-subnet-1',
    because:
      'New connections from the subnet `nodes` to `198.51.100.0/24` and possibly the API server use the NAT gateway as soon as it is attached. Other traffic from this subnet keeps its path in this step.',
  })
  const dualStack = aByoSnapshot({}, { cluster: { ipFamilies: ['IPv4', 'IPv6'] }, natGateways })
  const v6 = aPublicIp({
    id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/v6`,
    address: '2603::1',
    version: 'IPv6',
  })
  const profile = aLoadBalancerProfile({ managedOutboundIpv6Count: 1 })
  const effectiveOutboundIpIds = [...profile.effectiveOutboundIpIds, v6.id]
  const onBalancer = {
    ...dualStack,
    cluster: { ...dualStack.cluster, loadBalancerProfile: { ...profile, effectiveOutboundIpIds } },
    publicIps: { ...dualStack.publicIps, ...keyed([v6]) },
  }
  const prepare = { defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' } }
  t.match(
    planFor(onBalancer, 'userDefinedRouting', { prepare }).cutOver.because,
    / Further traffic moves while AKS/,
  )
})

t.test('the cutover of a cleanup names the packets that move, and where they leave', async (t) => {
  const cleanUp = { detach: true, narrow: [], delete: [] }
  const [subnet, resources] = onGateway
  const isolated = { outboundType: 'none', loadBalancerProfile: null }
  const routed = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const because = (
    cluster: object,
    target: 'loadBalancer' | 'none' | 'userDefinedRouting',
    isRouted = false,
  ) => {
    const table = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')
    const bypass = { name: 'cloud', addressPrefix: 'AzureCloud.eastus', nextHopType: 'Internet' }
    const routeTables = [{ ...table, routes: [...table.routes, { ...bypass, nextHopIpAddress: null }] }]
    const snapshot = aByoSnapshot(
      { ...subnet, defaultOutboundAccess: false, routeTableId: isRouted ? TABLE : null },
      { ...resources, cluster, routeTables },
    )
    return cutOver(snapshot, target, { cleanUp }).because
  }
  t.equal(
    because({}, 'loadBalancer'),
    'Traffic uses the current outbound type as soon as no NAT gateway or default route overrides it.',
  )
  t.equal(
    because(isolated, 'none'),
    'The removed resource carries traffic. After the cleanup, packets to the internet have no egress path.',
  )
  t.equal(
    because(routed, 'userDefinedRouting', true),
    'The removed resource carries traffic. After the cleanup, packets to `AzureCloud.eastus` and the API server have no egress path. Other traffic keeps its path.',
  )
})

t.test('an existing default route is not a cutover', async (t) => {
  const made = planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userDefinedRouting')
  t.match(made.cutOver, { step: null, because: /Only the declared outbound type changes/ })
  t.notOk(codesOf(made).includes('UDR_CUTOVER_IS_ROUTE'))
})

t.test(
  'none keeps the resources on the subnets, and a change between none and block moves no traffic',
  async (t) => {
    t.match(cutOver(aByoSnapshot(...onGateway), 'none'), {
      step: null,
      because: /^The change to none detaches nothing/,
    })
    const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
    const isolated = aSnapshot({ cluster: { outboundType: 'none', loadBalancerProfile: null }, subnets })
    t.match(cutOver(isolated, 'block'), {
      step: null,
      because: /^The cluster sends no traffic to the internet/,
    })
  },
)
