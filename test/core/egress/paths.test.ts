import t from 'tap'
import { currentSide, egressAddressesOf, egressPaths } from '../../../src/core/egress/paths.ts'
import type { RouteFacts, SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGateway,
  aNatGatewayProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { GATEWAY, NETWORK_OF_USER, OWN_IP, TABLE } from '../../support/own-network.ts'

const VNET = `${NETWORK_OF_USER}/virtualNetworks/vnet`
const BALANCER = `${NODE_GROUP}/${NETWORK}/loadBalancers/kubernetes`
const LB_ID = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`
const LB_IPV6_ID = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ipv6`
const NAT_IPV6_ID = `${GROUP}/${NETWORK}/publicIPAddresses/nat-ipv6`
const NODE_PREFIX = `${GROUP}/${NETWORK}/publicIPPrefixes/nodes`
const LB = '20.1.0.1'
const LB_IPV6 = '2603:1030::1'
const NAT = '20.9.0.1'
const NAT_IPV6 = '2603:1030::9'
const FW = '20.3.0.1'
const DUAL = ['IPv4', 'IPv6']

const route = (addressPrefix: string, nextHopType: string, hop: string | null = null): RouteFacts => ({
  name: addressPrefix,
  addressPrefix,
  nextHopType,
  nextHopIpAddress: hop,
})
const toFirewall = (prefix: string, hop = '10.9.0.4') => route(prefix, 'VirtualAppliance', hop)

interface Given {
  routes?: RouteFacts[]
  cluster?: Partial<ClusterFacts>
  subnet?: Partial<SubnetFacts>
  more?: Parameters<typeof aByoSnapshot>[1]
}

/** A cluster in a customer's network with a firewall and a NAT gateway, which the subnet uses only if the test says so. */
function network({ routes, cluster, subnet, more }: Given): Snapshot {
  return aByoSnapshot(
    { routeTableId: routes === undefined ? null : TABLE, ...subnet },
    {
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...cluster },
      virtualNetworks: [aVirtualNetwork({ id: VNET })],
      routeTables: routes === undefined ? [] : [{ ...aRouteTable(TABLE, null), routes }],
      natGateways: [GATEWAY.gateway],
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP] })],
      publicIpPrefixes: [aPrefix({ id: NODE_PREFIX, prefix: '20.7.0.0/28' })],
      ...more,
      publicIps: [
        GATEWAY.publicIp,
        aPublicIp({ id: OWN_IP, address: FW }),
        aPublicIp({ id: LB_IPV6_ID, address: LB_IPV6, version: 'IPv6' }),
        aPublicIp({ id: NAT_IPV6_ID, address: NAT_IPV6, version: 'IPv6' }),
        ...(more?.publicIps ?? []),
      ],
    },
  )
}

/** One line for each path: destination, path, addresses, certainty; the family only for IPv6. */
function paths(snapshot: Snapshot): string[] {
  return egressPaths(currentSide(snapshot)).map(({ family, destination, path, addresses, certainty }) => {
    const sources = addresses.map(({ address }) => address ?? '?').join('+') || '-'
    return `${family === 'IPv6' ? 'v6 ' : ''}${destination}: ${path} ${sources} ${certainty}`
  })
}
const pathTo = (destination: string, snapshot: Snapshot) =>
  paths(snapshot)
    .find((line) => line.startsWith(`${destination}: `))
    ?.slice(destination.length + 2)

t.test('lists the internet paths of all subnets before the exceptions', async (t) => {
  const other = `${VNET}/subnets/other`
  const agentPools = [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'user', vnetSubnetId: other })]
  const snapshot = network({ cluster: { ipFamilies: DUAL, agentPools }, routes: [toFirewall('8.0.0.0/8')] })
  const subnets = [...snapshot.subnets, aSubnet({ id: other, pools: ['user'] })]
  const rows = egressPaths(currentSide({ ...snapshot, subnets }))
  t.strictSame(
    rows.map(({ subnetId, family, destination }) => `${subnetId.split('/').at(-1)} ${family} ${destination}`),
    [
      ...['nodes IPv4 internet', 'other IPv4 internet', 'nodes IPv6 internet', 'other IPv6 internet'],
      ...['nodes IPv4 8.0.0.0/8', 'nodes IPv4 apiServer', 'other IPv4 apiServer'],
    ],
  )
})

