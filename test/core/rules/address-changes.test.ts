import t from 'tap'
import { idKey } from '../../../src/core/arm/resource-id.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { toIpChanges } from '../../../src/reports/plan/ip-changes.ts'
import {
  aByoSnapshot,
  aFirewall,
  aLoadBalancerProfile,
  aPool,
  aPublicIp,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, NETWORK_OF_USER, OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'
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
  const later =
    'Add the new addresses to external firewalls and allow lists as soon as the job reports these addresses. '
  const pending =
    'Add the addresses of the required NAT gateway or appliance to external firewalls and allow lists before the cutover. '
  const remedyOf = (...args: Parameters<typeof planFor>) => textsOf('EGRESS_IP_LOST', ...args)?.[1]
  t.equal(remedyOf(aByoSnapshot(), 'userAssignedNATGateway'), `${pending}${remove}`, 'not attached yet')
  t.equal(remedyOf(aSnapshot(), 'managedNATGateway'), `${later}${remove}`, 'made during the change')
  const own = aSnapshot({ publicIps: [ownIp({ sku: 'StandardV2' })] })
  const known = 'Add 20.4.0.1 to external firewalls and allow lists before the cutover. '
  t.equal(remedyOf(own, toV2([OWN_IP])), `${known}${remove}`)
  const privateSubnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.equal(remedyOf(aSnapshot({ subnets: privateSubnets }), 'none'), remove)
})

t.test('a cleanup that deletes an address in use loses it permanently', async (t) => {
  const ids = [GATEWAY.id, GATEWAY.publicIp.id]
  const clean = (deleted: string[]) =>
    planFor(aByoSnapshot(...onGateway), 'loadBalancer', {
      cleanUp: { detach: true, narrow: [], delete: deleted },
    })
  const plan = clean(ids)
  t.match(plan.egressIps, [{ address: '20.9.0.1', change: 'lost', recoverable: false }])
  t.strictSame(plan.acknowledgementsRequired, ['EGRESS_IP_LOST'])
  t.match(
    plan.findings[0]?.message,
    'This plan deletes 20.9.0.1: no plan can restore it, and Azure may assign it to another customer.',
  )
  t.strictSame(plan.rollback.lost, ['No plan restores 20.9.0.1: this plan deletes it.'])
  const kept = clean([])
  t.match(kept.egressIps, [{ address: '20.9.0.1', change: 'lost', recoverable: true }], 'only detached')
  t.strictSame([kept.acknowledgementsRequired, kept.rollback.lost], [[], []])
})

t.test('reports changes of addresses once, together with a loss if there is one', async (t) => {
  t.equal(textsOf('EGRESS_IP_CHANGES', aSnapshot(), 'managedNATGateway'), null)
  const isolated = { outboundType: 'none', loadBalancerProfile: null }
  const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  const add =
    'Add the new addresses to external firewalls and allow lists as soon as the job reports these addresses'
  t.strictSame(textsOf('EGRESS_IP_CHANGES', aSnapshot({ cluster: isolated, subnets }), 'managedNATGateway'), [
    'The egress IPs change: no address is removed and 1 new address is added.',
    `${add}.`,
  ])
})

t.test('does not call addresses that ARM does not show none', async (t) => {
  const routed = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  t.strictSame(textsOf('EGRESS_IP_CHANGES', aSnapshot({ cluster: routed }), 'loadBalancer'), [
    'The egress IPs change: the removed addresses are not visible in Azure Resource Manager and 1 new address is added.',
    'Add the new addresses to external firewalls and allow lists as soon as the job reports these addresses. After the change, remove the old addresses from all allow lists.',
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
    'Add the addresses of the required NAT gateway or appliance to external firewalls and allow lists before the cutover. After the change, remove the old addresses from all allow lists.',
  ])
})

const PREPARED_ROUTE = {
  prepare: { defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' } },
}

/** A partner behind the firewall (20.3.0.1), and the internet by the load balancer (20.1.0.1). */
function partlyBehindFirewall(given: Partial<Snapshot> = {}): Snapshot {
  const ipId = `${NETWORK_OF_USER}/publicIPAddresses/fw`
  const [subnet, network] = onTable('VirtualAppliance')
  const tables = network.routeTables ?? []
  const routes = tables
    .flatMap((table) => table.routes)
    .map((route) => ({ ...route, addressPrefix: PARTNER }))
  return {
    ...aByoSnapshot(subnet, {
      ...network,
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], identityType: 'UserAssigned' },
      routeTables: tables.map((table) => ({ ...table, routes })),
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [ipId] })],
      publicIps: [aPublicIp({ id: ipId, address: '20.3.0.1' })],
    }),
    ...given,
  }
}
const PARTNER = '198.51.100.0/24'

