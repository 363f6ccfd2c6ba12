import t from 'tap'
import type { AllowListResource } from '../../src/core/allow-lists/facts.ts'
import type { ClusterFacts } from '../../src/core/snapshot.ts'
import { aByoSnapshot, aLoadBalancerProfile, aPool, SUBNET } from '../support/a-cluster.ts'
import { codesOf, planFor } from '../support/a-plan.ts'
import { aList, listsAround } from '../support/allow-list-facts.ts'
import { onGateway } from '../support/own-network.ts'

const [BALANCER_IP = ''] = aLoadBalancerProfile().effectiveOutboundIpIds

/** A cluster on the load balancer whose subnet leaves by a NAT gateway: 20.1.0.1 is held and not used. */
function shadowed(cluster: Partial<ClusterFacts> = {}, lists: AllowListResource[] = []) {
  const snapshot = aByoSnapshot(onGateway[0], {
    ...onGateway[1],
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...cluster },
  })
  return { ...snapshot, surroundings: listsAround(lists) }
}

t.test('an address that goes unused is no egress, and yet its entries have to go', async (t) => {
  const authorizedIPRanges = ['20.1.0.1/32', '20.9.0.1/32']
  const made = planFor(shadowed({ authorizedIPRanges }), 'userAssignedNATGateway')
  t.strictSame(
    made.egressIps.map(({ address, change }) => [address, change]),
    [['20.9.0.1', 'kept']],
  )
  t.strictSame(made.authorizedRanges.removeLater, ['20.1.0.1/32'])
  t.match(made.rollback.lost, [/^20\.1\.0\.1, which AKS releases although no packet leaves by it\.$/])
})

t.test('lists elsewhere that name it need no successor, those that name more do not lose it', async (t) => {
  const snapshot = shadowed({}, [aList(['20.1.0.1', '20.1.0.0/16'])])
  const made = planFor(snapshot, 'userAssignedNATGateway')
  t.match(made.allowLists.impacts, [
    { entry: '20.1.0.1', add: [], addLater: 0, removeLater: ['20.1.0.1'] },
    { entry: '20.1.0.0/16', add: [], addLater: 0, removeLater: [] },
  ])
  t.ok(codesOf(made).includes('ALLOWLIST_NAMES_LOST_ADDRESS'))
})

t.test("what is used, what is the user's own and what stays is not spoken of", async (t) => {
  const released = (...given: Parameters<typeof planFor>) =>
    codesOf(planFor(...given)).includes('UNUSED_IP_RELEASED')
  t.ok(released(shadowed(), 'userAssignedNATGateway'))
  t.notOk(released(aByoSnapshot(), 'userAssignedNATGateway'), 'used: said by EGRESS_IP_LOST')
  t.notOk(
    released(shadowed(), { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 9 } }),
    'stays',
  )
  const own = BALANCER_IP.replace(/resourceGroups\/[^/]+/, 'resourceGroups/rg-demo')
  const loadBalancerProfile = aLoadBalancerProfile({ outboundIpIds: [own], effectiveOutboundIpIds: [own] })
  t.notOk(released(shadowed({ loadBalancerProfile }), 'userAssignedNATGateway'), "not read, and the user's")
})