t.test(
  'has a path to the API server only if the API server has a public address for the nodes',
  async (t) => {
    const tables: [string, Given][] = [
      ['without a route table', {}],
      ['with a route table', { routes: [] }],
      ['with a route table that could not be read', { subnet: { routeTableId: `${TABLE}-unread` } }],
    ]
    for (const [name, given] of tables) {
      const isListed = (cluster: Partial<ClusterFacts>) =>
        paths(network({ ...given, cluster })).some((line) => line.includes('apiServer'))
      t.ok(isListed({}), name)
      t.notOk(isListed({ enablePrivateCluster: true }), `${name}, private`)
      t.notOk(isListed({ enableVnetIntegration: true }), `${name}, VNet Integration`)
      const v6 = paths(network({ ...given, cluster: { ipFamilies: DUAL } })).filter((line) =>
        /^v6 /.test(line),
      )
      t.match(v6, [/^v6 internet/], `${name}, IPv6`)
      t.equal(v6.length, 1, `${name}, the API server has no IPv6 address`)
    }
  },
)

t.test('combines the two halves of the internet only if they have the same egress path', async (t) => {
  const low = toFirewall('0.0.0.0/1')
  const halves = (...routes: RouteFacts[]) =>
    paths(network({ routes, cluster: { enablePrivateCluster: true } }))
  t.strictSame(halves(low, toFirewall('128.0.0.0/1')), [
    `internet: virtualAppliance ${FW} certain`,
    `0.0.0.0/1: virtualAppliance ${FW} certain`,
    `128.0.0.0/1: virtualAppliance ${FW} certain`,
  ])
  t.strictSame(halves(low), [
    `internet: mixed ${FW}+${LB} certain`,
    `0.0.0.0/1: virtualAppliance ${FW} certain`,
    `128.0.0.0/1: loadBalancer ${LB} certain`,
  ])
  t.equal(halves(low, toFirewall('128.0.0.0/1', '10.9.0.5'))[0], `internet: mixed ${FW}+? certain`)
  t.equal(
    halves(route('0.0.0.0/1', 'None'), route('128.0.0.0/1', 'Future'))[0],
    'internet: mixed 20.1.0.1+? unknown',
    'the most uncertain of them decides',
  )
  const unlike = (...routes: RouteFacts[]) => {
    const cluster = { outboundType: 'none', enablePrivateCluster: true }
    return paths(network({ routes, cluster }))[0]
  }
  t.equal(unlike(route('0.0.0.0/1', 'Future')), 'internet: mixed ? unknown', 'the same unknown address')
  t.equal(
    unlike(toFirewall('0.0.0.0/1', '10.9.0.7'), toFirewall('128.0.0.0/1', '10.9.0.8')),
    'internet: mixed ? certain',
    'two unknown appliances',
  )
  const learned = network({
    routes: [route('0.0.0.0/1', 'Future')],
    subnet: { natGatewayId: GATEWAY.id },
    cluster: { outboundType: 'userDefinedRouting', enablePrivateCluster: true },
  })
  t.equal(paths(learned)[0], `internet: unknown ${NAT}+? unknown`, 'unknown paths with the same addresses')
})

