import t from 'tap'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aLoadBalancerProfile, aNatGatewayProfile, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './transition-cases.ts'

testTopic('transition', CASES)

t.test('names the edition that does not list the pair', async (t) => {
  const cluster = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const plan = planFor(aSnapshot({ cluster }), 'loadBalancer')
  const findingOf = (code: string) => plan.findings.find((finding) => finding.code === code)
  t.match(findingOf('TRANSITION_DISPUTED')?.message, /support matrix of 2026-08-05: not listed\)\.$/)
  t.match(findingOf('EGRESS_IP_CHANGES')?.remedy, 'as soon as the job reports these addresses')
})

t.test(
  'isolation of a StandardV2 gateway is disputed, because the release notes contradict the matrix',
  async (t) => {
    const natGatewayProfile = aNatGatewayProfile({ sku: 'StandardV2' })
    const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile: null }
    const planTo = (target: 'none' | 'loadBalancer') => planFor(aSnapshot({ cluster }), target)
    const disputed = planTo('none')
    t.match(disputed.transition, { support: 'disputed', reason: /AKS release notes 2026-05-29: Supported/ })
    t.ok(disputed.acknowledgementsRequired.includes('TRANSITION_DISPUTED'))
    t.notOk(codesOf(disputed).includes('TRANSITION_NOT_SUPPORTED'))
    t.match(planTo('loadBalancer').transition, { support: 'unsupported' })
  },
)

t.test('does not advise to keep a cluster that failed or whose change is incomplete', async (t) => {
  const sameType = (cluster: Partial<ClusterFacts>, target: 'loadBalancer' | 'managedNATGateway') =>
    planFor(aSnapshot({ cluster }), target).findings.find(({ code }) => code === 'SAME_TYPE')
  const incomplete = {
    message: /^The cluster already declares the outbound type/,
    remedy: 'Reconcile the cluster, as the other findings describe; this plan makes no change.',
  }
  t.match(sameType({ provisioningState: 'Failed' }, 'loadBalancer'), incomplete)
  t.match(sameType({ provisioningState: 'canceled' }, 'loadBalancer'), incomplete)
  const natGatewayProfile = aNatGatewayProfile({ managedOutboundIpCount: 1, effectiveOutboundIpIds: [] })
  const loadBalancerProfile = aLoadBalancerProfile()
  const interrupted = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile }
  t.match(sameType(interrupted, 'managedNATGateway'), incomplete)
  t.match(sameType({}, 'loadBalancer'), { remedy: /^Keep the cluster as it is/ })
})
