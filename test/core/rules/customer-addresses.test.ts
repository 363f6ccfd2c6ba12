import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { aLoadBalancerProfile, aPublicIp, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { OWN_IP } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './customer-addresses-cases.ts'

testTopic('customer-addresses', CASES)

t.test('own addresses of the same type are kept without a word about reuse', async (t) => {
  const cluster = {
    loadBalancerProfile: aLoadBalancerProfile({
      managedOutboundIpCount: null,
      outboundIpIds: [OWN_IP],
      effectiveOutboundIpIds: [OWN_IP],
    }),
  }
  const own = aPublicIp({ id: OWN_IP, address: '20.4.0.1', attachedTo: '/lb/frontend' })
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 9 } }
  const codes = codesOf(planFor(aSnapshot({ cluster, publicIps: [own] }), target))
  for (const code of ['IP_REUSE_FORBIDDEN', 'IP_IN_USE', 'IP_CARRY_LB_TO_NAT', 'LEFTOVER_COST'])
    t.notOk(codes.includes(code), code)
})

t.test('an address that AKS marked as its own is not taken, wherever it lies', async (t) => {
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
  const cluster = { outboundType: 'none' }
  const isRefused = (tags: Record<string, string>) =>
    has(
      'LB_IP_AKS_OWNED',
      aSnapshot({ cluster, publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', tags })] }),
      target,
    )
  t.ok(isRefused({ 'aks-managed-type': 'aks-slb-managed-outbound-ip' }))
  t.ok(isRefused({ type: 'aks-slb-managed-outbound-ip' }), 'the spelling of old clusters')
  t.notOk(isRefused({ type: 'production' }))
})
