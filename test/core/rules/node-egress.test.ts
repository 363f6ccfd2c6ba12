import t from 'tap'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  SUBNET,
} from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway, onTable, TABLE } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './node-egress-cases.ts'

testTopic('node-egress', CASES)

const pool = (facts: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...facts })],
})

t.test('reports a path that differs from the declared type only for the subnet that has it', async (t) => {
  const other = aSubnet({ id: SUBNET.replace('/nodes', '/other'), pools: ['user'] })
  const [nodes, network] = onGateway
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'user', vnetSubnetId: other.id })],
  }
  const snapshot = aSnapshot({ cluster, ...network, subnets: [aSubnet(nodes), other] })
  const finding = planFor(snapshot, 'none').findings.find(
    ({ code }) => code === 'EFFECTIVE_DIFFERS_FROM_DECLARED',
  )
  t.match(
    finding?.remedy,
    /IPv4 packets from the subnet `\w+` to the internet keep their path and source addresses, unless a more specific route matches\. Other packets move/,
  )
})

t.test('does not report pods that use the egress path of their nodes', async (t) => {
  const PODS = SUBNET.replace('/nodes', '/pods')
  const snapshot = aSnapshot({
    cluster: pool({ podSubnetId: PODS }),
    subnets: [aSubnet(onGateway[0]), aSubnet({ id: PODS, ...onGateway[0] })],
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp],
  })
  t.notOk(has('POD_SUBNET', snapshot, 'userAssignedNATGateway'))
})

t.test(
  'reports no default outbound access for private subnets and subnets with a default route',
  async (t) => {
    const cluster = { ...pool(), loadBalancerProfile: aLoadBalancerProfile({ backendPoolType: 'NodeIP' }) }
    const isExposed = (subnet: Parameters<typeof aByoSnapshot>[0], rest = {}) =>
      has('NODEIP_POOL_DEFAULT_OUTBOUND', aByoSnapshot(subnet, { cluster, ...rest }), 'none')
    t.ok(isExposed({}))
    t.notOk(isExposed({ defaultOutboundAccess: false }))
    t.notOk(isExposed({ routeTableId: TABLE }, onTable('VirtualAppliance')[1]))
  },
)

t.test('a NAT gateway overrides the public IPs of nodes only in its own subnets', async (t) => {
  const other = `${SUBNET}-two`
  const agentPools = [
    aPool({ vnetSubnetId: SUBNET, enableNodePublicIP: true }),
    aPool({ name: 'two', vnetSubnetId: other, enableNodePublicIP: true }),
  ]
  const base = aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: { agentPools } })
  const [attached] = base.subnets
  const bare = aSubnet({ id: SUBNET })
  const prepare = { natGateway: { id: GATEWAY.id } }
  const factsFor = (subnets: SubnetFacts[]) =>
    planFor({ ...base, subnets }, 'userAssignedNATGateway', { prepare }).findings.find(
      ({ code }) => code === 'NODE_PUBLIC_IP_NAT_TARGET',
    )?.facts
  const two = { id: other, pools: ['two'] }
  t.strictSame(factsFor([bare, aSubnet({ ...two, natGatewayId: GATEWAY.id })]), {
    pools: ['system'],
    exceptions: [],
  })
  t.equal(factsFor([attached ?? bare, aSubnet({ ...two, natGatewayId: GATEWAY.id })]), undefined)
})

/** Internet packets pass an appliance at 10.9.0.4, and packets to `AzureCloud` go to the internet. */
function besideAppliance(given: Parameters<typeof aByoSnapshot>[1] = {}) {
  const [subnet, network] = onTable('VirtualAppliance')
  const bypass = {
    name: 'cloud',
    addressPrefix: 'AzureCloud',
    nextHopType: 'Internet',
    nextHopIpAddress: null,
  }
  const routeTables = (network.routeTables ?? []).map((table) => ({
    ...table,
    routes: [...table.routes, bypass],
  }))
  const gateway = { natGateways: [GATEWAY.gateway], publicIps: [GATEWAY.publicIp] }
  return aByoSnapshot(subnet, { ...gateway, routeTables, ...given })
}

