import t from 'tap'
import { aByoSnapshot, aLoadBalancerProfile, aSnapshot, aSubnet } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { OWN_IP } from '../../support/own-network.ts'
import { ownIp, toV2 } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './address-changes-cases.ts'

testTopic('address-changes', CASES)

/** The finding of this code, as its message and its remedy. */
function textsOf(code: string, ...args: Parameters<typeof planFor>) {
  const finding = planFor(...args).findings.find((candidate) => candidate.code === code)
  return finding === undefined ? null : [finding.message, finding.remedy]
}

t.test('states which address replaces a released address, and when to allow it', async (t) => {
  const remove = "After the change, remove 20.1.0.1 from every allow list, including your partners'."
  const later = 'Add the new addresses to external firewalls and allow lists as soon as they are known. '
  const remedyOf = (...args: Parameters<typeof planFor>) => textsOf('EGRESS_IP_LOST', ...args)?.[1]
  t.equal(remedyOf(aByoSnapshot(), 'userAssignedNATGateway'), `${later}${remove}`, 'not visible in ARM')
  t.equal(remedyOf(aSnapshot(), 'managedNATGateway'), `${later}${remove}`, 'made during the change')
  const own = aSnapshot({ publicIps: [ownIp({ sku: 'StandardV2' })] })
  const known = 'Add 20.4.0.1 to external firewalls and allow lists before the change. '
  t.equal(remedyOf(own, toV2([OWN_IP])), `${known}${remove}`)
  const privateSubnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.equal(remedyOf(aSnapshot({ subnets: privateSubnets }), 'none'), remove)
})

t.test('reports changes of addresses once, together with a loss if there is one', async (t) => {
  t.equal(textsOf('EGRESS_IP_CHANGES', aSnapshot(), 'managedNATGateway'), null)
  const isolated = { outboundType: 'none', loadBalancerProfile: null }
  const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  const add = 'Add the new addresses to external firewalls and allow lists as soon as they are known'
  t.strictSame(textsOf('EGRESS_IP_CHANGES', aSnapshot({ cluster: isolated, subnets }), 'managedNATGateway'), [
    'The egress IPs change: no address is removed and 1 new address is added.',
    `${add}.`,
  ])
})

t.test('does not call addresses that ARM does not show none', async (t) => {
  const routed = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  t.strictSame(textsOf('EGRESS_IP_CHANGES', aSnapshot({ cluster: routed }), 'loadBalancer'), [
    'The egress IPs change: the removed addresses are not visible in Azure Resource Manager and 1 new address is added.',
    'Add the new addresses to external firewalls and allow lists as soon as they are known, and remove the old addresses after the change.',
  ])
  const own = aLoadBalancerProfile({
    managedOutboundIpCount: null,
    outboundIpIds: [OWN_IP],
    effectiveOutboundIpIds: [OWN_IP],
  })
  const { agentPools } = aByoSnapshot().cluster
  const bare = { cluster: { agentPools, loadBalancerProfile: own }, publicIps: [ownIp()] }
  t.strictSame(textsOf('EGRESS_IP_CHANGES', aByoSnapshot({}, bare), 'userAssignedNATGateway'), [
    'The egress IPs change: 20.4.0.1 is removed and the new addresses are not visible in Azure Resource Manager.',
    'Add the new addresses to external firewalls and allow lists as soon as they are known, and remove the old addresses after the change.',
  ])
})
