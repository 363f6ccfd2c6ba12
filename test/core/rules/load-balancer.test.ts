import t from 'tap'
import type { LoadBalancerFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aKubernetesBalancer, aLoadBalancerProfile, aPublicIp, aSnapshot } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { AKS_IP } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './load-balancer-cases.ts'

testTopic('load-balancer', CASES)

t.test('does not treat frontends of Services or AKS as manually created', async (t) => {
  const withFrontend = (
    facts: Partial<LoadBalancerFacts['frontends'][number]>,
    ips: PublicIpFacts[] = [],
  ) => {
    const balancer = aKubernetesBalancer(['web'])
    balancer.frontends.push({
      ...balancer.frontends[0]!,
      id: `${balancer.id}/f/x`,
      publicIpId: AKS_IP,
      ...facts,
    })
    return aSnapshot({ loadBalancers: [balancer], publicIps: ips })
  }
  const isReported = (snapshot: ReturnType<typeof withFrontend>) =>
    has('LB_DRIFT_MANUAL_RULES', snapshot, 'managedNATGateway')
  t.ok(isReported(withFrontend({ name: 'mine' })), 'a manually created frontend')
  t.notOk(isReported(withFrontend({ name: 'a0123456789abcdef0123456789abcdef' })), 'named after a Service')
  t.notOk(
    isReported(withFrontend({ name: 'a0123456789abcdef0123456789abcdef-ipv6' })),
    'named after a Service and an IP family',
  )
  const tagged = aPublicIp({ id: AKS_IP, address: '20.1.0.9', tags: { 'k8s-azure-service': 'shop/web' } })
  t.notOk(isReported(withFrontend({ name: 'mine' }, [tagged])), 'an address of a Service')
  t.notOk(isReported(withFrontend({ name: 'mine', privateAddress: '10.0.0.9' })), 'a private frontend')
  const [own] = aLoadBalancerProfile().effectiveOutboundIpIds
  t.notOk(isReported(withFrontend({ name: 'mine', publicIpId: own ?? '' })), 'an address of the profile')
})
