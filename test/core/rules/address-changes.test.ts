import t from 'tap'
import { aByoSnapshot, aSnapshot, aSubnet } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './address-changes-cases.ts'

testTopic('address-changes', CASES)

t.test('reports removed, added and invisible addresses separately', async (t) => {
  const textsOf = (...args: Parameters<typeof planFor>) => {
    const finding = planFor(...args).findings.find(({ code }) => code === 'EGRESS_IP_CHANGES')
    return [finding?.message.replace('Egress IPs change: ', ''), finding?.remedy]
  }
  const add = 'Add the new addresses to external firewalls and allow lists as soon as they are known'
  t.strictSame(textsOf(aByoSnapshot(), 'userAssignedNATGateway'), [
    '1 removed; the new addresses are not visible in Azure Resource Manager.',
    `${add}, and remove the old addresses after the change.`,
  ])
  const privateSubnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.strictSame(textsOf(aSnapshot({ subnets: privateSubnets }), 'none'), [
    '1 removed, 0 added.',
    'Remove the old addresses from external firewalls and allow lists after the change.',
  ])
  const isolated = { outboundType: 'none', loadBalancerProfile: null }
  t.strictSame(textsOf(aSnapshot({ cluster: isolated, subnets: privateSubnets }), 'managedNATGateway'), [
    '0 removed, 1 added.',
    `${add}.`,
  ])
})
