import t from 'tap'
import { currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import { trafficCarriers } from '../../../src/core/egress/traffic-carriers.ts'
import { emptyCollection } from '../../../src/core/snapshot/assemble.ts'
import type { FirewallFacts } from '../../../src/core/snapshot/network-facts.ts'
import { requiredReads } from '../../../src/core/snapshot/required-reads.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aLoadBalancerProfile,
  aNatGateway,
  aPool,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aSpoke,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  keyed,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'

import { codesOf, planFor } from '../../support/a-plan.ts'

/** NAT gateways that serve a subnet, its whole virtual network, or the subnet of a firewall. */

const HUB = `${GROUP}/${NETWORK}/virtualNetworks/hub`
const FIREWALL_SUBNET = `${HUB}/subnets/AzureFirewallSubnet`
const TABLE = `${GROUP}/${NETWORK}/routeTables/table`
const address = (name: string, value: string) =>
  aPublicIp({ id: `${GROUP}/${NETWORK}/publicIPAddresses/${name}`, address: value, sku: 'StandardV2' })
const [ofFirewall, ofSubnet, ofNetwork] = [
  address('firewall', '20.3.0.1'),
  address('subnet', '20.8.1.2'),
  address('network', '20.8.1.1'),
]
const gateway = (name: string, ip: { id: string }, rest: Partial<Parameters<typeof aNatGateway>[0]> = {}) =>
  aNatGateway({
    id: `${GROUP}/${NETWORK}/natGateways/${name}`,
    sku: 'StandardV2',
    publicIpIds: [ip.id],
    ...rest,
  })

interface Given {
  /** The gateway that the firewall's subnet names. */
  onSubnet?: boolean
  /** Where ARM shows the association of the subnet. */
  isHubRead?: boolean
  network?: 'attribute' | 'source'
}

/** A cluster behind a firewall in a hub. The gateway of the network comes first in the order of names. */
function behindFirewall({ onSubnet = false, isHubRead = true, network }: Given) {
  const subnetGateway = gateway('z-subnet', ofSubnet, { subnetIds: onSubnet ? [FIREWALL_SUBNET] : [] })
  const networkGateway = gateway('a-network', ofNetwork, {
    sourceVirtualNetworkId: network === 'source' ? HUB : null,
  })
  const hub = aVirtualNetwork({
    id: HUB,
    natGatewayId: network === 'attribute' ? networkGateway.id : null,
    subnets: [aSubnet({ id: FIREWALL_SUBNET, pools: [], natGatewayId: onSubnet ? subnetGateway.id : null })],
  })
  return aSnapshot({
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges: ['203.0.113.0/24'] },
    subnets: [aSubnet({ routeTableId: TABLE })],
    virtualNetworks: [aSpoke(), ...(isHubRead ? [hub] : [])],
    routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
    natGateways: [networkGateway, subnetGateway],
    firewalls: [
      aFirewall({
        id: `${GROUP}/${NETWORK}/azureFirewalls/fw`,
        publicIpIds: [ofFirewall.id],
        subnetIds: [FIREWALL_SUBNET],
      }),
    ],
    publicIps: [ofFirewall, ofSubnet, ofNetwork],
  })
}

const behind: [string, Given, string, string[]][] = [
  ['no gateway', {}, '20.3.0.1', ['fw']],
  ['its subnet', { onSubnet: true }, '20.8.1.2', ['fw', 'z-subnet']],
  ['its subnet, in an unread network', { onSubnet: true, isHubRead: false }, '20.8.1.2', ['fw', 'z-subnet']],
  ['its network, shown by the network', { network: 'attribute' }, '20.8.1.1', ['fw', 'a-network']],
  ['its network, shown by the gateway', { network: 'source' }, '20.8.1.1', ['fw', 'a-network']],
  ['both (shown by the network)', { onSubnet: true, network: 'attribute' }, '20.8.1.2', ['fw', 'z-subnet']],
  ['both (shown by the gateway)', { onSubnet: true, network: 'source' }, '20.8.1.2', ['fw', 'z-subnet']],
]

