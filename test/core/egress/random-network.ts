import fc from 'fast-check'
import type { OutboundType } from '../../../src/contract/outbound-type.ts'
import type { RouteFacts, SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aFirewall,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGateway,
  aNatGatewayProfile,
  aPeering,
  aPool,
  aPrefix,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  HUB,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'

/** Random compound networks, and what the tests know of the internet beside them. */

/**
 * The prefixes of a few service tags, as a stand-in for the published list. Each tag has prefixes of both families: the
 * path model does not know the prefixes, so it states a path of each family for each tag.
 */
export const TAGS: Record<string, string[]> = {
  AzureCloud: ['20.32.0.0/11', '2603:1000::/24'],
  'AzureCloud.eastus': ['20.40.0.0/16', '20.60.1.0/24', '2603:1030::/32', '2603:1060:1::/48'],
  'AzureCloud.westus': ['20.41.0.0/16', '2603:1040::/32'],
  Storage: ['20.60.0.0/16', '2603:1060::/32'],
  'Storage.eastus': ['20.60.1.0/24', '2603:1060:1::/48'],
}

const CIDRS = ['20.32.0.0/12', '20.40.7.0/24', '20.40.7.9/32', '8.0.0.0/8', '198.51.100.0/24', '10.9.0.0/16']
export const PREFIXES = [
  ...['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '::/0', '::/1', '2603:1030:7::/48'],
  ...CIDRS,
  ...Object.keys(TAGS),
]

const VNET = `${GROUP}/${NETWORK}/virtualNetworks/vnet`
const MANAGED_VNET = `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet`
const AKS_GATEWAY = `${NODE_GROUP}/${NETWORK}/natGateways/aks-nat`
const ip = (group: string, name: string) => `${group}/${NETWORK}/publicIPAddresses/${name}`
const table = (index: number) => `${GROUP}/${NETWORK}/routeTables/table-${index}`
const gateway = (name: string) => `${GROUP}/${NETWORK}/natGateways/${name}`

/** Every address that a random network can use, so that the sources are distinguishable. */
const ADDRESSES = [
  aPublicIp({ id: ip(NODE_GROUP, 'lb-ip'), address: '20.1.0.1' }),
  aPublicIp({ id: ip(NODE_GROUP, 'lb-v6'), address: '2603:1::1', version: 'IPv6' }),
  aPublicIp({ id: ip(NODE_GROUP, 'nat-ip'), address: '20.1.0.2' }),
  aPublicIp({ id: ip(GROUP, 'own-lb'), address: '20.1.0.3' }),
  aPublicIp({ id: ip(GROUP, 'gateway-v4'), address: '20.1.0.4' }),
  aPublicIp({ id: ip(GROUP, 'gateway-v2'), address: '20.1.0.10', sku: 'StandardV2' }),
  aPublicIp({ id: ip(GROUP, 'gateway-v6'), address: '2603:1::4', version: 'IPv6', sku: 'StandardV2' }),
  aPublicIp({ id: ip(GROUP, 'network-v4'), address: '20.1.0.5', sku: 'StandardV2' }),
  aPublicIp({ id: ip(GROUP, 'firewall'), address: '20.1.0.6' }),
  aPublicIp({ id: ip(GROUP, 'firewall-nat'), address: '20.1.0.7' }),
  aPublicIp({ id: ip(GROUP, 'hub-nat'), address: '20.1.0.11', sku: 'StandardV2' }),
  aPublicIp({ id: ip(GROUP, 'twin'), address: '20.1.0.12' }),
]
const NODE_PREFIX = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/nodes`, prefix: '20.1.1.0/28' })

/** Gateways that a job may have created, before their addresses. */
export const CREATED = [
  ...['standard', 'v2', 'network'].map(gateway),
  ...['gateway-v4', 'gateway-v2', 'gateway-v6', 'network-v4'].map((name) => ip(GROUP, name)),
]

const TWIN = `${GROUP}/${NETWORK}/virtualNetworks/twin`
const FIREWALL_SUBNET = `${HUB}/subnets/AzureFirewallSubnet`
const FIREWALL_TABLE = `${GROUP}/${NETWORK}/routeTables/firewall`

/** The network of a virtual hub, which is in a subscription of Microsoft. */
const networkOfHub = (name: string) => {
  const [group, network] = ['RG', 'HV'].map((kind) => `${kind}_${name}_12345678-1234-1234-1234-123456789abc`)
  return `/subscriptions/9-9/resourceGroups/${group}/${NETWORK}/virtualNetworks/${network}`
}

/** Prefixes that together contain all public addresses of a half or a family. */
const QUARTERS = ['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2', '2000::/3']

const randomRouteTo = (prefix: string): fc.Arbitrary<RouteFacts> =>
  fc
    .record({
      addressPrefix: fc.constant(prefix),
      nextHopType: fc.constantFrom(
        ...['VirtualAppliance', 'virtualappliance', 'VirtualApplianceEcmp', 'VirtualNetworkGateway'],
        ...['Internet', 'Internet', 'Internet', 'None', 'VnetLocal'],
      ),
      hops: fc.constantFrom(
        ...([['10.9.0.4'], ['10.9.0.5'], ['10.9.0.4', '10.9.0.5'], ['10.9.0.6']] as string[][]),
      ),
    })
    .map(({ addressPrefix, nextHopType, hops }) => ({
      name: addressPrefix.replaceAll(/[/:]/g, '-'),
      addressPrefix,
      nextHopType,
      nextHopIpAddress: /^VirtualAppliance$/i.test(nextHopType) ? (hops[0] ?? null) : null,
      ...(nextHopType === 'VirtualApplianceEcmp' ? { nextHopIpAddresses: hops } : {}),
    }))

const route = fc.constantFrom(...PREFIXES).chain(randomRouteTo)
const someRoutes = fc.uniqueArray(route, { maxLength: 5, selector: ({ addressPrefix }) => addressPrefix })
const quarters = fc
  .tuple(fc.subarray(QUARTERS, { minLength: 2 }), randomRouteTo(''), randomRouteTo(''))
  .map(([prefixes, even, odd]) =>
    prefixes.map((addressPrefix, index) => {
      const name = addressPrefix.replaceAll(/[/:]/g, '-')
      return { ...(index % 2 === 0 ? even : odd), name, addressPrefix }
    }),
  )
const routes = fc.oneof(
  { weight: 5, arbitrary: someRoutes },
  { weight: 1, arbitrary: fc.tuple(quarters, someRoutes).map((parts) => parts.flat()) },
)

const subnetChoice = fc.record({
  routes: fc.option(routes, { nil: null, freq: 4 }),
  natGateway: fc.constantFrom(null, null, 'standard', 'v2'),
  defaultOutboundAccess: fc.constantFrom(null, true, false),
  nodePublicIps: fc.constantFrom('none', 'none', 'prefix', 'unknown', 'some'),
})
type SubnetChoice = typeof subnetChoice extends fc.Arbitrary<infer T> ? T : never

const TYPES: OutboundType[] = [
  'loadBalancer',
  'managedNATGateway',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
]

const networkChoice = fc.record({
  subnets: fc.array(subnetChoice, { minLength: 1, maxLength: 3 }),
  outboundType: fc.constantFrom(...TYPES),
  isDualStack: fc.boolean(),
  ownAddress: fc.boolean(),
  networkGateway: fc.constantFrom(null, null, null, 'attribute', 'source'),
  /** The NAT gateway behind the firewall: on its subnet, or on its network as either of them shows. */
  firewallNat: fc.constantFrom(null, 'subnet', 'attribute', 'source', 'both'),
  /** The next hop of the default route on the subnet of the firewall: another hop takes all its packets. */
  firewallHop: fc.constantFrom(
    null,
    null,
    null,
    'Internet',
    'VirtualAppliance',
    'VirtualNetworkGateway',
    'noPropagation',
  ),
  hasManagementInterface: fc.boolean(),
  hubHasGateway: fc.constantFrom(false, false, true),
  isHubRead: fc.constantFrom(true, true, false),
  enablePrivateCluster: fc.constantFrom(false, false, false, true),
  ranges: fc.constantFrom<string[][]>([], ['20.1.0.0/24'], ['20.1.0.6/32'], ['20.1.0.1/32', '20.1.0.4/32']),
  /** How the network is connected to the network of the firewall. */
  peering: fc.constantFrom('connected', 'connected', 'connected', 'disconnected', null),
  /** The virtual hub that the network is connected to; the name of the other hub begins with the same word. */
  virtualHub: fc.constantFrom('hub', 'hub', 'hub-2', null),
  usesRemoteGateways: fc.constantFrom(false, false, true),
  /** Where another firewall with the same private address is: in its own network, or in the network of the cluster. */
  twin: fc.constantFrom(null, null, 'unrelated', 'disconnected', 'peered', 'own'),
  disableBgp: fc.boolean(),
})
type NetworkChoice = typeof networkChoice extends fc.Arbitrary<infer T> ? T : never

/** A cluster in a customer's network with up to three subnets; all that decides its egress is random. */
export const randomNetwork: fc.Arbitrary<Snapshot> = networkChoice.map((choice) => toSnapshot(choice, false))

const plainSubnet: SubnetChoice = {
  routes: null,
  natGateway: null,
  defaultOutboundAccess: null,
  nodePublicIps: 'none',
}
const plainChoice: NetworkChoice = {
  subnets: [plainSubnet],
  outboundType: 'loadBalancer',
  isDualStack: false,
  ownAddress: false,
  networkGateway: null,
  firewallNat: null,
  firewallHop: null,
  hasManagementInterface: false,
  hubHasGateway: false,
  isHubRead: true,
  enablePrivateCluster: false,
  ranges: [],
  peering: 'connected',
  virtualHub: 'hub',
  usesRemoteGateways: false,
  twin: null,
  disableBgp: false,
}

/** A cluster with the load balancer of AKS and its address, without routes and gateways. */
export const plainNetwork: Snapshot = toSnapshot(plainChoice, true)

const routeTo = (addressPrefix: string, nextHopType: string, nextHopIpAddress: string | null = null) => ({
  name: addressPrefix.replaceAll(/[/:]/g, '-'),
  addressPrefix,
  nextHopType,
  nextHopIpAddress,
})

/** The routes for both halves of the internet override the default route that AKS checks. */
export const splitNetwork: Snapshot = toSnapshot(
  {
    ...plainChoice,
    subnets: [
      {
        ...plainSubnet,
        routes: [
          routeTo('0.0.0.0/0', 'VirtualAppliance', '10.9.0.4'),
          routeTo('0.0.0.0/1', 'Internet'),
          routeTo('128.0.0.0/1', 'Internet'),
        ],
      },
    ],
  },
  false,
)

/** A cluster in an AKS-managed network, where customers may have attached gateways and routes nevertheless. */
const managedNetwork = fc
  .tuple(networkChoice, fc.constantFrom<OutboundType>('loadBalancer', 'managedNATGateway', 'none', 'block'))
  .map(([choice, outboundType]) =>
    toSnapshot({ ...choice, outboundType, subnets: choice.subnets.slice(0, 1) }, true),
  )

/** A cluster in either kind of network. */
export const anyNetwork: fc.Arbitrary<Snapshot> = fc.oneof(
  { arbitrary: randomNetwork, weight: 3 },
  { arbitrary: managedNetwork, weight: 1 },
)

/** A cluster whose last change of the outbound type failed: it still shows the addresses of the former type. */
export const interruptedNetwork: fc.Arbitrary<Snapshot> = fc
  .tuple(anyNetwork, fc.constantFrom('loadBalancer', 'managedNATGateway'), fc.boolean())
  .map(([snapshot, former, isFailed]) => {
    const { cluster } = snapshot
    if (cluster.outboundType === former) return snapshot
    const left =
      former === 'loadBalancer'
        ? { loadBalancerProfile: aLoadBalancerProfile() }
        : { natGatewayProfile: aNatGatewayProfile() }
    const provisioningState = isFailed ? 'Failed' : 'Succeeded'
    return { ...snapshot, cluster: { ...cluster, ...left, provisioningState } }
  })

function toSnapshot(choice: NetworkChoice, isManaged: boolean): Snapshot {
  const vnet = isManaged ? MANAGED_VNET : VNET
  const ownGateway = isManaged && choice.outboundType === 'managedNATGateway' ? AKS_GATEWAY : null
  const subnets = choice.subnets
    .map((item, index) => toSubnet(item, index, vnet))
    .map((subnet) =>
      isManaged ? { ...subnet, pools: [], natGatewayId: subnet.natGatewayId ?? ownGateway } : subnet,
    )
  const pools = choice.subnets.flatMap((item, index) =>
    toPools(item, index, isManaged ? null : (subnets[index] as SubnetFacts).id),
  )
  const lbIds = choice.ownAddress
    ? [ip(GROUP, 'own-lb')]
    : [ip(NODE_GROUP, 'lb-ip'), ...(choice.isDualStack ? [ip(NODE_GROUP, 'lb-v6')] : [])]
  const isLb = choice.outboundType === 'loadBalancer'
  const balancer = aKubernetesBalancer()
  return aSnapshot({
    cluster: {
      outboundType: choice.outboundType,
      identityType: 'UserAssigned',
      ipFamilies: choice.isDualStack ? ['IPv4', 'IPv6'] : ['IPv4'],
      enablePrivateCluster: choice.enablePrivateCluster,
      authorizedIPRanges: choice.ranges,
      agentPools: pools,
      loadBalancerProfile: isLb
        ? aLoadBalancerProfile({
            managedOutboundIpCount: choice.ownAddress ? null : 1,
            managedOutboundIpv6Count: choice.isDualStack && !choice.ownAddress ? 1 : null,
            outboundIpIds: choice.ownAddress ? [ip(GROUP, 'own-lb')] : [],
            effectiveOutboundIpIds: lbIds,
          })
        : null,
      natGatewayProfile:
        choice.outboundType === 'managedNATGateway'
          ? aNatGatewayProfile({ effectiveOutboundIpIds: [ip(NODE_GROUP, 'nat-ip')] })
          : null,
    },
    subnets,
    virtualNetworks: [
      aVirtualNetwork({
        id: vnet,
        natGatewayId: choice.networkGateway === 'attribute' ? gateway('network') : null,
        peerings: peeringsOf(choice),
      }),
      ...(choice.isHubRead ? [hubOf(choice)] : []),
    ],
    routeTables: [
      ...(choice.firewallHop === null ? [] : [tableOfFirewall(choice.firewallHop)]),
      ...choice.subnets.flatMap((item, index) =>
        item.routes === null
          ? []
          : [
              {
                id: table(index),
                location: 'eastus',
                disableBgpRoutePropagation: choice.disableBgp,
                routes: item.routes,
                subnetIds: [(subnets[index] as SubnetFacts).id],
              },
            ],
      ),
    ],
    natGateways: [
      aNatGateway({ id: gateway('standard'), publicIpIds: [ip(GROUP, 'gateway-v4')] }),
      aNatGateway({
        id: gateway('v2'),
        sku: 'StandardV2',
        publicIpIds: [ip(GROUP, 'gateway-v2'), ip(GROUP, 'gateway-v6')],
      }),
      aNatGateway({
        id: gateway('network'),
        sku: 'StandardV2',
        publicIpIds: [ip(GROUP, 'network-v4')],
        sourceVirtualNetworkId: choice.networkGateway === 'source' ? vnet : null,
      }),
      aNatGateway({
        id: gateway('firewall'),
        publicIpIds: [ip(GROUP, 'firewall-nat')],
        subnetIds: isOnFirewallSubnet(choice) ? [FIREWALL_SUBNET] : [],
      }),
      aNatGateway({
        id: gateway('hub'),
        sku: 'StandardV2',
        publicIpIds: [ip(GROUP, 'hub-nat')],
        sourceVirtualNetworkId: ['source', 'both'].includes(choice.firewallNat ?? '') ? HUB : null,
      }),
      ...(ownGateway === null
        ? []
        : [aNatGateway({ id: ownGateway, publicIpIds: [ip(NODE_GROUP, 'nat-ip')] })]),
    ],
    firewalls: [
      aFirewall({
        id: `${GROUP}/${NETWORK}/azureFirewalls/fw`,
        privateAddresses: ['10.9.0.4'],
        publicIpIds: [ip(GROUP, 'firewall')],
        subnetIds: [FIREWALL_SUBNET],
        hasManagementInterface: choice.hasManagementInterface,
      }),
      aFirewall({
        id: `${GROUP}/${NETWORK}/azureFirewalls/hub`,
        privateAddresses: ['10.9.0.5'],
        hubPublicAddresses: ['20.1.0.8', '20.1.0.9'],
        virtualHubId: `${GROUP}/${NETWORK}/virtualHubs/hub`,
        subnetIds: [],
      }),
      ...(choice.twin === null
        ? []
        : [
            aFirewall({
              id: `${GROUP}/${NETWORK}/azureFirewalls/twin`,
              publicIpIds: [ip(GROUP, 'twin')],
              subnetIds: [`${choice.twin === 'own' ? vnet : TWIN}/subnets/AzureFirewallSubnet`],
            }),
          ]),
    ],
    publicIps: ADDRESSES,
    publicIpPrefixes: [NODE_PREFIX],
    loadBalancers: isLb ? [balancer] : [{ ...balancer, outboundRules: [] }],
    unread: choice.isHubRead
      ? []
      : [{ what: HUB, reason: 'denied', code: 'AuthorizationFailed', message: 'denied' }],
  })
}

function peeringsOf({ peering, virtualHub, usesRemoteGateways, twin }: NetworkChoice) {
  const useRemoteGateways = usesRemoteGateways
  const isWithTwin = twin === 'peered' || twin === 'disconnected'
  return [
    ...(peering === null
      ? []
      : [aPeering(HUB, { name: 'hub', useRemoteGateways, isConnected: peering === 'connected' })]),
    ...(virtualHub === null ? [] : [aPeering(networkOfHub(virtualHub), { name: 'virtual-hub' })]),
    ...(isWithTwin ? [aPeering(TWIN, { name: 'twin', isConnected: twin === 'peered' })] : []),
  ]
}

/** The route table of the firewall's subnet: a default route, or no route and no routes learned over BGP. */
function tableOfFirewall(hop: NonNullable<NetworkChoice['firewallHop']>) {
  if (hop === 'noPropagation')
    return { ...aRouteTable(FIREWALL_TABLE, null), disableBgpRoutePropagation: true }
  return aRouteTable(FIREWALL_TABLE, hop, hop === 'VirtualAppliance' ? '10.8.0.4' : null)
}

function isOnFirewallSubnet({ firewallNat }: NetworkChoice): boolean {
  return firewallNat === 'subnet' || firewallNat === 'both'
}

function hubOf(choice: NetworkChoice) {
  const natGatewayId = isOnFirewallSubnet(choice) ? gateway('firewall') : null
  return aVirtualNetwork({
    id: HUB,
    natGatewayId: choice.firewallNat === 'attribute' ? gateway('hub') : null,
    hasVirtualNetworkGateway: choice.hubHasGateway,
    subnets: [
      aSubnet({
        id: FIREWALL_SUBNET,
        pools: [],
        natGatewayId,
        routeTableId: choice.firewallHop === null ? null : FIREWALL_TABLE,
      }),
    ],
  })
}

function toSubnet(choice: SubnetChoice, index: number, vnet: string): SubnetFacts {
  return aSubnet({
    id: `${vnet}/subnets/nodes-${index}`,
    pools: poolNames(choice, index),
    addressPrefixes: [`10.1.${index}.0/24`],
    routeTableId: choice.routes === null ? null : table(index),
    natGatewayId: choice.natGateway === null ? null : gateway(choice.natGateway),
    defaultOutboundAccess: choice.defaultOutboundAccess,
  })
}

function poolNames({ nodePublicIps }: SubnetChoice, index: number): string[] {
  return nodePublicIps === 'some' ? [`pool${index}`, `public${index}`] : [`pool${index}`]
}

function toPools(choice: SubnetChoice, index: number, vnetSubnetId: string | null) {
  return poolNames(choice, index).map((name) => {
    const isPublic = name.startsWith('public') || ['prefix', 'unknown'].includes(choice.nodePublicIps)
    const isPrefix = isPublic && choice.nodePublicIps !== 'unknown'
    return aPool({
      name,
      vnetSubnetId,
      enableNodePublicIP: isPublic,
      nodePublicIpPrefixIds: isPrefix ? [NODE_PREFIX.id] : [],
    })
  })
}

const PRIVATE =
  /^(10|127)\.|^172\.(1[6-9]|2\d|3[01])\.|^192\.168\.|^169\.254\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./

/** Public destinations: random ones, and ones inside the prefixes that routes and tags name. */
export const destination: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
    .map((parts) => parts.join('.'))
    .filter((address) => !PRIVATE.test(address)),
  fc.constantFrom('20.40.7.9', '20.40.7.10', '20.40.1.1', '20.41.1.1', '20.60.1.7', '20.60.2.7', '20.45.0.1'),
  fc.constantFrom(
    '8.8.8.8',
    '198.51.100.7',
    '2603:1030::7',
    '2603:1030:7::1',
    '2603:1040::7',
    '2603:1060::7',
    '2603:1060:1::7',
    '2606:4700::1',
    '2a00::1',
  ),
)

/** An address of every class of destinations that the random routes can separate. */
export const EVERY_CLASS = [
  ...[
    '1.1.1.1',
    '100.1.1.1',
    '150.1.1.1',
    '200.1.1.1',
    '8.8.8.8',
    '198.51.100.7',
    '20.33.0.1',
    '20.50.0.1',
    '20.45.0.1',
    '20.41.1.1',
  ],
  ...['20.40.1.1', '20.40.7.9', '20.40.7.10', '20.60.1.7', '20.60.2.7'],
  ...['2603:1000::7', '2603:1030::7', '2603:1030:7::1', '2603:1040::7', '2603:1060::7', '2603:1060:1::7'],
  '2606:4700::1',
]

/** Addresses that the API server of a cluster in eastus may have. */
export const apiServerAddress = fc.constantFrom('20.40.1.1', '20.40.7.9', '20.40.7.10')
