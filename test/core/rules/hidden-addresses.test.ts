import t from 'tap'
import type { TypeKey } from '../../../src/contract/outbound-type.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPeering,
  aPool,
  aRouteTable,
  aSnapshot,
  aSubnet,
  aVirtualNetwork,
  keyed,
  NETWORK,
  SUBNET,
  VNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { planFor } from '../../support/a-plan.ts'
import { onTable, TABLE } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'
import { NIC_RANGES, pool, toAppliance, withAppliance } from '../../support/rule-cases.ts'

const surroundings = listsAround([aList(['20.1.0.1'])])
const cluster = { ...pool(), authorizedIPRanges: [...NIC_RANGES, '20.1.0.1/32'] }

/** The remedies of the findings that say when to allow the new addresses. */
function remediesOf(...args: Parameters<typeof planFor>): Record<string, string> {
  const codes = [
    'EGRESS_IP_LOST',
    'ALLOWLIST_NAMES_LOST_ADDRESS',
    'AUTHORIZED_SELF_LOCKOUT',
    'EGRESS_PATH_NOT_IN_ARM',
  ]
  const { findings } = planFor(...args)
  return Object.fromEntries(
    findings.filter(({ code }) => codes.includes(code)).map(({ code, remedy }) => [code, remedy]),
  )
}

t.test('advises to find addresses behind an appliance before the cutover', async (t) => {
  const [subnet, network] = onTable('VirtualAppliance')
  const remedies = remediesOf(
    aByoSnapshot(
      { ...subnet, routeTableId: null },
      { ...network, cluster: { ...cluster, identityType: 'UserAssigned' }, surroundings },
    ),
    'userDefinedRouting',
    { prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } } },
  )
  t.match(remedies, {
    EGRESS_IP_LOST:
      /^Find the new addresses, .* external firewalls and allow lists before the cutover\. After/,
    ALLOWLIST_NAMES_LOST_ADDRESS: /^Find the new addresses, .* to these rules before the cutover\. After/,
    AUTHORIZED_SELF_LOCKOUT: /^Find the new addresses, .* to the authorized IP ranges before the cutover\. /,
    EGRESS_PATH_NOT_IN_ARM: /^Ask the team that operates the appliance/,
  })
})

t.test('advises against allowing addresses of default outbound access', async (t) => {
  const snapshot = aByoSnapshot({}, { cluster, surroundings })
  const remedies = remediesOf(snapshot, 'none')
  t.match(remedies, {
    EGRESS_IP_LOST: /^Do not add the new addresses to external firewalls and allow lists: Azure default/,
    ALLOWLIST_NAMES_LOST_ADDRESS:
      /^Do not add the new addresses to these rules: Azure default outbound access/,
    AUTHORIZED_SELF_LOCKOUT: /^Add the addresses of a NAT gateway to the authorized IP ranges\. /,
    EGRESS_PATH_NOT_IN_ARM: /^If you need known addresses, add the addresses of a NAT gateway/,
  })
  t.notMatch(Object.values(remedies).join(' '), /as soon as the job reports/, 'no job reports them')
})

t.test('names the resource to attach while the target lacks it', async (t) => {
  const remedies = remediesOf(aByoSnapshot({}, { cluster, surroundings }), 'userAssignedNATGateway')
  const pending = /^Add the addresses of the required NAT gateway or appliance to /
  t.match(remedies, {
    EGRESS_IP_LOST: pending,
    ALLOWLIST_NAMES_LOST_ADDRESS: pending,
    AUTHORIZED_SELF_LOCKOUT: pending,
  })
})

t.test('waits for the job if AKS creates the addresses', async (t) => {
  const later = /^Add the new addresses to .* as soon as the job reports these addresses\./
  t.match(remediesOf(aSnapshot({ surroundings }), 'managedNATGateway'), {
    EGRESS_IP_LOST: later,
    ALLOWLIST_NAMES_LOST_ADDRESS: later,
  })
})

t.test('advises to read the gateway or the nodes whose addresses could not be read', async (t) => {
  const natGatewayId = `${SUBNET.split('/virtualNetworks/')[0]}/natGateways/unread`
  const remedyOf = (snapshot: Parameters<typeof planFor>[0], target: Parameters<typeof planFor>[1]) =>
    planFor(snapshot, target).findings.find(({ code }) => code === 'EGRESS_PATH_NOT_IN_ARM')?.remedy
  t.match(
    remedyOf(aByoSnapshot({ natGatewayId }, { cluster }), 'userAssignedNATGateway'),
    /^Assign the Reader role on the NAT gateway and its public IPs/,
  )
  const nodes = [aPool({ vnetSubnetId: SUBNET, enableNodePublicIP: true })]
  const isolated = aByoSnapshot(
    { defaultOutboundAccess: false },
    { cluster: { ...cluster, agentPools: nodes } },
  )
  t.match(
    remedyOf(isolated, 'none'),
    /^Read the public IPs of the nodes with `az vmss list-instance-public-ips`/,
  )
})

