import t from 'tap'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../../src/contract/target.ts'
import { declaredProfile, resolveAddress } from '../../../src/core/egress/addresses.ts'
import {
  combinedPath,
  effectivePathOf,
  effectivePathOfSubnets,
  usesNodePublicIps,
} from '../../../src/core/egress/effective-path.ts'
import { bgpSignOf } from '../../../src/core/egress/learned-routes.ts'
import { currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import {
  hasPendingAttachment,
  projectedAddresses,
  projectedSide,
  releasedUnused,
} from '../../../src/core/egress/projected-egress.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
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
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { GATEWAY, OWN_IP, onGateway, onTable, TABLE } from '../../support/own-network.ts'

const aksIp = (name: string) => `${NODE_GROUP}/${NETWORK}/publicIPAddresses/${name}`
const IPS = [
  aPublicIp({ id: aksIp('two'), address: '20.1.0.2' }),
  aPublicIp({ id: aksIp('v6'), address: '2603:1030::1', version: 'IPv6' }),
  aPublicIp({ id: OWN_IP, address: '20.3.0.1' }),
]
const PRESENT = [aksIp('lb-ip'), aksIp('two'), aksIp('v6')]

function onBalancer(effectiveOutboundIpIds = PRESENT, cluster: Partial<ClusterFacts> = {}): Snapshot {
  const loadBalancerProfile = aLoadBalancerProfile({ effectiveOutboundIpIds })
  return aSnapshot({ cluster: { loadBalancerProfile, ...cluster }, publicIps: IPS })
}

const PROFILE = {
  managedOutboundIpCount: null,
  managedOutboundIpv6Count: null,
  outboundIpIds: [],
  outboundIpPrefixIds: [],
  idleTimeoutInMinutes: 4,
}
const toBalancer = (profile: Partial<LoadBalancerTarget>): Target => ({
  outboundType: 'loadBalancer',
  loadBalancer: { ...PROFILE, allocatedOutboundPorts: 0, ...profile },
})
const toManaged = (profile: Partial<NatGatewayTarget>): Target => ({
  outboundType: 'managedNATGateway',
  natGateway: { ...PROFILE, sku: 'Standard', ...profile },
})
const toOther = (outboundType: Target['outboundType']) => ({ outboundType }) as Target

/** One word for each address of the target's profile: `20.1.0.1`, `20.1.0.1?` if AKS may release it, `v6+2` for new ones. */
function profileAfter(snapshot: Snapshot, target: Target) {
  return projectedSide(snapshot, target).profile?.map(({ address, family, created, isUndecided }) => {
    if (created !== undefined) return `${family === 'IPv6' ? 'v6' : 'v4'}+${created}`
    return `${address ?? 'unknown'}${isUndecided ? '?' : ''}`
  })
}

t.test(
  'keeps present addresses, creates missing ones, and leaves open which ones AKS releases',
  async (t) => {
    const after = (managedOutboundIpCount: number, managedOutboundIpv6Count: number | null) =>
      profileAfter(onBalancer(), toBalancer({ managedOutboundIpCount, managedOutboundIpv6Count }))
    t.strictSame(after(2, 1), ['20.1.0.1', '20.1.0.2', '2603:1030::1'])
    t.strictSame(after(3, 3), ['20.1.0.1', '20.1.0.2', 'v4+1', '2603:1030::1', 'v6+2'])
    t.strictSame(after(1, 1), ['20.1.0.1?', '20.1.0.2?', '2603:1030::1'])
    t.strictSame(after(2, 0), ['20.1.0.1', '20.1.0.2'], 'AKS releases every IPv6 address')
    t.strictSame(after(2, null), ['20.1.0.1', '20.1.0.2'])
    t.strictSame(profileAfter(onBalancer(), toBalancer({ outboundIpIds: [OWN_IP] })), ['20.3.0.1'])
  },
)

t.test('carries no address over to another outbound type', async (t) => {
  const wanted = toManaged({ managedOutboundIpCount: 2 })
  t.strictSame(profileAfter(onBalancer(), wanted), ['v4+2'])
  const side = projectedSide(onBalancer(), wanted)
  t.strictSame(side.profile, [
    { address: null, family: 'IPv4', resourceId: null, ownedBy: 'aks', created: 2 },
  ])
  const natGatewayProfile = aNatGatewayProfile({ effectiveOutboundIpIds: [aksIp('two')] })
  const gated = onBalancer([], { outboundType: 'managedNATGateway', natGatewayProfile })
  t.strictSame(profileAfter(gated, wanted), ['20.1.0.2', 'v4+1'], 'the same type keeps its address')
  t.strictSame(profileAfter(gated, toManaged({ sku: 'StandardV2', managedOutboundIpCount: 1 })), ['v4+1'])
  t.strictSame(profileAfter(onBalancer(), toOther('userDefinedRouting')), ['unknown'])
  for (const type of ['none', 'block'] as const) t.strictSame(profileAfter(onBalancer(), toOther(type)), [])
})

t.test('sorts the addresses after the change by what is known of them', async (t) => {
  const sorted = (managedOutboundIpCount: number, managedOutboundIpv6Count: number) => {
    const target = toBalancer({ managedOutboundIpCount, managedOutboundIpv6Count })
    const { known, created, undecided, prepared, unknowable } = projectedAddresses(
      egressPaths(projectedSide(onBalancer(), target)),
    )
    t.strictSame(prepared, [])
    t.notOk(unknowable)
    return { known: known.length, created, undecided: undecided.map(({ address }) => address) }
  }
  t.strictSame(sorted(1, 3), {
    known: 1,
    created: { IPv4: 0, IPv6: 2 },
    undecided: ['20.1.0.1', '20.1.0.2'],
  })
  t.strictSame(sorted(3, 1), { known: 3, created: { IPv4: 1, IPv6: 0 }, undecided: [] })
})

t.test('counts every address of a resource that the plan creates', async (t) => {
  const ip = { ...aPublicIp({ id: OWN_IP, address: null }), isPlanned: true as const }
  const prefix = {
    ...aPrefix({ id: `${OWN_IP}-prefix`, prefix: null, prefixLength: 30 }),
    isPlanned: true as const,
  }
  const snapshot = aSnapshot({ publicIps: [ip], publicIpPrefixes: [prefix] })
  const planned = { address: null, family: 'IPv4', ownedBy: 'user' }
  t.strictSame(resolveAddress(OWN_IP, snapshot), { ...planned, resourceId: OWN_IP, planned: 1 })
  t.strictSame(resolveAddress(prefix.id, snapshot), { ...planned, resourceId: prefix.id, planned: 4 })
  const target = toBalancer({ outboundIpIds: [OWN_IP], outboundIpPrefixIds: [prefix.id] })
  t.match(projectedAddresses(egressPaths(projectedSide(snapshot, target))), {
    known: { length: 0 },
    prepared: [{ resourceId: OWN_IP }, { resourceId: prefix.id }],
    unknowable: false,
  })
})

t.test('reads the profile of the declared type only', async (t) => {
  const natGatewayProfile = aNatGatewayProfile()
  const snapshot = aSnapshot({ cluster: { natGatewayProfile } })
  t.equal(declaredProfile(snapshot, 'loadBalancer'), snapshot.cluster.loadBalancerProfile)
  t.equal(declaredProfile(snapshot, 'managedNATGateway'), natGatewayProfile)
  for (const type of ['userAssignedNATGateway', 'userDefinedRouting', 'none', 'block', null] as const)
    t.equal(declaredProfile(snapshot, type), null)
})

t.test('removes the AKS-managed NAT gateway from the subnets, and no other', async (t) => {
  const managed = `${NODE_GROUP}/${NETWORK}/natGateways/aks`
  const after = (natGatewayId: string, target: Target) =>
    projectedSide(aByoSnapshot({ natGatewayId }), target).subnets
  const toUdr = toOther('userDefinedRouting')
  t.strictSame(after(managed, toUdr), [aSubnet({ natGatewayId: null })])
  t.strictSame(after(GATEWAY.id, toUdr), [aSubnet({ natGatewayId: GATEWAY.id })])
  const stays = after(managed, toManaged({ managedOutboundIpCount: 1 }))
  t.strictSame(stays, [aSubnet({ natGatewayId: managed })])
})

t.test('takes the addresses of an AKS-managed NAT gateway from its new profile', async (t) => {
  const gateway = aNatGateway({ id: `${NODE_GROUP}/${NETWORK}/natGateways/aks`, publicIpIds: [aksIp('two')] })
  const natGatewayProfile = aNatGatewayProfile({ effectiveOutboundIpIds: [aksIp('lb-ip')] })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, enablePrivateCluster: true }
  const snapshot = aByoSnapshot(
    { natGatewayId: gateway.id },
    { cluster, natGateways: [gateway], publicIps: IPS },
  )
  const addressesOf = (side: Parameters<typeof egressPaths>[0]) =>
    egressPaths(side).flatMap(({ addresses }) => addresses.map(({ address }) => address))
  t.strictSame(addressesOf(currentSide(snapshot)), ['20.1.0.2'], 'what is attached')
  const own = toManaged({ sku: 'StandardV2', outboundIpIds: [OWN_IP] })
  t.strictSame(addressesOf(projectedSide(snapshot, own)), ['20.3.0.1'])
})