for (const [where, given, source, carriers] of behind)
  t.test(`behind a firewall with a NAT gateway on ${where}, packets have its address`, async (t) => {
    const snapshot = behindFirewall(given)
    for (const path of egressPaths(currentSide(snapshot)))
      t.strictSame(
        path.addresses.map((item) => item.address),
        [source],
        path.destination,
      )
    t.strictSame(
      trafficCarriers(snapshot).map(({ id }) => id.split('/').at(-1)),
      carriers,
      'the carriers whose traffic is measured',
    )
    const plan = planFor(snapshot, 'userDefinedRouting')
    t.strictSame(plan.authorizedRanges.add, [`${source}/32`], 'the API server must allow this address')
    t.equal(plan.snat.after.ports, carriers.length > 1 ? 64_512 : 4_992, 'the ports of what translates')
    t.equal(
      codesOf(plan).includes('UDR_SNAT_FIREWALL_SMALL'),
      carriers.length === 1,
      'more addresses are advised only without a gateway',
    )
  })

t.test('measures every firewall of a route with several appliances', async (t) => {
  const snapshot = behindFirewall({ onSubnet: true })
  const second = aFirewall({
    id: `${GROUP}/${NETWORK}/azureFirewalls/second`,
    privateAddresses: ['10.9.0.5'],
  })
  const [table] = Object.values(snapshot.routeTables)
  const carriersOf = (nextHopIpAddresses: string[]) => {
    const route = {
      name: 'default',
      addressPrefix: '0.0.0.0/0',
      nextHopType: 'VirtualApplianceEcmp',
      nextHopIpAddress: null,
      nextHopIpAddresses,
    }
    return trafficCarriers({
      ...snapshot,
      firewalls: { ...snapshot.firewalls, ...keyed([second]) },
      routeTables: keyed(table === undefined ? [] : [{ ...table, routes: [route] }]),
    }).map(({ id }) => id.split('/').at(-1))
  }
  t.strictSame(carriersOf(['10.9.0.4', '10.9.0.5']), ['fw', 'z-subnet', 'second'])
  t.strictSame(carriersOf(['10.9.0.6', '10.9.0.5']), ['second'], 'an appliance that is no firewall')
})

t.test('reads the NAT gateway of a whole virtual network with its addresses', async (t) => {
  const { cluster, virtualNetworks, routeTables, natGateways, firewalls } = behindFirewall({
    network: 'attribute',
  })
  const own = aVirtualNetwork({
    ...aSpoke(),
    subnets: [aSubnet({ routeTableId: TABLE })],
    natGatewayId: `${GROUP}/${NETWORK}/natGateways/own`,
  })
  const collection = {
    ...emptyCollection(),
    virtualNetworks: { ...virtualNetworks, ...keyed([own]) },
    routeTables,
    natGateways,
    azureFirewalls: firewalls as Record<string, FirewallFacts>,
  }
  const read = requiredReads(cluster, collection, []).map(({ kind, id }) => `${kind} ${id.split('/').at(-1)}`)
  t.ok(read.includes('natGateways own'), 'the gateway of the network of the cluster')
  t.ok(read.includes('natGateways a-network'), 'the gateway of the network of the firewall')
  t.ok(read.includes('publicIPAddresses network'), 'the addresses of this gateway')
})

/** An AKS-managed virtual network with a customer-managed gateway. */
function managedNetwork(place: 'subnet' | 'attribute' | 'source') {
  const id = `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet`
  const own = gateway('own', ofNetwork, { sourceVirtualNetworkId: place === 'source' ? id : null })
  return aSnapshot({
    cluster: { authorizedIPRanges: ['20.8.1.1/32'] },
    subnets: [
      aSubnet({
        id: `${id}/subnets/aks-subnet`,
        pools: [],
        natGatewayId: place === 'subnet' ? own.id : null,
      }),
    ],
    virtualNetworks: [aVirtualNetwork({ id, natGatewayId: place === 'attribute' ? own.id : null })],
    natGateways: [own],
    publicIps: [ofNetwork],
  })
}

