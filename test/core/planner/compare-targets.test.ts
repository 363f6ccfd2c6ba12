import fc from 'fast-check'
import t from 'tap'
import type { ComparedTarget } from '../../../src/contract/comparison.ts'
import { TYPE_KEYS, type TypeKey } from '../../../src/contract/outbound-type.ts'
import { compareTargets } from '../../../src/core/planner/compare-targets.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aFirewall, aPool, aSnapshot, GROUP, NETWORK, SUBNET } from '../../support/a-cluster.ts'
import { ANY_POLICY, codesOf, planFor } from '../../support/a-plan.ts'
import { arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { onGateway, onTable } from '../../support/own-network.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const compare = (snapshot: Snapshot) => compareTargets(snapshot, ANY_POLICY, 'simulated').targets

function rowOf(snapshot: Snapshot, target: TypeKey): ComparedTarget {
  const row = compare(snapshot).find((candidate) => candidate.target === target)
  if (row === undefined) throw new Error(`no row for ${target}`)
  return row
}

const customerNetwork = (rest: Parameters<typeof aByoSnapshot>[1] = {}) =>
  aByoSnapshot({}, { ...rest, cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...rest?.cluster } })

t.test(
  'has one row per target, ranked without gaps, with the current type and unsupported targets last',
  async (t) => {
    const rows = compare(aSnapshot())
    t.strictSame(rows.map(({ target }) => target).toSorted(), [...TYPE_KEYS].toSorted())
    const ranks = rows.flatMap(({ rank }) => rank ?? [])
    t.strictSame(
      ranks,
      ranks.map((_, index) => index + 1),
    )
    t.strictSame(
      rows.filter(({ rank }) => rank === null).map(({ support }) => support),
      rows.slice(ranks.length).map(({ support }) => support),
    )
    t.match(rowOf(aSnapshot(), 'loadBalancer'), { rank: null, verdict: 'noChange', support: 'sameType' })
  },
)

t.test('states the blocker, not the support matrix, if the matrix allows a blocked target', async (t) => {
  const row = rowOf(customerNetwork(), 'userAssignedNATGateway')
  t.equal(row.support, 'supported')
  t.equal(row.verdict, 'blocked')
  t.notMatch(row.why, /^Supported/)
  t.equal(row.why, row.blockers[0]?.message)
})

t.test('shows the blockers that a new NAT gateway resolves, and the plan with it', async (t) => {
  const snapshot = customerNetwork()
  const row = rowOf(snapshot, 'userAssignedNATGateway')
  t.strictSame(row.prepare?.request, { natGateway: {} })
  t.equal(row.prepare?.verdict, 'applicable')
  t.strictSame(row.prepare?.resolves, ['UANAT_SUBNET_WITHOUT_GATEWAY'])
  t.ok(row.addresses.addedLater > 0, 'the addresses of the prepared gateway are counted')
  t.strictSame(row.reasons[0], 'A plan with `prepare` can be executed.')
})

t.test(
  'prepares a default route to the only firewall of the network, and to none if there are two',
  async (t) => {
    const firewall = (name: string, address: string) =>
      aFirewall({
        id: `${GROUP}/${NETWORK}/azureFirewalls/${name}`,
        privateAddresses: [address],
        subnetIds: [`${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/AzureFirewallSubnet`],
      })
    const one = rowOf(customerNetwork({ firewalls: [firewall('fw', '10.0.9.4')] }), 'userDefinedRouting')
    t.strictSame(one.prepare?.request, {
      defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.0.9.4' },
    })
    t.ok(one.prepare?.resolves.includes('UDR_NO_ROUTE_TABLE'))
    const two = [firewall('fw', '10.0.9.4'), firewall('other', '10.0.9.5')]
    t.equal(rowOf(customerNetwork({ firewalls: two }), 'userDefinedRouting').prepare, null)
    t.equal(rowOf(customerNetwork(), 'userDefinedRouting').prepare, null)
  },
)

