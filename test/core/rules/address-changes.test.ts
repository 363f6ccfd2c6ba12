import t from 'tap'
import { aByoSnapshot, aSnapshot, aSubnet } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './address-changes-cases.ts'

testTopic('address-changes', CASES)

t.test('addresses that go, come and cannot be seen are told apart', async (t) => {
  const said = (...given: Parameters<typeof planFor>) => {
    const found = planFor(...given).findings.find((each) => each.code === 'EGRESS_IP_CHANGES')
    return [found?.message.replace('The egress addresses change: ', ''), found?.remedy]
  }
  const addThem = 'Add the new addresses to firewalls and allow-lists elsewhere as soon as they are known'
  t.strictSame(said(aByoSnapshot(), 'userAssignedNATGateway'), [
    '1 goes, which ones come cannot be seen.',
    `${addThem}, and remove the old ones after it.`,
  ])
  const isPrivate = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.strictSame(said(aSnapshot({ subnets: isPrivate }), 'none'), [
    '1 goes, none comes.',
    'Remove the old addresses from firewalls and allow-lists elsewhere after the change.',
  ])
  const isolated = { outboundType: 'none', loadBalancerProfile: null }
  t.strictSame(said(aSnapshot({ cluster: isolated, subnets: isPrivate }), 'managedNATGateway'), [
    'none goes, 1 comes.',
    `${addThem}.`,
  ])
})