t.test('ends IPv6 egress with the outbound rule that AKS removes', async (t) => {
  const [frontend] = aKubernetesBalancer().frontends
  const frontends = frontend === undefined ? [] : [{ ...frontend, publicIpId: aksIp('v6') }]
  const snapshot = aByoSnapshot(
    {},
    {
      cluster: { outboundType: 'userDefinedRouting', ipFamilies: ['IPv4', 'IPv6'] },
      loadBalancers: [{ ...aKubernetesBalancer(), frontends }],
      publicIps: IPS,
    },
  )
  const ipv6 = (side: Parameters<typeof egressPaths>[0]) =>
    egressPaths(side)
      .filter(({ family }) => family === 'IPv6')
      .map(({ path }) => path)
  t.strictSame(ipv6(currentSide(snapshot)), ['loadBalancer'])
  t.strictSame(ipv6(projectedSide(snapshot, toOther('none'))), ['none'])
})

t.test('finds the subnets that lack what the target needs', async (t) => {
  const isPending = (given: Parameters<typeof aByoSnapshot>, target: Target) => {
    const snapshot = aByoSnapshot(...given)
    return snapshot.subnets.map((subnet) => hasPendingAttachment(subnet, snapshot, target)).join()
  }
  const [toGateway, toUdr] = [toOther('userAssignedNATGateway'), toOther('userDefinedRouting')]
  const unread: Parameters<typeof aByoSnapshot> = [{ routeTableId: TABLE }]
  const learning = (enablePrivateCluster: boolean): Parameters<typeof aByoSnapshot> => [
    { routeTableId: TABLE },
    { routeTables: [aRouteTable(TABLE, null)], cluster: { enablePrivateCluster } },
  ]
  const rows: [string, Parameters<typeof aByoSnapshot>, boolean, boolean][] = [
    ['nothing on the subnet', [], true, true],
    ['a NAT gateway', onGateway, false, true],
    ['a route to an appliance', onTable('VirtualAppliance'), false, false],
    ['a route to the internet', onTable('Internet', null), true, true],
    ['routes that could not be read', unread, false, false],
    ['a private cluster that may learn a route', learning(true), true, false],
    ['a public cluster without a route', learning(false), true, true],
  ]
  for (const [name, given, gateway, udr] of rows) {
    t.equal(isPending(given, toGateway), String(gateway), `${name}, NAT gateway`)
    t.equal(isPending(given, toUdr), String(udr), `${name}, userDefinedRouting`)
    t.equal(isPending(given, toOther('none')), 'false', `${name}, none`)
  }
})

