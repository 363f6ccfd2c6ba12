import t from 'tap'
import type { EgressIpChange } from '../../../src/contract/egress.ts'
import { withShared } from '../../../src/core/egress/addresses.ts'
import { addressAdvice, isOfOthers } from '../../../src/core/egress/ledger.ts'
import { aByoSnapshot, aFirewall, aNatGateway, SUBNET } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'

const [subnet, network] = onGateway
const ADDRESS = '20.9.0.1'

/** A change from a NAT gateway, which serves these subnets, to a firewall, with a list that allows the former address. */
function planOf(subnetIds: string[]) {
  const snapshot = aByoSnapshot(subnet, {
    ...network,
    natGateways: [{ ...GATEWAY.gateway, subnetIds }],
    cluster: { outboundType: 'userAssignedNATGateway' },
    surroundings: listsAround([aList([ADDRESS])]),
  })
  return planFor(snapshot, 'userDefinedRouting', {
    prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
    consumers: [{ name: 'partner' }],
  })
}

t.test('an address of a NAT gateway that serves other subnets stays in allow lists', async (t) => {
  for (const isShared of [false, true]) {
    const plan = planOf([SUBNET, ...(isShared ? [SUBNET.replace('/nodes', '/others')] : [])])
    const row = plan.egressIps.find(({ address }) => address === ADDRESS)
    t.match(row, { change: 'lost', isShared: isShared ? true : undefined })
    const kept = isShared ? [] : [ADDRESS]
    t.strictSame(
      plan.allowLists.impacts.map(({ removeLater }) => removeLater),
      [kept],
    )
    t.strictSame(
      plan.allowLists.consumers.map(({ drop }) => drop),
      [kept],
    )
    const remedy = plan.findings.find(({ code }) => code === 'EGRESS_IP_CHANGES')?.remedy ?? ''
    t.equal(remedy.includes('unless other resources use these addresses'), isShared)
  }
})

t.test('an address of a firewall or of a gateway for a whole network is shared', async (t) => {
  const id = `${GATEWAY.id}-ip`
  const lost = { address: ADDRESS, change: 'lost', resourceId: id, recoverable: true } as EgressIpChange
  const isShared = (...given: Parameters<typeof aByoSnapshot>) =>
    withShared([lost], aByoSnapshot(...given))[0]?.isShared === true
  t.equal(isShared(), false)
  t.equal(isShared({}, { firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [id.toUpperCase()] })] }), true)
  t.equal(isShared({}, { firewalls: [aFirewall({ id: FIREWALL, hubPublicAddresses: [ADDRESS] })] }), true)
  const gateway = aNatGateway({ id: GATEWAY.id, publicIpPrefixIds: [id] })
  t.equal(isShared({}, { natGateways: [gateway] }), false)
  t.equal(isShared({}, { natGateways: [{ ...gateway, sourceVirtualNetworkId: '/vnet' }] }), true)
  const kept = { ...lost, change: 'kept' as const }
  t.strictSame(
    withShared([kept], aByoSnapshot({}, { firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [id] })] })),
    [kept],
    'the cluster itself still uses it',
  )
})

t.test('a lost address that others may use is to be checked, before and after the change', async (t) => {
  const lost = { address: ADDRESS, change: 'lost', knownAt: 'plan', recoverable: true } as EgressIpChange
  const adviceOf = (row: EgressIpChange) =>
    [false, true].map((isDone) => addressAdvice({ ...row, isDone, isOfOthers: isOfOthers(row) }))
  t.strictSame(adviceOf(lost), ['removeAfter', 'removeNow'])
  t.strictSame(adviceOf({ ...lost, isShared: true }), ['checkAfter', 'checkAfter'])
  t.strictSame(adviceOf({ ...lost, usedBefore: [] }), ['checkAfter', 'checkAfter'])
  t.strictSame(adviceOf({ ...lost, usedBefore: [], recoverable: false }), ['removeAfter', 'removeNow'])
  t.equal(isOfOthers({ ...lost, change: 'added', isShared: true }), false)
})
