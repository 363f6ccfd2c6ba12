import t from 'tap'
import type { EgressIpChange } from '../../../src/contract/egress.ts'
import { withShared } from '../../../src/core/egress/addresses.ts'
import { authorizedRangesPlan, sharedRanges } from '../../../src/core/egress/authorized-ranges.ts'
import { addressAdvice, isOfOthers } from '../../../src/core/egress/ledger.ts'
import { projectedAddresses } from '../../../src/core/egress/projected-egress.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aByoSnapshot, aFirewall, aNatGateway, SUBNET } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'

const [subnet, network] = onGateway
const ADDRESS = '20.9.0.1'

/** A change from a NAT gateway, which serves these subnets, to a firewall, with a list that allows the former address. */
function planOf(subnetIds: string[], authorizedIPRanges: string[] = []) {
  const snapshot = aByoSnapshot(subnet, {
    ...network,
    natGateways: [{ ...GATEWAY.gateway, subnetIds }],
    cluster: { outboundType: 'userAssignedNATGateway', authorizedIPRanges },
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

t.test('the authorized IP range of an address that other clients may use stays', async (t) => {
  const ranges = ['203.0.113.0/24', ADDRESS]
  for (const isShared of [false, true]) {
    const plan = planOf([SUBNET, ...(isShared ? [SUBNET.replace('/nodes', '/others')] : [])], ranges)
    t.strictSame(plan.authorizedRanges.removeLater, isShared ? [] : [ADDRESS])
    const remedy = plan.findings.find(({ code }) => code === 'EGRESS_IP_CHANGES')?.remedy ?? ''
    const manual = `If no other client reaches the API server from this address, also remove ${ADDRESS} from the authorized IP ranges: a cleanup plan keeps this range.`
    t.equal(remedy.includes(manual), isShared)
    t.equal(plan.handoff?.notice?.includes('from the authorized IP ranges in your code'), !isShared)
    const report = markdownReport(plan)
    t.equal(report.includes('A cleanup plan keeps the range.'), isShared)
    t.equal(
      report.includes('To remove the range after the job has succeeded, create a cleanup plan'),
      !isShared,
    )
  }
})

t.test('a range stays while it covers a shared address; a released address is not shared', async (t) => {
  const row = (members: Partial<EgressIpChange>) =>
    ({ address: ADDRESS, change: 'lost', recoverable: true, ...members }) as EgressIpChange
  const removed = (ranges: string[], ledger: EgressIpChange[], cluster: Partial<ClusterFacts> = {}) =>
    authorizedRangesPlan(aByoSnapshot({}, { cluster: { authorizedIPRanges: ranges, ...cluster } }).cluster, {
      from: 'userAssignedNATGateway',
      to: 'userDefinedRouting',
      apiServerPath: 'virtualAppliance',
      apiServer: projectedAddresses([]),
      ledger,
      released: [],
      widen: true,
    }).removeLater
  const prefix = row({ address: '20.9.0.0/30' })
  t.strictSame(removed(['20.9.0.0/30'], [prefix]), ['20.9.0.0/30'])
  t.strictSame(removed(['20.9.0.0/30'], [prefix, row({ isShared: true })]), [])
  t.strictSame(removed([ADDRESS], [row({ isShared: true })]), [])
  t.strictSame(removed([ADDRESS], [row({ isShared: true, recoverable: false })]), [ADDRESS])
  t.strictSame(sharedRanges([ADDRESS, '20.9.0.0/30'], [prefix, row({ isShared: true })]), [ADDRESS])
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
