import t from 'tap'
import {
  aByoSnapshot,
  aPool,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aVirtualNetwork,
  features,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, TABLE } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './isolation-cases.ts'

testTopic('isolation', CASES)

t.test('does not report ISO_REIMAGE_ORDER for an isolated cluster', async (t) => {
  const cluster = { outboundType: 'none', artifactSource: 'Cache', enablePrivateCluster: true }
  t.notOk(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster }), 'block'))
  t.ok(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster: { ...cluster, outboundType: 'loadBalancer' } }), 'none'))
})

const findingFor = (code: string, ...planned: Parameters<typeof planFor>) =>
  planFor(...planned).findings.find((finding) => finding.code === code)

t.test(
  'a conversion to API Server VNet Integration is not advised where it breaks the cluster',
  async (t) => {
    const remedyFor = (snapshot: Parameters<typeof planFor>[0]) =>
      findingFor('ISO_API_PUBLIC', snapshot, 'none')?.remedy ?? ''
    const byo = { agentPools: [aPool({ vnetSubnetId: SUBNET })] }
    t.match(
      remedyFor(aSnapshot()),
      /irreversible, reimages every.*--enable-apiserver-vnet-integration.*restart/,
    )
    const dualStack = { cluster: { ipFamilies: ['IPv4', 'IPv6'] } }
    t.match(
      remedyFor(aSnapshot(dualStack)),
      /^Create a new private cluster\..*dual-stack cluster permanently/,
    )
    const encrypted = aByoSnapshot(
      {},
      {
        cluster: byo,
        virtualNetworks: [aVirtualNetwork({ id: SUBNET.split('/subnets/')[0] ?? '', isEncrypted: true })],
      },
    )
    t.match(
      remedyFor(encrypted),
      /^Create a new private cluster\..*does not support an encrypted virtual network/,
    )
  },
)

t.test('a service principal is migrated before the artifact source is set', async (t) => {
  const stepsFor = (servicePrincipalClientId: string | null) => {
    const cluster = { servicePrincipalClientId, artifactSource: null }
    const facts = findingFor('ISO_NOT_NETWORK_ISOLATED', aSnapshot({ cluster }), 'none')?.facts
    return ((facts?.sequence ?? []) as { step: string }[]).map(({ step }) => step)
  }
  t.strictSame(stepsFor('00000000-0000-0000-0000-0000000000bb'), ['identity', 'cache', 'reimage', 'none'])
  t.strictSame(stepsFor(null), ['cache', 'reimage', 'none'])
})

t.test('a cluster without egress loses none', async (t) => {
  const lost = ['ISO_WORKLOADS_LOSE_INTERNET', 'ISO_MONITORING']
  const codesFor = (outboundType: string, target: 'none' | 'block') => {
    const cluster = { outboundType, features: features({ monitoring: ['addonProfiles.omsagent'] }) }
    return codesOf(planFor(aSnapshot({ cluster }), target)).filter((code) => lost.includes(code))
  }
  t.strictSame(codesFor('block', 'none'), [])
  t.strictSame(codesFor('loadBalancer', 'none').sort(), lost.toSorted())
  t.strictSame(codesFor('loadBalancer', 'block').sort(), lost.toSorted())
})