/** The peering of a network that is connected to a virtual hub. */
const hubPeering = (hub: string) => {
  const [group, network] = ['RG', 'HV'].map((kind) => `${kind}_${hub}_12345678-1234-1234-1234-123456789abc`)
  return aPeering(`/subscriptions/9-9/resourceGroups/${group}/${NETWORK}/virtualNetworks/${network}`)
}
const behindHub = (...hubs: string[]) =>
  aByoSnapshot(toAppliance, {
    ...withAppliance,
    cluster,
    virtualNetworks: [
      aVirtualNetwork({ id: VNET, peerings: hubs.map(hubPeering), dnsServers: ['10.200.0.10'] }),
    ],
  })
const HUB_ROUTES =
  /^Run `az network vhub get-effective-routes` for the virtual hub `hub-weu` .*`--resource-type HubVirtualNetworkConnection`/

t.test(
  'names the effective routes of the virtual hub for a network that is connected to a hub',
  async (t) => {
    const remedyOf = (snapshot: Snapshot, code: string, target: TypeKey = 'userDefinedRouting') =>
      planFor(snapshot, target).findings.find((finding) => finding.code === code)?.remedy
    const unrouted = (snapshot: Snapshot) => ({
      ...snapshot,
      subnets: snapshot.subnets.map((subnet) => ({ ...subnet, routeTableId: null })),
    })
    const withoutRoute = (snapshot: Snapshot) => ({
      ...snapshot,
      cluster: { ...snapshot.cluster, enablePrivateCluster: true },
      routeTables: keyed([aRouteTable(TABLE, null)]),
    })
    const cases: [string, (hub: Snapshot) => Snapshot, TypeKey?][] = [
      ['EGRESS_PATH_NOT_IN_ARM', (snapshot) => snapshot],
      ['UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP', withoutRoute],
      ['BGP_DEFAULT_ROUTE_POSSIBLE', unrouted, 'userAssignedNATGateway'],
    ]
    for (const [code, change, target] of cases) {
      const remedy = remedyOf(change(behindHub('hub-weu')), code, target) ?? ''
      t.match(remedy, HUB_ROUTES, code)
      t.notMatch(remedy, /az network nic|Reader role on the subscription of the firewall|route server/, code)
      const other = remedyOf(change(behindHub()), code, target) ?? ''
      t.notMatch(other, /vhub|virtual hub/, code)
      if (code === 'BGP_DEFAULT_ROUTE_POSSIBLE') t.equal(other, '')
      else t.match(other, /az network nic show-effective-route-table|Reader role on the subscription/, code)
    }
    const hop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } as const
    const prepare = { defaultRoute: hop }
    const dns = planFor(unrouted(behindHub('hub-weu')), 'userDefinedRouting', { prepare })
    t.match(dns.findings.find(({ code }) => code === 'DNS_PATH_MOVES')?.remedy, HUB_ROUTES)
  },
)

t.test('names the hop behind a firewall, not the firewall, if the firewall forwards packets', async (t) => {
  const tableId = `${TABLE}-firewall`
  const subnet = aSubnet({ id: `${VNET}/subnets/AzureFirewallSubnet`, pools: [], routeTableId: tableId })
  const snapshot = aByoSnapshot(toAppliance, {
    cluster,
    virtualNetworks: [aVirtualNetwork({ id: VNET, subnets: [subnet] })],
    routeTables: [...(withAppliance.routeTables ?? []), aRouteTable(tableId, 'VirtualAppliance', '10.8.0.4')],
    firewalls: [aFirewall({ id: FIREWALL })],
  })
  const finding = planFor(snapshot, 'userDefinedRouting').findings.find(
    ({ code }) => code === 'EGRESS_PATH_NOT_IN_ARM',
  )
  t.match(finding?.facts, { forwarding: ['fw'] })
  t.match(
    finding?.remedy,
    /^Check whether routes send packets of the firewall `fw` to another next hop: look at the route table/,
  )
  t.notMatch(finding?.remedy, /Reader role/)
})