for (const target of ['managedNATGateway', 'managedNATGatewayV2'] as const)
  for (const place of ['attribute', 'source'] as const)
    t.test(`${target} overrides the gateway of an AKS-managed network (${place})`, async (t) => {
      const plan = planFor(managedNetwork(place), target)
      t.match(plan.paths[0]?.before, { path: 'natGateway', addresses: ['20.8.1.1'] })
      t.match(plan.paths[0]?.after, { path: 'natGateway', via: null, addresses: [], toCome: 1 })
      t.equal(plan.cutOver.step, 'change-outbound-type')
      t.match(plan.egressIps.find((row) => row.address === '20.8.1.1')?.change, 'lost')
      t.ok(plan.acknowledgementsRequired.includes('AUTHORIZED_RANGES_TARGET_UNKNOWABLE'))
      t.ok(codesOf(plan).includes('MANAGED_VNET_TAMPERED'))
    })

t.test(
  'the effect of managedNATGateway on a customer gateway of the AKS subnet is not certain',
  async (t) => {
    const plan = planFor(managedNetwork('subnet'), 'managedNATGateway')
    const after = { path: 'natGateway', via: null, addresses: ['20.8.1.1'], toCome: 1, certainty: 'possible' }
    t.match(plan.paths[0]?.after, after)
    t.equal(plan.cutOver.step, 'change-outbound-type')
    t.ok(plan.acknowledgementsRequired.includes('AUTHORIZED_RANGES_TARGET_UNKNOWABLE'))
  },
)

for (const target of ['loadBalancer', 'none'] as const)
  t.test(`the gateway of a network still carries the traffic after ${target}`, async (t) => {
    const { cluster, ...rest } = managedNetwork('source')
    const snapshot = { ...rest, cluster: { ...cluster, outboundType: 'managedNATGateway' as const } }
    const [path] = planFor(snapshot, target).paths
    t.match(path?.after, { path: 'natGateway', addresses: ['20.8.1.1'], certainty: 'certain' })
  })

t.test('an address is possibly in use behind a gateway that may not carry the packets', async (t) => {
  const ipv6 = aPublicIp({
    id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-v6`,
    address: '2603:1::1',
    version: 'IPv6',
  })
  const effectiveOutboundIpIds = [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`, ipv6.id]
  const natGatewayId = `${GROUP}/${NETWORK}/natGateways/own`
  const behind = (natGateways: ReturnType<typeof aNatGateway>[]) =>
    aByoSnapshot(
      { natGatewayId },
      {
        cluster: {
          ipFamilies: ['IPv4', 'IPv6'],
          loadBalancerProfile: aLoadBalancerProfile({ managedOutboundIpv6Count: 1, effectiveOutboundIpIds }),
        },
        natGateways,
        publicIps: [ipv6],
      },
    )
  const lostOf = (snapshot: Snapshot) => {
    const { egressIps, acknowledgementsRequired } = planFor(snapshot, 'none')
    t.ok(acknowledgementsRequired.includes('EGRESS_IP_LOST'))
    return egressIps.flatMap(({ address, change, usedBefore }) =>
      change === 'lost' && usedBefore?.length !== 0 ? (address ?? []) : [],
    )
  }
  const empty = behind([aNatGateway({ id: natGatewayId })])
  t.strictSame(lostOf(empty), ['20.1.0.1', '2603:1::1'], 'a gateway without addresses')
  t.match(egressPaths(currentSide(empty))[0], { path: 'unknown', certainty: 'unknown' })
  t.strictSame(
    lostOf(behind([])),
    ['2603:1::1'],
    'a Standard gateway carries no IPv6, but it could not be read',
  )
})