t.test('a cleanup of an isolated cluster is acknowledged if it ends the egress path', async (t) => {
  const cluster = { outboundType: 'none', artifactSource: 'Cache', loadBalancerProfile: null }
  const acknowledged = (subnet: object, isPrivate: boolean, others: object = {}) =>
    planFor(
      aByoSnapshot(
        { natGatewayId: GATEWAY.id, ...subnet },
        {
          cluster: { ...cluster, enablePrivateCluster: isPrivate },
          natGateways: [GATEWAY.gateway],
          publicIps: [GATEWAY.publicIp],
          ...others,
        },
      ),
      'none',
      { cleanUp: { detach: true, narrow: [], delete: [] } },
    ).acknowledgementsRequired
  const expected = ['ISO_REIMAGE_ORDER', 'ISO_WORKLOADS_LOSE_INTERNET']
  t.strictSame(acknowledged({}, true), expected, 'default outbound access is not guaranteed')
  t.strictSame(acknowledged({ defaultOutboundAccess: false }, true), expected)
  t.strictSame(acknowledged({ defaultOutboundAccess: false }, false), [...expected, 'API_SERVER_PATH_LOST'])
  const shared = { ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [`${SUBNET}-other`] }
  const kubenet = { ...cluster, enablePrivateCluster: true, networkPlugin: 'kubenet' }
  t.strictSame(
    acknowledged({ routeTableId: TABLE }, true, { cluster: kubenet, routeTables: [shared] }),
    [],
    'a retained route keeps the path',
  )
})

t.test('a cleanup that ends only the IPv6 path of an isolated cluster names IPv6', async (t) => {
  const ipv6 = aPublicIp({ id: `${OWN_IP}-v6`, address: '2603:1::4', version: 'IPv6', sku: 'StandardV2' })
  const gateway = { ...GATEWAY.gateway, sku: 'StandardV2', publicIpIds: [GATEWAY.publicIp.id, ipv6.id] }
  const messageOf = (routeTableId: string | null) => {
    const snapshot = aByoSnapshot(
      { natGatewayId: GATEWAY.id, routeTableId, defaultOutboundAccess: false },
      {
        cluster: {
          ...{ outboundType: 'none', loadBalancerProfile: null, networkPlugin: 'kubenet' },
          ...{ enablePrivateCluster: true, ipFamilies: ['IPv4', 'IPv6'] },
        },
        natGateways: [gateway],
        publicIps: [{ ...GATEWAY.publicIp, sku: 'StandardV2' }, ipv6],
        routeTables: [
          { ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [`${SUBNET}-other`] },
        ],
      },
    )
    const cleanUp = { detach: true, narrow: [], delete: [] }
    return findingFor('IPV6_EGRESS_LOST', snapshot, 'none', { cleanUp })?.message
  }
  t.match(messageOf(TABLE), /have no egress path after the change, because .* only IPv4\.$/)
  t.match(messageOf(null), /have no egress path after the change\.$/)
})

t.test('isolation is blocked for Windows node pools, however ARM spells the operating system', async (t) => {
  for (const osType of ['Windows', 'windows', 'WINDOWS']) {
    const cluster = { agentPools: [aPool(), aPool({ name: 'npwin', osType })] }
    for (const target of ['none', 'block'] as const)
      t.ok(codesOf(planFor(aSnapshot({ cluster }), target), 'blocker').includes('ISO_WINDOWS'), osType)
  }
})

t.test('reports no loss of egress where the resources on the subnets keep every path', async (t) => {
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
    artifactSource: 'Cache',
    features: features({ monitoring: ['omsagent'] }),
  }
  const routeTables = [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')]
  const routed = aByoSnapshot({ routeTableId: TABLE }, { cluster, routeTables })
  const lost = ['ISO_WORKLOADS_LOSE_INTERNET', 'ISO_MONITORING', 'ISO_REIMAGE_ORDER']
  const codes = (snapshot: Parameters<typeof planFor>[0]) =>
    codesOf(planFor(snapshot, 'none')).filter((code) => lost.includes(code))
  t.strictSame(codes(routed), [])
  t.strictSame(codes(aByoSnapshot({}, { cluster })).sort(), [...lost].sort())
  const reason = (snapshot: Parameters<typeof planFor>[0]) => findingFor('ISO_API_PUBLIC', snapshot, 'none')
  t.match(reason(routed), { facts: { keepsPath: true }, message: /nodes reach inside the virtual network/ })
  t.match(reason(aByoSnapshot({}, { cluster }))?.message, /cannot reach its public endpoint without egress/)
})