t.test('finds the addresses that AKS releases although no path uses them', async (t) => {
  const [subnet, given] = onGateway
  const shadowed = (effectiveOutboundIpIds: string[], cluster: Partial<ClusterFacts> = {}) =>
    aByoSnapshot(subnet, {
      ...given,
      publicIps: [...(given.publicIps ?? []), ...IPS],
      cluster: { loadBalancerProfile: aLoadBalancerProfile({ effectiveOutboundIpIds }), ...cluster },
    })
  const released = (
    snapshot: Snapshot,
    target: Target,
    former: Parameters<typeof releasedUnused>[2] = null,
  ) =>
    releasedUnused(currentSide(snapshot), projectedSide(snapshot, target), former).map(
      ({ address }) => address,
    )
  const leave = toOther('userAssignedNATGateway')
  t.strictSame(released(shadowed([aksIp('lb-ip'), aksIp('two')]), leave), ['20.1.0.1', '20.1.0.2'])
  t.strictSame(released(shadowed([OWN_IP]), leave), [], 'customer-provided')
  t.strictSame(released(shadowed([aksIp('unread')]), leave), [], 'the address is not visible')
  const stays = toBalancer({ managedOutboundIpCount: 1 })
  t.strictSame(released(shadowed([aksIp('lb-ip')]), stays), [])
  const changed = shadowed([aksIp('lb-ip')], { outboundType: 'userAssignedNATGateway' })
  t.strictSame(released(changed, leave), ['20.1.0.1'], 'what an interrupted change has left')
  const side = currentSide(shadowed([aksIp('lb-ip')]))
  t.strictSame(
    releasedUnused(side, side).map(({ address }) => address),
    ['20.1.0.1'],
    'without a profile after the change, nothing is kept',
  )
})

