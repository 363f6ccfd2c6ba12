import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { aLoadBalancerProfile, aPublicIp, aSharedBalancer, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { OWN_IP } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './customer-addresses-cases.ts'

testTopic('customer-addresses', CASES)

t.test('keeps customer-provided addresses of the same outbound type without reuse findings', async (t) => {
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

t.test('names the Service of the cluster that uses an address', async (t) => {
  const balancer = aSharedBalancer(OWN_IP)
  const tags = { 'k8s-azure-service': 'shop/web' }
  const own = aPublicIp({ id: OWN_IP, address: '20.4.0.1', attachedTo: `${balancer.frontends[0]?.id}`, tags })
  const snapshot = aSnapshot({
    cluster: { outboundType: 'none' },
    loadBalancers: [{ ...balancer, outboundRules: [] }],
    publicIps: [own],
  })
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
  const finding = planFor(snapshot, target).findings.find(({ code }) => code === 'IP_IN_USE')
  t.match(finding?.message, /`own`, because this address is attached to the Service `shop\/web`/)
  t.match(finding?.remedy, /give the Service another address first/)
})

t.test('rejects an AKS-managed address in any resource group', async (t) => {
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
  const cluster = { outboundType: 'none' }
  const isRejected = (tags: Record<string, string>) =>
    has(
      'LB_IP_AKS_OWNED',
      aSnapshot({ cluster, publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', tags })] }),
      target,
    )
  t.ok(isRejected({ 'aks-managed-type': 'aks-slb-managed-outbound-ip' }))
  t.ok(isRejected({ type: 'aks-slb-managed-outbound-ip' }), 'the tag of old clusters')
  t.notOk(isRejected({ type: 'production' }))
})