t.test('routes the API server by its service tag, and else by what may contain its address', async (t) => {
  const api = (location: string, ...routes: RouteFacts[]) =>
    pathTo('apiServer', network({ routes, cluster: { location } }))
  const viaFirewall = `virtualAppliance ${FW} certain`
  const direct = `loadBalancer ${LB} certain`
  const open = `mixed ${LB}+${FW} possible`
  t.equal(api('eastus'), direct)
  t.equal(api('eastus', toFirewall('0.0.0.0/0'), toFirewall('20.0.0.0/8')), viaFirewall, 'all the same way')
  t.equal(api('eastus', toFirewall('8.0.0.0/8')), open, 'without a tag, any public prefix may contain it')
  const tag = route('AzureCloud', 'Internet')
  t.equal(api('eastus', tag, toFirewall('20.0.0.0/9')), direct, 'shorter than the prefixes of a tag')
  t.equal(api('eastus', tag, toFirewall('20.0.0.0/10')), open, 'may be longer than the prefixes of a tag')
  t.equal(api('eastus', tag, toFirewall('20.40.7.9/32')), open)
  for (const known of [FW, LB])
    t.equal(api('eastus', tag, toFirewall(`${known}/32`)), direct, `${known} belongs to another resource`)
  t.equal(api('eastus', tag, toFirewall(`${FW}/31`)), open, 'more than the known address')
  t.equal(api('eastus', toFirewall('AzureCloud.eastus'), tag), viaFirewall, 'the regional tag')
  t.equal(api('eastus', tag, toFirewall('AzureCloud.eastus')), viaFirewall, 'in any order')
  t.equal(api('eastus', tag, toFirewall('AzureCloud.westus')), direct, 'the tag of another region')
})

t.test('does not take the public address of a hub firewall for the API server', async (t) => {
  const firewall = aFirewall({
    id: `${FIREWALL}-hub`,
    privateAddresses: ['10.9.0.9'],
    hubPublicAddresses: ['20.4.0.1'],
  })
  const unallocated = aPublicIp({ id: `${OWN_IP}-new`, address: null })
  const snapshot = network({
    routes: [route('AzureCloud', 'Internet'), route('20.4.0.1/32', 'None')],
    more: { firewalls: [firewall], publicIps: [unallocated] },
  })
  t.equal(pathTo('apiServer', snapshot), `loadBalancer ${LB} certain`)
})

t.test('knows the regions whose service tag has another name', async (t) => {
  const regions = {
    brazilsoutheast: 'brazilse',
    francecentral: 'centralfrance',
    francesouth: 'southfrance',
    germanynorth: 'germanyn',
    germanywestcentral: 'germanywc',
    norwayeast: 'norwaye',
    norwaywest: 'norwayw',
    switzerlandnorth: 'switzerlandn',
    switzerlandwest: 'switzerlandw',
  }
  for (const [location, name] of Object.entries(regions))
    for (const tag of [name, location, 'elsewhere']) {
      const snapshot = network({ routes: [toFirewall(`AzureCloud.${tag}`)], cluster: { location } })
      const expected = tag === 'elsewhere' ? 'loadBalancer' : 'virtualAppliance'
      t.match(pathTo('apiServer', snapshot), expected, `${location}: AzureCloud.${tag}`)
    }
})

t.test('is not certain that a service tag contains IPv6 prefixes', async (t) => {
  const snapshot = network({ routes: [route('Storage', 'None')], cluster: { ipFamilies: DUAL } })
  t.equal(pathTo('Storage', snapshot), 'none - certain')
  t.equal(pathTo('v6 Storage', snapshot), 'none - possible')
})

t.test('has no path for prefixes of the virtual network itself', async (t) => {
  const given = { routes: [toFirewall('20.200.1.0/24')] }
  const inside = aVirtualNetwork({ id: VNET, addressPrefixes: ['20.200.0.0/16'] })
  const row = `20.200.1.0/24: virtualAppliance ${FW} certain`
  t.ok(paths(network(given)).includes(row))
  t.notOk(paths(network({ ...given, more: { virtualNetworks: [inside] } })).includes(row))
  t.ok(paths(network({ ...given, more: { virtualNetworks: [] } })).includes(row), 'not read')
})

