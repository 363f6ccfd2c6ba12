import t from 'tap'
import { aByoSnapshot, aNatGatewayProfile, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './transition-cases.ts'

testTopic('transition', CASES)

t.test('a sentence does not ask for what cannot be done, and says what an edition lacks', async (t) => {
  const cluster = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const made = planFor(aSnapshot({ cluster }), 'loadBalancer')
  const of = (code: string) => made.findings.find((each) => each.code === code)
  t.match(of('TRANSITION_DISPUTED')?.message, /2026-08-05 does not list the pair\.$/)
  t.match(of('EGRESS_IP_CHANGES')?.remedy, 'as soon as they are known')
})

t.test('an interruption is not promised where packets keep their path', async (t) => {
  const said = (...given: Parameters<typeof planFor>) =>
    planFor(...given).findings.find((each) => each.code === 'DOWNTIME')?.message
  t.match(said(aByoSnapshot(...onGateway), 'userAssignedNATGateway'), /Packets keep their path here/)
  t.match(said(aByoSnapshot(), 'userAssignedNATGateway'), /open connections are dropped/)
  t.match(
    said(aByoSnapshot(...onGateway), 'userDefinedRouting'),
    /open connections are dropped/,
    'a route to come',
  )
})

t.test('a closed pair says which page speaks against the matrix', async (t) => {
  const natGatewayProfile = aNatGatewayProfile({ sku: 'StandardV2' })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile: null }
  const said = (target: 'none' | 'loadBalancer') => planFor(aSnapshot({ cluster }), target)
  t.match(said('none'), { status: 'blocked', transition: { reason: /release notes of 2026-05-29/ } })
  t.notMatch(said('loadBalancer').transition.reason, /release notes/)
})