t.test('ranks targets that keep internet egress before none and block', async (t) => {
  const rows = compare(customerNetwork()).filter(
    ({ rank, verdict }) => rank !== null && verdict === 'applicable',
  )
  const isolated = rows.findIndex(({ target }) => target === 'none' || target === 'block')
  t.ok(rows.slice(0, isolated).every(({ target }) => target !== 'none' && target !== 'block'))
  t.ok(rows.slice(isolated).every(({ target }) => isolated === -1 || target === 'none' || target === 'block'))
})

t.test('names the path that remains without the internet egress of AKS', async (t) => {
  const reasonOf = (snapshot: Snapshot) => rowOf(snapshot, 'none').reasons.join(' ')
  t.match(reasonOf(aSnapshot()), /Nodes lose internet egress, so choose/)
  const [subnet, network] = onTable('VirtualAppliance')
  t.match(
    reasonOf(aByoSnapshot(subnet, network)),
    /AKS provides no internet egress.*only through a virtual appliance, so/,
  )
})

t.test('says that no traffic moves, and ranks a path that does not match the type last', async (t) => {
  const [subnet, network] = onGateway
  const onType = (outboundType: string) => aByoSnapshot(subnet, { ...network, cluster: { outboundType } })
  const reasonsOf = (type: string, target: TypeKey) => rowOf(onType(type), target).reasons.join(' ')
  t.match(
    reasonsOf('userAssignedNATGateway', 'loadBalancer'),
    'No traffic moves: packets still leave through a NAT gateway, although the change declares another outbound type.',
  )
  t.match(
    reasonsOf('loadBalancer', 'userAssignedNATGateway'),
    'No traffic moves: packets already leave through a NAT gateway.',
  )
  t.notMatch(rowOf(aSnapshot(), 'managedNATGateway').reasons.join(' '), /No traffic moves|does not match/)
  const [first] = compare(onType('userDefinedRouting')).filter(({ rank }) => rank !== null)
  t.equal(first?.target, 'userAssignedNATGateway', 'before the load balancer, which no packet would use')
})

t.test('each row agrees with a plan for its target, and executable targets come first', async () => {
  fc.assert(
    fc.property(arbitrarySnapshot, (snapshot) => {
      const rows = compare(snapshot)
      for (const row of rows) {
        const request = row.prepare === null ? {} : { prepare: row.prepare.request }
        const plain = planFor(snapshot, row.target)
        const plan = planFor(snapshot, row.target, request)
        const lost = plan.egressIps
          .filter(({ change }) => change === 'lost')
          .flatMap(({ address }) => address ?? [])
        const agrees =
          row.verdict === plain.status &&
          JSON.stringify(row.addresses.lost) === JSON.stringify(lost) &&
          JSON.stringify(row.blockers.map(({ code }) => code)) ===
            JSON.stringify(codesOf(plain, 'blocker')) &&
          (row.prepare === null || row.prepare.verdict === plan.status)
        if (!agrees) throw new Error(`${row.target} differs from its plan`)
        if ((row.cost === undefined) === (row.costUnknownBecause === undefined))
          throw new Error(`${row.target} has neither a cost nor the reason, or both`)
        if (row.verdict === 'blocked' && row.support === 'supported' && row.why.startsWith('Supported'))
          throw new Error(`${row.target} is blocked and said to be supported`)
      }
      const costs = rows
        .filter(({ rank }) => rank !== null)
        .map(({ verdict, prepare }) =>
          verdict !== 'blocked' ? 0 : prepare?.verdict === 'applicable' ? 1 : 2,
        )
      if (costs.some((cost, index) => index > 0 && cost < (costs[index - 1] ?? 0)))
        throw new Error('a blocked target precedes one that can be executed')
    }),
    { numRuns: propertyRuns(0.25) },
  )
})

t.test('says whether traffic uses addresses that ARM does not show after the change', async (t) => {
  const isComplete = (snapshot: Snapshot, target: TypeKey) => rowOf(snapshot, target).addresses.isComplete
  const behind = aByoSnapshot(...onTable('VirtualAppliance'))
  t.equal(isComplete(behind, 'userDefinedRouting'), false)
  t.equal(isComplete(aSnapshot(), 'loadBalancer'), true)
})