t.test(
  'names an address that replaces another and that the cluster already uses for other traffic',
  async (t) => {
    const surroundings = listsAround([aList(['20.1.0.1'])])
    const consumers = [
      { name: 'internet', addresses: ['20.1.0.1'] },
      { name: 'partner', addresses: ['20.3.0.1'] },
    ]
    const snapshot = partlyBehindFirewall({ surroundings })
    const plan = planFor(snapshot, 'userDefinedRouting', { ...PREPARED_ROUTE, consumers })
    t.match(
      plan.egressIps.map(({ address, change, gainsTraffic }) => [address, change, gainsTraffic]),
      [
        ['20.1.0.1', 'lost', undefined],
        ['20.3.0.1', 'kept', true],
      ],
    )
    t.match(
      toIpChanges(plan).map(({ advice }) => advice),
      ['removeAfter', 'allowBefore'],
    )
    t.match(plan.allowLists.impacts, [{ add: ['20.3.0.1'], addLater: 0, removeLater: ['20.1.0.1'] }])
    t.match(plan.allowLists.consumers, [
      { drop: ['20.1.0.1'], add: ['20.3.0.1'] },
      { drop: [], add: [], addLater: 0 },
    ])
    const remedyOf = (code: string) => plan.findings.find((finding) => finding.code === code)?.remedy
    t.match(
      remedyOf('EGRESS_IP_LOST'),
      /^Add 20\.3\.0\.1 to external firewalls and allow lists before the cutover\. /,
    )
    t.match(
      remedyOf('ALLOWLIST_NAMES_LOST_ADDRESS'),
      /^Add 20\.3\.0\.1 to these rules before the cutover\. After the change, remove only the entries/,
    )
  },
)

t.test('reports traffic that moves between addresses of which the cluster keeps both', async (t) => {
  const gateway = aReadyGateway('20.9.0.1')
  const base = partlyBehindFirewall()
  const routes = [
    {
      name: 'all',
      addressPrefix: '0.0.0.0/0',
      nextHopType: 'VirtualAppliance',
      nextHopIpAddress: '10.9.0.4',
    },
    { name: 'partner', addressPrefix: PARTNER, nextHopType: 'Internet', nextHopIpAddress: null },
  ]
  const [table] = Object.entries(base.routeTables)
  const other = aSubnet({ id: `${SUBNET}-two`, pools: ['two'], natGatewayId: gateway.id })
  const [subnet] = base.subnets
  const snapshot: Snapshot = {
    ...base,
    cluster: {
      ...base.cluster,
      agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'two', vnetSubnetId: other.id })],
    },
    subnets: [{ ...subnet!, pools: ['nodepool1'], natGatewayId: gateway.id }, other],
    routeTables: { [table![0]]: { ...table![1], routes } },
    natGateways: { [idKey(gateway.id)]: gateway.gateway },
    publicIps: { ...base.publicIps, [idKey(gateway.publicIp.id)]: gateway.publicIp },
    surroundings: listsAround([aList(['20.9.0.1'])]),
  }
  const plan = planFor(snapshot, 'userDefinedRouting', {
    ...PREPARED_ROUTE,
    consumers: [{ name: 'internet', addresses: ['20.9.0.1'] }],
  })
  t.match(plan.allowLists.impacts, [
    { covers: [{ address: '20.9.0.1', change: 'kept' }], add: ['20.3.0.1'], removeLater: [] },
  ])
  t.match(plan.allowLists.consumers, [{ drop: [], add: ['20.3.0.1'] }])
  const messageOf = (code: string) => plan.findings.find((finding) => finding.code === code)?.message
  t.equal(
    messageOf('EGRESS_IP_CHANGES'),
    'The egress IPs change: traffic moves to 20.3.0.1, which other traffic already uses.',
  )
  t.equal(
    messageOf('ALLOWLIST_NAMES_LOST_ADDRESS'),
    'Rules of the resource `orders` contain egress addresses of the cluster, but some traffic uses other addresses after the change.',
  )
  t.ok(codesOf(plan).includes('CONSUMERS_TO_TELL'))
})