t.test('summarizes the paths of subnets', async (t) => {
  t.equal(combinedPath([]), 'unknown')
  t.equal(combinedPath(['natGateway']), 'natGateway')
  t.equal(combinedPath(['natGateway', 'natGateway']), 'natGateway')
  t.equal(combinedPath(['natGateway', 'natGateway', 'none']), 'mixed')
  const hidden = aSnapshot()
  const presumed = (type: Parameters<typeof effectivePathOfSubnets>[2]) =>
    effectivePathOfSubnets([], hidden, type)
  t.equal(presumed('managedNATGateway'), 'natGateway')
  t.equal(presumed('userDefinedRouting'), 'unknown', 'an appliance or a gateway')
  t.equal(presumed(null), 'unknown')
  const agentPools = [
    aPool({ vnetSubnetId: SUBNET }),
    aPool({ name: 'user', vnetSubnetId: `${SUBNET}-unread` }),
  ]
  const partly = aByoSnapshot({}, { cluster: { agentPools } })
  t.equal(effectivePathOfSubnets(partly.subnets, partly, 'loadBalancer'), 'unknown')
})

t.test('summarizes the two halves of the internet of one subnet', async (t) => {
  const half = (addressPrefix: string, nextHopType: string, nextHopIpAddress: string | null = null) => ({
    name: addressPrefix,
    addressPrefix,
    nextHopType,
    nextHopIpAddress,
  })
  const summary = (type: Parameters<typeof effectivePathOf>[2], ...routes: ReturnType<typeof half>[]) => {
    const snapshot = aByoSnapshot(
      { routeTableId: TABLE },
      { routeTables: [{ ...aRouteTable(TABLE, null), routes }] },
    )
    return snapshot.subnets.map((subnet) => effectivePathOf(subnet, snapshot, type)).join()
  }
  const low = half('0.0.0.0/1', 'VirtualAppliance', '10.9.0.4')
  t.equal(
    summary('loadBalancer', low, half('128.0.0.0/1', 'VirtualAppliance', '10.9.0.4')),
    'virtualAppliance',
  )
  t.equal(summary('loadBalancer', low, half('128.0.0.0/1', 'VirtualAppliance', '10.9.0.5')), 'mixed')
  t.equal(summary('loadBalancer', low), 'mixed')
  t.equal(summary('loadBalancer', half('0.0.0.0/1', 'Internet')), 'loadBalancer')
  t.equal(summary('loadBalancer', half('0.0.0.0/1', 'None')), 'mixed', 'the same hop address, other paths')
  t.equal(summary('block', low), 'none')
  const [unread] = aByoSnapshot({ routeTableId: TABLE }).subnets
  t.equal(unread && effectivePathOf(unread, aSnapshot(), 'block'), 'none')
  t.equal(unread && effectivePathOf(unread, aSnapshot(), 'loadBalancer'), 'unknown')
})