t.test(
  'has an unknown path with the addresses that may be in use if the route table could not be read, unless the cluster blocks egress',
  async (t) => {
    const subnet = { routeTableId: TABLE }
    const unread = network({ subnet, cluster: { ipFamilies: DUAL } })
    t.strictSame(paths(unread), [
      `internet: unknown ${LB}+? unknown`,
      'v6 internet: unknown ? unknown',
      `apiServer: unknown ${LB}+? unknown`,
    ])
    const blocked = network({ subnet, cluster: { outboundType: 'block' } })
    t.strictSame(paths(blocked), ['internet: none - certain', 'apiServer: none - certain'])
  },
)

t.test('presumes the declared type while no subnet is visible', async (t) => {
  const hidden = (cluster: Partial<ClusterFacts>) => {
    const ipv6 = aPublicIp({ id: LB_IPV6_ID, address: LB_IPV6, version: 'IPv6' })
    return paths(aSnapshot({ cluster: { enablePrivateCluster: true, ...cluster }, publicIps: [ipv6] }))
  }
  t.strictSame(hidden({}), [`internet: loadBalancer ${LB} possible`])
  t.strictSame(hidden({ ipFamilies: DUAL }), [`internet: loadBalancer ${LB} possible`])
  const both = aLoadBalancerProfile({ effectiveOutboundIpIds: [LB_ID, LB_IPV6_ID] })
  const bothPaths = [`internet: loadBalancer ${LB} possible`, `v6 internet: loadBalancer ${LB_IPV6} possible`]
  t.strictSame(hidden({ ipFamilies: DUAL, loadBalancerProfile: both }), bothPaths)
  t.strictSame(hidden({ loadBalancerProfile: both }), bothPaths, 'an IPv6 address shows the family')
  t.strictSame(hidden({ outboundType: 'userDefinedRouting' }), ['internet: unknown ? unknown'])
  t.strictSame(hidden({ outboundType: 'userAssignedNATGateway' }), ['internet: natGateway ? possible'])
  for (const outboundType of ['none', 'block'])
    t.strictSame(hidden({ outboundType }), ['internet: none - possible'], outboundType)
  t.strictSame(hidden({ outboundType: 'future' }), ['internet: unknown ? unknown'])
  t.equal(egressPaths(currentSide(aSnapshot()))[0]?.subnetId, '', 'no subnet to name')
  t.strictSame(hidden({ enablePrivateCluster: false })[1], `apiServer: loadBalancer ${LB} possible`)
})

t.test('does not know the addresses of a profile that is not there or names none', async (t) => {
  const unshown = (cluster: Partial<ClusterFacts>) => pathTo('internet', network({ cluster }))
  t.equal(unshown({ loadBalancerProfile: null }), 'loadBalancer ? certain')
  const loadBalancerProfile = aLoadBalancerProfile({ effectiveOutboundIpIds: [] })
  t.equal(unshown({ loadBalancerProfile }), 'loadBalancer ? certain')
  t.equal(unshown({ outboundType: 'managedNATGateway' }), 'natGateway ? certain')
  t.match(egressAddressesOf(network({ cluster: { loadBalancerProfile: null } })), [{ resourceId: null }])
})

t.test('keeps the declared addresses beside the unknown ones if a subnet could not be read', async (t) => {
  const agentPools = [
    aPool({ vnetSubnetId: SUBNET }),
    aPool({ name: 'user', vnetSubnetId: `${VNET}/subnets/gone` }),
  ]
  const cluster = { agentPools, enablePrivateCluster: true, ipFamilies: DUAL }
  t.strictSame(paths(network({ cluster })), [
    `internet: loadBalancer ${LB} certain`,
    'v6 internet: none - possible',
    `internet: unknown ${LB}+? unknown`,
    'v6 internet: unknown ? unknown',
  ])
})

