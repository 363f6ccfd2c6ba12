import t from 'tap'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
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
  t.match(finding?.remedy, /keep their path, and do not use the addresses that change/)
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
  const subnets = [...base.subnets, aSubnet({ id: other, pools: ['two'] })]
  const plan = planFor({ ...base, subnets }, 'userAssignedNATGateway')
  const finding = plan.findings.find(({ code }) => code === 'NODE_PUBLIC_IP_NAT_TARGET')
  t.strictSame(finding?.facts, { pools: ['system'] })
})
