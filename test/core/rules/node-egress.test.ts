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

const pool = (given: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})

t.test('what differs from the declared type on one subnet is not said of the others', async (t) => {
  const other = aSubnet({ id: SUBNET.replace('/nodes', '/other'), pools: ['user'] })
  const [nodes, network] = onGateway
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'user', vnetSubnetId: other.id })],
  }
  const snapshot = aSnapshot({ cluster, ...network, subnets: [aSubnet(nodes), other] })
  const found = planFor(snapshot, 'none').findings.find(
    (each) => each.code === 'EFFECTIVE_DIFFERS_FROM_DECLARED',
  )
  t.match(found?.message, /leaves these packets on their path; what changes are addresses of others/)
})

t.test('pods that leave as their nodes do are not spoken of', async (t) => {
  const PODS = SUBNET.replace('/nodes', '/pods')
  const snapshot = aSnapshot({
    cluster: pool({ podSubnetId: PODS }),
    subnets: [aSubnet(onGateway[0]), aSubnet({ id: PODS, ...onGateway[0] })],
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp],
  })
  t.notOk(has('POD_SUBNET', snapshot, 'userAssignedNATGateway'))
})

t.test('private subnets and default routes keep a pool by address from leaking', async (t) => {
  const cluster = { ...pool(), loadBalancerProfile: aLoadBalancerProfile({ backendPoolType: 'NodeIP' }) }
  const leaks = (subnet: Parameters<typeof aByoSnapshot>[0], rest = {}) =>
    has('NODEIP_POOL_DEFAULT_OUTBOUND', aByoSnapshot(subnet, { cluster, ...rest }), 'none')
  t.ok(leaks({}))
  t.notOk(leaks({ defaultOutboundAccess: false }))
  t.notOk(leaks({ routeTableId: TABLE }, onTable('VirtualAppliance')[1]))
})