t.test('uses IPv6 addresses of a NAT gateway only where the gateway can carry IPv6', async (t) => {
  const cluster = { ipFamilies: DUAL, outboundType: 'userAssignedNATGateway' }
  const gated = (sku: string, publicIpIds: string[]) => {
    const gateway = aNatGateway({ ...GATEWAY.gateway, sku, publicIpIds })
    return pathTo(
      'v6 internet',
      network({ cluster, subnet: { natGatewayId: GATEWAY.id }, more: { natGateways: [gateway] } }),
    )
  }
  t.equal(gated('StandardV2', [NAT_IPV6_ID, OWN_IP]), `natGateway ${NAT_IPV6} certain`)
  t.equal(gated('Standard', [NAT_IPV6_ID]), 'none - possible')
  t.equal(gated('StandardV2', [OWN_IP]), 'none - possible')
  const unread = network({ cluster, subnet: { natGatewayId: `${GATEWAY.id}-unread` } })
  t.equal(pathTo('v6 internet', unread), 'unknown ? unknown')
})

t.test('gives a managed NAT gateway IPv6 only if its profile has IPv6 addresses', async (t) => {
  const managed = (...effectiveOutboundIpIds: string[]) => {
    const natGatewayProfile = aNatGatewayProfile({ effectiveOutboundIpIds })
    const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, ipFamilies: DUAL }
    return pathTo('v6 internet', network({ cluster }))
  }
  t.equal(managed(LB_ID, LB_IPV6_ID), `natGateway ${LB_IPV6} certain`)
  t.equal(managed(LB_ID), 'none - possible')
})

t.test('sees an IPv6 outbound rule that remains on the load balancer', async (t) => {
  const balancer = aKubernetesBalancer()
  const frontend = (name: string, publicIpId: string | null, publicIpPrefixId: string | null = null) => ({
    name,
    id: `${BALANCER}/frontendIPConfigurations/${name}`,
    publicIpId,
    publicIpPrefixId,
    privateAddress: null,
  })
  const prefix = aPrefix({ id: `${NODE_PREFIX}-v6`, prefix: '2603:1030:1::/124', version: 'IPv6' })
  const frontends = [
    frontend('v4', LB_ID),
    frontend('v6', LB_IPV6_ID),
    frontend('prefix', null, prefix.id),
    frontend('inbound', NAT_IPV6_ID),
    frontend('private', null),
  ]
  const rule = (...names: string[]) => ({
    name: 'aksOutboundRule',
    frontendIds: names.map((name) => `${BALANCER}/frontendIPConfigurations/${name}`.toUpperCase()),
    allocatedOutboundPorts: 0,
    idleTimeoutInMinutes: 30,
  })
  const withRule = (...names: string[]) =>
    network({
      cluster: { outboundType: 'userDefinedRouting', ipFamilies: DUAL },
      routes: [toFirewall('0.0.0.0/0')],
      more: {
        loadBalancers: [{ ...balancer, frontends, outboundRules: [rule(...names)] }],
        publicIpPrefixes: [prefix],
      },
    })
  t.equal(pathTo('v6 internet', withRule('v4', 'v6')), `loadBalancer ${LB_IPV6} certain`)
  t.equal(pathTo('v6 internet', withRule('prefix', 'private')), 'loadBalancer 2603:1030:1::/124 certain')
  t.equal(pathTo('v6 internet', withRule('v4')), 'none - possible')
  const none = network({ cluster: { outboundType: 'none', ipFamilies: DUAL }, more: { loadBalancers: [] } })
  t.equal(pathTo('v6 internet', none), 'none - possible', 'without a load balancer')
})

