import t from 'tap'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPublicIp,
  aSnapshot,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import { pool } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './network-state-cases.ts'

testTopic('network-state', CASES)

t.test('does not report a profile address as gone if it could not be read', async (t) => {
  const loadBalancerProfile = aLoadBalancerProfile({ managedOutboundIpCount: null, outboundIpIds: [OWN_IP] })
  const unread = (reason: 'denied' | 'not-found') => [{ what: OWN_IP, reason, code: 'x', message: 'y' }]
  const isGone = (facts: Parameters<typeof aSnapshot>[0]) =>
    has(
      'PROFILE_OUTBOUND_IP_GONE',
      aSnapshot({ cluster: { loadBalancerProfile }, ...facts }),
      'managedNATGateway',
    )
  t.ok(isGone({}))
  t.ok(isGone({ unread: unread('not-found') }))
  t.notOk(isGone({ unread: unread('denied') }))
  t.notOk(isGone({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })] }))
})

t.test('does not report a route table as shared if it has no default route or no other subnet', async (t) => {
  const other = SUBNET.replace('/nodes', '/other')
  const isShared = (nextHop: string | null, subnetIds: string[]) => {
    const [subnet, network] = onTable(nextHop)
    const routeTables = (network.routeTables ?? []).map((table) => ({ ...table, subnetIds }))
    return has('SHARED_ROUTE_TABLE', aByoSnapshot(subnet, { ...network, routeTables }), 'userDefinedRouting')
  }
  t.ok(isShared('VirtualAppliance', [SUBNET, other]))
  t.notOk(isShared('VirtualAppliance', [SUBNET]))
  t.notOk(isShared(null, [SUBNET, other]))
  const nodesOnly = aByoSnapshot({ occupantGroups: [NODE_GROUP.toLowerCase()] })
  t.notOk(has('SUBNET_SHARED', nodesOnly, 'userAssignedNATGateway'), "the cluster's own nodes")
})

t.test('does not count subnets that only the cluster uses as shared', async (t) => {
  const vnet = `${GROUP}/${NETWORK}/virtualNetworks/vnet`
  const other = `${vnet}/subnets/other`
  const isShared = (facts: Partial<SubnetFacts>, cluster: Partial<ClusterFacts> = {}) => {
    const natGateways = [{ ...GATEWAY.gateway, subnetIds: [SUBNET, other] }]
    const virtualNetworks = [aVirtualNetwork({ id: vnet, subnets: [aSubnet({ id: other, ...facts })] })]
    const network = { ...onGateway[1], natGateways, virtualNetworks, cluster: { ...pool(), ...cluster } }
    return has('SHARED_NATGW_WAVE', aByoSnapshot(onGateway[0], network), 'userAssignedNATGateway')
  }
  const own = NODE_GROUP.toLowerCase()
  t.notOk(isShared({ occupantGroups: [own] }), 'an internal load balancer of the cluster')
  t.notOk(isShared({}, { apiServerSubnetId: other.toUpperCase() }), 'the API server')
  t.ok(isShared({}), 'an empty subnet may belong to anybody')
  t.ok(isShared({ occupantGroups: [own, `${own}-other`] }), 'other resources beside it')
})
