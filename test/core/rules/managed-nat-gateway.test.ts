import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { aNatGatewayProfile, aSnapshot } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './managed-nat-gateway-cases.ts'

testTopic('managed-nat-gateway', CASES)

t.test('reports no switch for a StandardV2 gateway that keeps its kind of addresses', async (t) => {
  const natGatewayProfile = aNatGatewayProfile({ sku: 'StandardV2' })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile: null }
  const target: RequestedTarget = {
    outboundType: 'managedNATGateway',
    natGateway: { sku: 'StandardV2', managedOutboundIpCount: 4 },
  }
  t.notOk(has('NATV2_IP_MODEL_SWITCH', aSnapshot({ cluster }), target))
  const dualStack = { ...cluster, ipFamilies: ['IPv4', 'IPv6'] }
  t.notOk(
    has('NATV2_IPV6_LB_RULES', aSnapshot({ cluster: dualStack }), 'managedNATGatewayV2'),
    'one IPv6 address',
  )
})