t.test('adds the public IPs of nodes where no gateway or appliance takes precedence', async (t) => {
  const system = aPool({
    vnetSubnetId: SUBNET,
    enableNodePublicIP: true,
    nodePublicIpPrefixIds: [NODE_PREFIX],
  })
  const closed = aPool({ name: 'user', vnetSubnetId: SUBNET })
  const subnet = { pools: ['system', 'user'] }
  const nodes = (agentPools: Parameters<typeof aPool>[0][], given: Given = {}) =>
    paths(
      network({
        ...given,
        subnet: { ...subnet, ...given.subnet },
        cluster: { agentPools: agentPools.map(aPool), enablePrivateCluster: true, ...given.cluster },
      }),
    )[0]
  t.equal(nodes([system]), 'internet: instancePublicIp 20.7.0.0/28 certain')
  t.equal(nodes([system, closed]), `internet: loadBalancer ${LB}+20.7.0.0/28 certain`)
  t.equal(nodes([{ ...system, nodePublicIpPrefixIds: [] }]), 'internet: instancePublicIp ? certain')
  t.equal(nodes([]), `internet: loadBalancer ${LB} certain`, 'no pool')
  t.equal(nodes([system], { subnet: { pools: [] } }), 'internet: instancePublicIp 20.7.0.0/28 certain')
  t.equal(nodes([system], { subnet: { natGatewayId: GATEWAY.id } }), `internet: natGateway ${NAT} certain`)
  t.equal(nodes([system], { routes: [toFirewall('0.0.0.0/0')] }), `internet: virtualAppliance ${FW} certain`)
  t.equal(nodes([system], { cluster: { outboundType: 'block' } }), 'internet: none - certain')
  const natGatewayProfile = aNatGatewayProfile({ effectiveOutboundIpIds: [LB_ID] })
  const managed = { outboundType: 'managedNATGateway', natGatewayProfile }
  t.equal(nodes([system], { cluster: managed }), `internet: natGateway ${LB} certain`)
})

t.test('counts what would carry the packets beside the unknown addresses of a learned route', async (t) => {
  const system = aPool({
    vnetSubnetId: SUBNET,
    enableNodePublicIP: true,
    nodePublicIpPrefixIds: [NODE_PREFIX],
  })
  const user = aPool({ name: 'user', vnetSubnetId: SUBNET })
  const learning = (given: Given) =>
    paths(
      network({
        routes: [],
        ...given,
        subnet: { pools: ['system', 'user'], ...given.subnet },
        cluster: { outboundType: 'userDefinedRouting', enablePrivateCluster: true, ...given.cluster },
      }),
    )
  t.strictSame(learning({}), ['internet: unknown ? unknown'])
  t.strictSame(learning({ subnet: { natGatewayId: GATEWAY.id } }), [`internet: unknown ${NAT}+? unknown`])
  const open = { agentPools: [system], outboundType: 'userDefinedRouting' }
  t.strictSame(learning({ cluster: open }), ['internet: unknown 20.7.0.0/28+? unknown'])
  t.strictSame(learning({ cluster: { agentPools: [system, user] } }), [
    'internet: unknown ?+20.7.0.0/28 unknown',
  ])
  t.strictSame(
    learning({ cluster: open, subnet: { natGatewayId: GATEWAY.id } }),
    [`internet: unknown ${NAT}+? unknown`],
    'a NAT gateway takes precedence over the public IPs of nodes',
  )
  t.strictSame(learning({ cluster: { ...open, ipFamilies: DUAL } })[1], 'v6 internet: unknown ? unknown')
  t.strictSame(learning({ cluster: { outboundType: 'none' } }), ['internet: defaultOutbound ? possible'])
  t.strictSame(
    learning({ cluster: open, routes: [route('0.0.0.0/0', 'Internet')] }),
    ['internet: instancePublicIp 20.7.0.0/28 certain'],
    'a route of the table overrides a learned one',
  )
})

t.test('is not certain of default outbound access, or that egress is missing without a route', async (t) => {
  const none = (given: Given) => {
    const cluster = { outboundType: 'none', enablePrivateCluster: true }
    return paths(network({ ...given, cluster }))[0]
  }
  t.equal(none({}), 'internet: defaultOutbound ? possible')
  t.equal(none({ subnet: { defaultOutboundAccess: false } }), 'internet: none - possible')
  const direct = [route('0.0.0.0/0', 'Internet')]
  t.equal(none({ routes: direct, subnet: { defaultOutboundAccess: false } }), 'internet: none - possible')
  t.equal(none({ routes: [route('0.0.0.0/0', 'None')] }), 'internet: none - certain')
  t.equal(none({ routes: [route('0.0.0.0/0', 'VnetLocal')] }), 'internet: none - certain')
  t.equal(none({ routes: [route('0.0.0.0/0', 'Future')] }), 'internet: unknown ? unknown')
})