const findingOf = (code: string, ...args: Parameters<typeof planFor>) =>
  planFor(...args).findings.find((finding) => finding.code === code)
const onPrepared = { prepare: { natGateway: { id: GATEWAY.id } } }

t.test('reports the public IPs of nodes only for the destinations that use them', async (t) => {
  const snapshot = besideAppliance({ cluster: pool({ enableNodePublicIP: true }) })
  for (const code of ['NODE_PUBLIC_IP_NAT_TARGET', 'NODE_PUBLIC_IP_LB_SOURCE'])
    t.match(findingOf(code, snapshot, 'userAssignedNATGateway', onPrepared), {
      facts: { pools: [], exceptions: [{ pool: 'system', destinations: ['AzureCloud'] }] },
      message: /egress to `AzureCloud` from nodes of the node pool `system` /i,
    })
})

t.test('says what happens to packets whose path differs from the declared type', async (t) => {
  const remedyOf = (...args: Parameters<typeof planFor>) =>
    findingOf('EFFECTIVE_DIFFERS_FROM_DECLARED', ...args)?.remedy
  const behind = aByoSnapshot(...onTable('VirtualAppliance'))
  t.match(remedyOf(behind, 'userDefinedRouting'), /keep their path and source addresses\. Only the declared/)
  t.match(
    remedyOf(besideAppliance(), 'userDefinedRouting'),
    /IPv4 packets from the subnet `\w+` to the internet keep their path and source addresses, unless a more specific route matches\. Other packets move/,
  )
  const former = {
    ...pool(),
    outboundType: 'userDefinedRouting',
    loadBalancerProfile: aLoadBalancerProfile(),
  }
  const interrupted = aByoSnapshot(onTable('VirtualAppliance')[0], {
    ...onTable('VirtualAppliance')[1],
    cluster: former,
  })
  t.equal(remedyOf(interrupted, 'loadBalancer'), undefined, 'the path belongs to the type that ARM declares')
})

t.test('compares the paths of pods and nodes after the preparation, with their addresses', async (t) => {
  const PODS = SUBNET.replace('/nodes', '/pods')
  const second = aReadyGateway('20.9.0.2')
  const id = `${GATEWAY.id}-2`
  const withPods = (nodes: string | null, pods: string | null) =>
    aSnapshot({
      cluster: { ...pool({ podSubnetId: PODS }), identityType: 'UserAssigned' },
      subnets: [aSubnet({ natGatewayId: nodes }), aSubnet({ id: PODS, natGatewayId: pods })],
      natGateways: [GATEWAY.gateway, { ...second.gateway, id, publicIpIds: [`${GATEWAY.publicIp.id}-2`] }],
      publicIps: [GATEWAY.publicIp, { ...second.publicIp, id: `${GATEWAY.publicIp.id}-2` }],
    })
  const found = (...args: Parameters<typeof planFor>) => findingOf('POD_SUBNET', ...args)
  t.equal(found(withPods(null, GATEWAY.id), 'userAssignedNATGateway', onPrepared), undefined)
  const differing = found(withPods(GATEWAY.id, id), 'userAssignedNATGateway')
  t.match(
    differing?.message,
    /uses a NAT gateway \(20\.9\.0\.2\), and traffic from nodes uses a NAT gateway \(20\.9\.0\.1\)/,
  )
})

t.test('reports no default outbound access where the plan adds a default route', async (t) => {
  const cluster = { ...pool(), loadBalancerProfile: aLoadBalancerProfile({ backendPoolType: 'NodeIP' }) }
  const isExposed = (given: Parameters<typeof planFor>[2]) =>
    has('NODEIP_POOL_DEFAULT_OUTBOUND', aByoSnapshot({}, { cluster }), 'userDefinedRouting', given)
  const defaultRoute = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' }
  t.ok(isExposed({}))
  t.notOk(isExposed({ prepare: { defaultRoute } }))
})
