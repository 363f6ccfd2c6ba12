import t from 'tap'
import { isNetworkUnread } from '../../../src/core/egress/destinations.ts'
import { poolsByNodeIp, usesNodePublicIps } from '../../../src/core/egress/effective-path.ts'
import { currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import {
  hasPendingAttachment,
  projectedSide,
  releasedUnused,
} from '../../../src/core/egress/projected-egress.ts'
import {
  defaultRouteOf,
  mayLearnDefaultRoute,
  routesToAppliance,
} from '../../../src/core/egress/subnet-attachments.ts'
import { type EgressSide, wayBy } from '../../../src/core/egress/ways.ts'
import type { RouteFacts, SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { completeTarget } from '../../../src/core/target/complete-target.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
  aVirtualNetwork,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { onGateway, TABLE } from '../../support/own-network.ts'

/** What the attachments of one subnet mean, with routes for parts of the internet. */

const route = (addressPrefix: string, nextHopType: string): RouteFacts => ({
  name: addressPrefix.replace('/', '-'),
  addressPrefix,
  nextHopType,
  nextHopIpAddress: nextHopType === 'VirtualAppliance' ? '10.9.0.4' : null,
})
const FIREWALL = 'VirtualAppliance'

function withRoutes(routes: RouteFacts[], given: Parameters<typeof aByoSnapshot>[1] = {}): Snapshot {
  const table = {
    id: TABLE,
    location: 'eastus',
    disableBgpRoutePropagation: false,
    routes,
    subnetIds: [SUBNET],
  }
  return aByoSnapshot({ routeTableId: TABLE }, { routeTables: [table], ...given })
}
const subnetOf = ({ subnets }: Snapshot) => subnets[0] as SubnetFacts

t.test('names the pools whose nodes reach the API server from their own public IPs', async (t) => {
  const pools = [
    aPool({ name: 'plain', vnetSubnetId: SUBNET }),
    aPool({ name: 'public', vnetSubnetId: SUBNET, enableNodePublicIP: true }),
  ]
  const namesIn = (snapshot: Snapshot, outboundType = 'loadBalancer') => {
    const profile = outboundType === 'loadBalancer' ? {} : { loadBalancerProfile: null }
    const cluster = { ...snapshot.cluster, agentPools: pools, outboundType, ...profile }
    const subnets = snapshot.subnets.map((subnet) => ({ ...subnet, pools: ['plain', 'public'] }))
    return [...poolsByNodeIp(currentSide({ ...snapshot, cluster, subnets }))]
  }
  t.strictSame(namesIn(aByoSnapshot()), ['public'])
  t.strictSame(namesIn(withRoutes([route('0.0.0.0/0', FIREWALL)])), [])
  const bypass = [route('0.0.0.0/0', FIREWALL), route('AzureCloud.eastus', 'Internet')]
  t.strictSame(namesIn(withRoutes(bypass)), ['public'], 'the route to the API server decides')
  t.strictSame(namesIn(withRoutes([route('AzureCloud.eastus', FIREWALL)])), [])
  const ambiguous = withRoutes([...bypass, route('20.40.7.0/24', FIREWALL)])
  t.strictSame(namesIn(ambiguous), ['public'], 'one of the routes to the API server is enough')
  t.strictSame(namesIn(aByoSnapshot(...onGateway)), [], 'a NAT gateway takes precedence')
  const unread = { ...aByoSnapshot({ routeTableId: TABLE }), routeTables: {} }
  t.strictSame(namesIn(unread), ['public'], 'a route may keep the path')
  const hidden = (outboundType: string) => namesIn(aSnapshot(), outboundType)
  t.strictSame(hidden('loadBalancer'), ['public'])
  t.strictSame(hidden('managedNATGateway'), [])
  t.strictSame(hidden('block'), [])
  const isPrivate = withRoutes([], { cluster: { enablePrivateCluster: true } })
  t.strictSame(namesIn(isPrivate), [], 'no public API server')
})

t.test('reads what a route for each half of the internet means', async (t) => {
  const halves = (low: string, high: string) =>
    withRoutes([route('0.0.0.0/1', low), route('128.0.0.0/1', high)])
  const target = completeTarget({ outboundType: 'userAssignedNATGateway' }, aByoSnapshot().cluster)
  const rows: [low: string, high: string, isRouted: boolean, lacksGateway: boolean, usesNodeIps: boolean][] =
    [
      [FIREWALL, FIREWALL, true, false, false],
      [FIREWALL, 'VirtualNetworkGateway', true, false, false],
      [FIREWALL, 'Internet', false, true, false],
      ['Internet', 'Internet', false, true, true],
    ]
  for (const [low, high, isRouted, lacksGateway, usesNodeIps] of rows) {
    const snapshot = halves(low, high)
    const name = `${low}, ${high}`
    t.equal(routesToAppliance(subnetOf(snapshot), snapshot), isRouted, name)
    t.equal(hasPendingAttachment(subnetOf(snapshot), snapshot, target), lacksGateway, name)
    t.equal(usesNodePublicIps(subnetOf(snapshot), snapshot, 'loadBalancer'), usesNodeIps, name)
  }
  const one = withRoutes([route('0.0.0.0/1', FIREWALL)])
  t.notOk(routesToAppliance(subnetOf(one), one), 'the other half has no route')
  t.notOk(routesToAppliance(subnetOf(aByoSnapshot()), aByoSnapshot()), 'no table')
})

t.test('distinguishes a missing default route from an unread, learned, or unknown route', async (t) => {
  const plain = withRoutes([])
  t.equal(defaultRouteOf(subnetOf(plain), plain), null)
  t.equal(defaultRouteOf(subnetOf(plain), { ...plain, routeTables: {} }), 'unread')
  const enablePrivateCluster = true
  const learning = (routes: RouteFacts[], isPrivate = true) => {
    const snapshot = withRoutes(routes, isPrivate ? { cluster: { enablePrivateCluster } } : {})
    return mayLearnDefaultRoute(subnetOf(snapshot), snapshot)
  }
  t.ok(learning([]))
  t.notOk(learning([route('0.0.0.0/0', 'Internet')]), 'the table has a default route')
  t.notOk(learning([], false))
  const bare = aByoSnapshot({}, { cluster: { enablePrivateCluster } })
  t.notOk(mayLearnDefaultRoute(subnetOf(bare), bare), 'no table')
  const strange = withRoutes([route('0.0.0.0/0', 'Elsewhere')])
  const target = completeTarget({ outboundType: 'userDefinedRouting' }, strange.cluster)
  t.notOk(hasPendingAttachment(subnetOf(strange), strange, target), 'the route may have the right next hop')
  t.ok(hasPendingAttachment(subnetOf(plain), plain, target))
  const vnet = SUBNET.replace(/\/subnets\/.*/, '')
  const failed = (what: string) => ({
    what,
    reason: 'denied' as const,
    code: 'AuthorizationFailed',
    message: '',
  })
  t.ok(isNetworkUnread(subnetOf(plain), { ...plain, unread: [failed(vnet.toUpperCase())] }))
  t.notOk(isNetworkUnread(subnetOf(plain), { ...plain, unread: [failed(`${vnet}-other`)] }))
  const virtualNetworks = { [vnet.toLowerCase()]: aVirtualNetwork({ id: vnet }) }
  t.notOk(
    isNetworkUnread(subnetOf(plain), { ...plain, virtualNetworks, unread: [failed(vnet)] }),
    'read later',
  )
})

t.test('while a change is interrupted, a path has the addresses of both types', async (t) => {
  const v6 = aPublicIp({
    id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/v6`,
    address: '2603::1',
    version: 'IPv6',
  })
  const nat = aPublicIp({ id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/nat-ip`, address: '20.2.0.1' })
  const balancer = aLoadBalancerProfile({ managedOutboundIpv6Count: 1 })
  const both = {
    loadBalancerProfile: {
      ...balancer,
      effectiveOutboundIpIds: [...balancer.effectiveOutboundIpIds, v6.id],
    },
    natGatewayProfile: aNatGatewayProfile(),
    ipFamilies: ['IPv4', 'IPv6'],
  }
  const internetOf = (outboundType: string) => {
    const snapshot = aByoSnapshot(
      { defaultOutboundAccess: false },
      { cluster: { ...both, outboundType }, publicIps: [v6, nat] },
    )
    return egressPaths(currentSide(snapshot))
      .filter(({ destination }) => destination === 'internet')
      .map(({ path, addresses, certainty, alternative }) => [
        path,
        addresses.map(({ address }) => address),
        certainty,
        alternative,
      ])
  }
  t.strictSame(internetOf('loadBalancer'), [
    ['loadBalancer', ['20.1.0.1', '20.2.0.1'], 'possible', 'path'],
    ['loadBalancer', ['2603::1'], 'possible', 'none'],
  ])
  t.strictSame(internetOf('managedNATGateway'), [
    ['natGateway', ['20.2.0.1', '20.1.0.1'], 'possible', 'path'],
    ['loadBalancer', ['2603::1'], 'possible', 'none'],
  ])
  t.strictSame(internetOf('none'), [
    ['loadBalancer', ['20.1.0.1'], 'possible', 'none'],
    ['loadBalancer', ['2603::1'], 'possible', 'none'],
  ])
})

t.test('marks a path as possible only if something can override it', async (t) => {
  const side = (snapshot: Snapshot, isAttaching = false): EgressSide => ({
    snapshot,
    declared: isAttaching ? 'managedNATGateway' : 'loadBalancer',
    subnets: snapshot.subnets,
    profile: isAttaching ? [] : null,
    ...(isAttaching ? { attachesGateway: true } : {}),
  })
  const certaintyOf = (of: EgressSide, route: RouteFacts | null = null) =>
    wayBy(route, of.subnets[0] as SubnetFacts, 'IPv4', of).certainty
  const vnet = SUBNET.replace(/\/subnets\/.*/, '')
  const unread = [{ what: vnet, reason: 'denied' as const, code: 'AuthorizationFailed', message: '' }]
  const open = { ...aByoSnapshot(), unread }
  t.equal(certaintyOf(side(aByoSnapshot())), 'certain')
  t.equal(certaintyOf(side(open)), 'possible', 'the virtual network may have a gateway')
  t.equal(certaintyOf(side(open), route('0.0.0.0/0', FIREWALL)), 'certain')
  const attached = side(aByoSnapshot(...onGateway), true)
  t.equal(certaintyOf(attached), 'possible', 'Azure does not define which gateway stays')
  t.equal(certaintyOf(attached, route('0.0.0.0/0', FIREWALL)), 'certain', 'both gateways are overridden')
  t.equal(
    wayBy(null, attached.subnets[0] as SubnetFacts, 'IPv6', attached).path,
    'none',
    'neither gateway has IPv6 addresses',
  )
})

t.test('lacks no attachment where adding it moves nothing', async (t) => {
  const isPending = (snapshot: Snapshot, outboundType: 'userAssignedNATGateway' | 'userDefinedRouting') =>
    hasPendingAttachment(subnetOf(snapshot), snapshot, completeTarget({ outboundType }, snapshot.cluster))
  t.ok(isPending(aByoSnapshot(), 'userAssignedNATGateway'))
  t.notOk(isPending(aByoSnapshot({}, { cluster: { outboundType: 'block' } }), 'userAssignedNATGateway'))
  const isPrivate = withRoutes([], { cluster: { enablePrivateCluster: true } })
  t.notOk(isPending(isPrivate, 'userDefinedRouting'), 'the route may be learned')
  const halves = withRoutes([route('0.0.0.0/1', 'Internet'), route('128.0.0.0/1', 'Internet')])
  t.notOk(isPending(halves, 'userDefinedRouting'), 'longer prefixes override a default route')
})

t.test('a change of parameters attaches no gateway, and a former type releases its addresses', async (t) => {
  const nat = aPublicIp({ id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/nat-ip`, address: '20.2.0.1' })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile: aNatGatewayProfile() }
  const attaches = (snapshot: Snapshot) =>
    projectedSide(snapshot, completeTarget({ outboundType: 'managedNATGateway' }, snapshot.cluster))
      .attachesGateway
  t.equal(
    attaches(aSnapshot({ cluster: { ...cluster, loadBalancerProfile: null }, publicIps: [nat] })),
    false,
  )
  t.equal(attaches(aSnapshot()), true)
  const left = aByoSnapshot(onGateway[0], {
    ...onGateway[1],
    cluster: { outboundType: 'userDefinedRouting', loadBalancerProfile: aLoadBalancerProfile() },
  })
  const side: EgressSide = {
    snapshot: left,
    declared: 'userDefinedRouting',
    subnets: left.subnets,
    profile: null,
  }
  const released = (former: 'loadBalancer' | null) =>
    releasedUnused(side, { ...side, profile: [] }, former).map(({ address }) => address)
  t.strictSame(released('loadBalancer'), ['20.1.0.1'])
  t.strictSame(released(null), [])
})