t.test('names what carries the packets of a path', async (t) => {
  const viaOf = (given: Given) => egressPaths(currentSide(network(given)))[0]?.via
  const at = (nextHopType: string, hop: string | null = null) => ({
    routes: [route('0.0.0.0/0', nextHopType, hop)],
  })
  t.equal(viaOf({}), BALANCER)
  t.equal(viaOf({ more: { loadBalancers: [] } }), null)
  t.equal(viaOf({ subnet: { natGatewayId: GATEWAY.id } }), GATEWAY.id)
  t.equal(viaOf(at('VirtualAppliance', '10.9.0.4')), '10.9.0.4')
  t.equal(viaOf(at('VirtualAppliance')), TABLE, 'the table, if the route names no address')
  const virtualNetworks = [aVirtualNetwork({ id: VNET, hasVirtualNetworkGateway: true })]
  t.equal(viaOf({ ...at('VirtualNetworkGateway'), more: { virtualNetworks } }), TABLE)
  t.equal(viaOf(at('VirtualNetworkGateway')), null, 'no gateway carries the packets')
  t.equal(viaOf(at('None')), null)
})

t.test('takes the addresses of every appliance on a route, which may have IPv6 addresses', async (t) => {
  const hub = aFirewall({
    id: `${FIREWALL}-hub`,
    privateAddresses: ['10.9.0.9'],
    hubPublicAddresses: ['20.4.0.1', '2603:1030::4'],
  })
  const more = { firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP] }), hub] }
  const ecmp = (prefix: string, ...hops: string[]) => ({
    ...route(prefix, 'VirtualApplianceEcmp'),
    nextHopIpAddresses: hops,
  })
  const through = (...routes: RouteFacts[]) =>
    network({ routes, more, cluster: { enablePrivateCluster: true, ipFamilies: DUAL } })
  const both = through(ecmp('0.0.0.0/0', '10.9.0.4', '10.9.0.9'), ecmp('::/0', '10.9.0.9'))
  t.equal(pathTo('internet', both), `virtualAppliance ${FW}+20.4.0.1 certain`)
  t.equal(pathTo('v6 internet', both), 'virtualAppliance 2603:1030::4 certain')
  t.equal(pathTo('internet', through(route('0.0.0.0/0', 'VirtualAppliance'))), 'virtualAppliance ? certain')
  t.strictSame(egressAddressesOf(through(toFirewall('0.0.0.0/0', '10.9.0.9'), route('::/0', 'None'))), [
    { address: '20.4.0.1', family: 'IPv4', resourceId: null, ownedBy: 'user' },
  ])
  const subnetIds = [`${VNET}/subnets/AzureFirewallSubnet`]
  const gateway = aNatGateway({ ...GATEWAY.gateway, subnetIds })
  const behind = { firewalls: [{ ...hub, subnetIds }], natGateways: [gateway] }
  const routes = [toFirewall('0.0.0.0/0', '10.9.0.9'), toFirewall('::/0', '10.9.0.9')]
  const translated = network({ routes, more: behind, cluster: { ipFamilies: DUAL } })
  t.equal(pathTo('internet', translated), `virtualAppliance ${NAT} certain`)
  t.equal(pathTo('v6 internet', translated), 'virtualAppliance 2603:1030::4 certain', 'NAT of IPv4 only')
  t.strictSame(
    egressAddressesOf(through(toFirewall('0.0.0.0/0', '10.9.0.7'), toFirewall('::/0', '10.9.0.9'))),
    [
      { address: null, family: 'IPv4', resourceId: null, ownedBy: 'unknown' },
      { address: '2603:1030::4', family: 'IPv6', resourceId: null, ownedBy: 'user' },
    ],
    'the owner of an unknown address is unknown',
  )
})