t.test('finds the subnets on which nodes with public IPs use them', async (t) => {
  const used = (...given: Parameters<typeof aByoSnapshot>) => {
    const snapshot = aByoSnapshot(...given)
    return snapshot.subnets.every((subnet) => usesNodePublicIps(subnet, snapshot, 'loadBalancer'))
  }
  t.ok(used())
  t.ok(used(...onTable('Internet', null)))
  t.notOk(used(...onTable('VirtualAppliance')))
  t.notOk(used(...onGateway))
  t.notOk(used({ routeTableId: TABLE }), 'a route table that could not be read')
  const half = {
    ...aRouteTable(TABLE, 'None'),
    routes: [{ name: 'low', addressPrefix: '0.0.0.0/1', nextHopType: 'None', nextHopIpAddress: null }],
  }
  t.notOk(used({ routeTableId: TABLE }, { routeTables: [half] }), 'for half of the internet')
  const gateway = aNatGateway({ id: GATEWAY.id, sku: 'StandardV2' })
  t.ok(used({}, { natGateways: [gateway] }), 'a gateway that is attached elsewhere')
  const learning = (...given: Parameters<typeof aByoSnapshot>) => {
    const snapshot = aByoSnapshot(...given)
    const { subnets, cluster } = snapshot
    const open = { ...snapshot, cluster: { ...cluster, enablePrivateCluster: true } }
    return subnets.every((subnet) => usesNodePublicIps(subnet, open, 'userDefinedRouting'))
  }
  t.notOk(learning(), 'a default route may be learned')
  t.ok(learning(...onTable('Internet', null)))
})

t.test('names the sign that a default route may be learned over BGP', async (t) => {
  const vnet = SUBNET.replace(/\/subnets\/.*/, '')
  const signOf = (
    network: Partial<Parameters<typeof aVirtualNetwork>[0]>,
    disableBgpRoutePropagation = false,
  ) => {
    const snapshot = aByoSnapshot(
      { routeTableId: TABLE },
      {
        virtualNetworks: [aVirtualNetwork({ id: vnet, ...network })],
        routeTables: [{ ...aRouteTable(TABLE, null), disableBgpRoutePropagation }],
      },
    )
    return snapshot.subnets.map((subnet) => bgpSignOf(subnet, snapshot))[0]
  }
  const peering = { name: 'hub', remoteVirtualNetworkId: null, useRemoteGateways: true, isConnected: true }
  t.equal(signOf({}), null)
  t.equal(signOf({ hasVirtualNetworkGateway: true }), 'gateway')
  t.equal(signOf({ peerings: [peering] }), 'peering')
  t.equal(signOf({ peerings: [peering], hasVirtualNetworkGateway: true }), 'gateway')
  t.equal(signOf({ hasRouteServer: true }), 'routeServer')
  t.equal(signOf({ hasRouteServer: true }, true), null, 'not propagated')
  t.equal(signOf({ peerings: [{ ...peering, isConnected: false }] }), null)
  t.equal(signOf({ peerings: [{ ...peering, useRemoteGateways: false }] }), null)
  t.equal(signOf({ peerings: [peering], hasVirtualNetworkGateway: true }, true), null, 'not propagated')
})
