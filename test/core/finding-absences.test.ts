import t from 'tap'
import type { LoadBalancerFacts, NatGatewayFacts, PublicIpFacts } from '../../src/core/network-facts.ts'
import type { RequestedTarget } from '../../src/core/target.ts'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
  aSubnet,
  features,
  NODE_GROUP,
  SUBNET,
} from '../support/a-cluster.ts'
import { codesOf, planFor } from '../support/a-plan.ts'
import { AKS_IP, GATEWAY, OWN_IP, onGateway, onTable, TABLE } from './finding-cases/case.ts'

/** What a finding must not be said of: the neighbours of the cases that reach it. */

const pool = (given: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})
const has = (code: string, ...given: Parameters<typeof planFor>) => codesOf(planFor(...given)).includes(code)

t.test("a Service's frontends and AKS's own are not taken for hand-made ones", async (t) => {
  const withFrontend = (
    given: Partial<LoadBalancerFacts['frontends'][number]>,
    ips: PublicIpFacts[] = [],
  ) => {
    const balancer = aKubernetesBalancer(['web'])
    balancer.frontends.push({
      ...balancer.frontends[0]!,
      id: `${balancer.id}/f/x`,
      publicIpId: AKS_IP,
      ...given,
    })
    return aSnapshot({ loadBalancers: [balancer], publicIps: ips })
  }
  const drifts = (snapshot: ReturnType<typeof withFrontend>) =>
    has('LB_DRIFT_MANUAL_RULES', snapshot, 'managedNATGateway')
  t.ok(drifts(withFrontend({ name: 'mine' })), 'one made by hand')
  t.notOk(drifts(withFrontend({ name: 'a0123456789abcdef0123456789abcdef' })), 'named after a Service')
  t.notOk(drifts(withFrontend({ name: 'a0123456789abcdef0123456789abcdef-ipv6' })), 'and its family')
  const tagged = aPublicIp({ id: AKS_IP, address: '20.1.0.9', tags: { 'k8s-azure-service': 'shop/web' } })
  t.notOk(drifts(withFrontend({ name: 'mine' }, [tagged])), 'an address that carries a Service')
  t.notOk(drifts(withFrontend({ name: 'mine', privateAddress: '10.0.0.9' })), 'a private one')
  const [own] = aLoadBalancerProfile().effectiveOutboundIpIds
  t.notOk(drifts(withFrontend({ name: 'mine', publicIpId: own ?? '' })), "an address of the profile's")
})

t.test('an address of the profile that could not be read is not said to be gone', async (t) => {
  const loadBalancerProfile = aLoadBalancerProfile({ managedCount: null, outboundIpIds: [OWN_IP] })
  const unread = (reason: 'denied' | 'not-found') => [{ what: OWN_IP, reason, code: 'x', message: 'y' }]
  const isGone = (given: Parameters<typeof aSnapshot>[0]) =>
    has(
      'PROFILE_OUTBOUND_IP_GONE',
      aSnapshot({ cluster: { loadBalancerProfile }, ...given }),
      'managedNATGateway',
    )
  t.ok(isGone({}))
  t.ok(isGone({ unread: unread('not-found') }))
  t.notOk(isGone({ unread: unread('denied') }))
  t.notOk(isGone({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })] }))
})

t.test('ordinary tags do not make a cluster one that is kept in code', async (t) => {
  const isKept = (tags: Record<string, string>) =>
    has('IAC_DRIFT', aSnapshot({ cluster: { tags } }), 'managedNATGateway')
  const ordinary: Record<string, string>[] = [
    {},
    { environment: 'terraform' },
    { 'managed-by': 'platform team' },
    { createdBy: 'alarm' },
    { team: 'bicep lovers' },
  ]
  for (const tags of ordinary) t.notOk(isKept(tags), JSON.stringify(tags))
  const telling: Record<string, string>[] = [
    { provisioner: 'Terraform' },
    { createdBy: 'ARM' },
    { 'azd-env-name': 'prod' },
    { CreatedWith: 'Bicep' },
    { 'sigs.k8s.io_cluster-api-provider-azure_cluster_x': 'owned' },
  ]
  for (const tags of telling) t.ok(isKept(tags), JSON.stringify(tags))
})

t.test(
  'an address fits a zonal gateway in its own zone and in all, and one without a zone fits only its like',
  async (t) => {
    const misfits = (gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts>) =>
      has(
        'UANAT_ZONE_MISMATCH',
        aByoSnapshot(onGateway[0], {
          natGateways: [{ ...GATEWAY.gateway, ...gateway }],
          publicIps: [{ ...GATEWAY.publicIp, ...ip }],
        }),
        'userAssignedNATGateway',
      )
    t.notOk(misfits({ zones: ['1'] }, { zones: ['1'] }))
    t.notOk(misfits({ zones: ['1'] }, { zones: ['1', '2', '3'] }))
    t.notOk(misfits({ zones: [] }, { zones: ['2'] }))
    t.notOk(misfits({ zones: ['1', '2', '3'], sku: 'StandardV2' }, { zones: [] }))
    t.ok(misfits({ zones: ['1'] }, { zones: ['2'] }))
    t.ok(misfits({ zones: ['1'] }, { zones: [] }))
  },
)

t.test(
  'a route table without a default route, and one nobody else uses, are shared with nobody',
  async (t) => {
    const other = SUBNET.replace('/nodes', '/other')
    const isShared = (nextHop: string | null, subnetIds: string[]) => {
      const [subnet, network] = onTable(nextHop)
      const routeTables = (network.routeTables ?? []).map((table) => ({ ...table, subnetIds }))
      return has('SHARED_NATGW_WAVE', aByoSnapshot(subnet, { ...network, routeTables }), 'userDefinedRouting')
    }
    t.ok(isShared('VirtualAppliance', [SUBNET, other]))
    t.notOk(isShared('VirtualAppliance', [SUBNET]))
    t.notOk(isShared(null, [SUBNET, other]))
    const nodesOnly = aByoSnapshot({ occupantGroups: [NODE_GROUP.toLowerCase()] })
    t.notOk(has('SUBNET_SHARED', nodesOnly, 'userAssignedNATGateway'), "the cluster's own nodes")
  },
)

t.test('own addresses of the same type are kept without a word about reuse', async (t) => {
  const cluster = {
    loadBalancerProfile: aLoadBalancerProfile({
      managedCount: null,
      outboundIpIds: [OWN_IP],
      effectiveOutboundIpIds: [OWN_IP],
    }),
  }
  const own = aPublicIp({ id: OWN_IP, address: '20.4.0.1', attachedTo: '/lb/frontend' })
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 9 } }
  const codes = codesOf(planFor(aSnapshot({ cluster, publicIps: [own] }), target))
  for (const code of ['IP_REUSE_FORBIDDEN', 'IP_IN_USE', 'IP_CARRY_LB_TO_NAT', 'LEFTOVER_COST'])
    t.notOk(codes.includes(code), code)
})

t.test('an address that AKS marked as its own is not taken, wherever it lies', async (t) => {
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
  const cluster = { outboundType: 'none' }
  const isRefused = (tags: Record<string, string>) =>
    has(
      'LB_IP_AKS_OWNED',
      aSnapshot({ cluster, publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', tags })] }),
      target,
    )
  t.ok(isRefused({ 'aks-managed-type': 'aks-slb-managed-outbound-ip' }))
  t.ok(isRefused({ type: 'aks-slb-managed-outbound-ip' }), 'the spelling of old clusters')
  t.notOk(isRefused({ type: 'production' }))
})

t.test('a StandardV2 gateway that keeps its kind of addresses is not said to switch it', async (t) => {
  const natGatewayProfile = aNatGatewayProfile({ sku: 'StandardV2' })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile: null }
  const more: RequestedTarget = {
    outboundType: 'managedNATGateway',
    natGateway: { sku: 'StandardV2', managedOutboundIpCount: 4 },
  }
  t.notOk(has('NATV2_IP_MODEL_SWITCH', aSnapshot({ cluster }), more))
  const dual = { ...cluster, ipFamilies: ['IPv4', 'IPv6'] }
  t.notOk(has('NATV2_IPV6_LB_RULES', aSnapshot({ cluster: dual }), 'managedNATGatewayV2'), 'one IPv6 address')
})

t.test('pods that leave as their nodes do are not spoken of', async (t) => {
  const PODS = SUBNET.replace('/nodes', '/pods')
  const snapshot = aSnapshot({
    cluster: pool({ podSubnetId: PODS }),
    subnets: [aSubnet(onGateway[0]), aSubnet({ id: PODS, ...onGateway[0] })],
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp],
  })
  t.notOk(has('POD_SUBNET', snapshot, 'userAssignedNATGateway'))
})

t.test('private subnets and default routes keep a pool by address from leaking', async (t) => {
  const cluster = { ...pool(), loadBalancerProfile: aLoadBalancerProfile({ backendPoolType: 'NodeIP' }) }
  const leaks = (subnet: Parameters<typeof aByoSnapshot>[0], rest = {}) =>
    has('NODEIP_POOL_DEFAULT_OUTBOUND', aByoSnapshot(subnet, { cluster, ...rest }), 'none')
  t.ok(leaks({}))
  t.notOk(leaks({ defaultOutboundAccess: false }))
  t.notOk(leaks({ routeTableId: TABLE }, onTable('VirtualAppliance')[1]))
})

t.test('a listed address that stays covered shuts nobody out', async (t) => {
  const lockedOut = (authorizedIPRanges: string[]) =>
    has(
      'AUTHORIZED_SELF_LOCKOUT',
      aByoSnapshot(onGateway[0], {
        ...onGateway[1],
        cluster: {
          ...pool(),
          authorizedIPRanges,
          enableVnetIntegration: true,
          outboundType: 'userAssignedNATGateway',
        },
      }),
      { outboundType: 'loadBalancer' },
    )
  t.notOk(lockedOut(['203.0.113.0/24']), 'an egress address that nobody listed')
})

t.test(
  'a private cluster and one with VNet integration do not dial the API server by the egress',
  async (t) => {
    const dials = (cluster: object) => has('KONNECTIVITY', aSnapshot({ cluster }), 'managedNATGateway')
    t.ok(dials({}))
    t.notOk(dials({ enablePrivateCluster: true }))
    t.notOk(dials({ enableVnetIntegration: true }))
    t.notOk(has('KONNECTIVITY', aByoSnapshot(...onGateway), 'userAssignedNATGateway'), 'the address stays')
    const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
    t.notOk(has('KONNECTIVITY', aSnapshot({ subnets }), 'none'), 'no new address to dial from')
  },
)

t.test('nodes whose own addresses are outranked need not be listed', async (t) => {
  const cluster = {
    ...pool({ enableNodePublicIP: true }),
    outboundType: 'userAssignedNATGateway',
    authorizedIPRanges: ['20.9.0.1/32'],
  }
  const attached = aByoSnapshot(onGateway[0], { ...onGateway[1], cluster })
  t.notOk(has('AUTHORIZED_NODE_PIP', attached, 'loadBalancer'))
  t.ok(has('AUTHORIZED_NODE_PIP', aByoSnapshot({}, { cluster }), 'loadBalancer'))
})

t.test('questions belong to the change, and a change without any asks none', async (t) => {
  const asked = (...given: Parameters<typeof planFor>) => {
    const found = planFor(...given).findings.find((each) => each.code === 'ASK_BEFOREHAND')
    return (found?.facts.questions as { rule: string }[] | undefined)?.map((each) => each.rule) ?? []
  }
  t.strictSame(asked(aByoSnapshot(...onGateway), 'userAssignedNATGateway'), [])
  t.strictSame(asked(aByoSnapshot(), 'userAssignedNATGateway'), [
    'UANAT_BASIC_NEIGHBOURS',
    'UANAT_FAILED_NIC',
  ])
  const registry = features({ bootstrapRegistryId: '/registry' })
  t.strictSame(asked(aSnapshot({ cluster: { features: registry } }), 'none'), [
    'ISO_EXTENSIONS',
    'ISO_STORAGE_CLASS',
    'ISO_ACR_SKU',
  ])
  t.strictSame(
    asked(aSnapshot({ cluster: { outboundType: 'none', features: registry } }), 'loadBalancer'),
    [],
  )
  t.strictSame(asked(aSnapshot({ cluster: { staticEgressGateway: true } }), 'loadBalancer'), [], 'no change')
})

t.test('a cluster that is isolated already is not asked for its images', async (t) => {
  const cluster = { outboundType: 'none', artifactSource: 'Cache', enablePrivateCluster: true }
  t.notOk(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster }), 'block'))
  t.ok(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster: { ...cluster, outboundType: 'loadBalancer' } }), 'none'))
})

t.test('all addresses of a firewall must be admitted, not only the first', async (t) => {
  const ids = ['fw-1', 'fw-2'].map((name) => OWN_IP.replace('/own', `/${name}`))
  const [subnet, network] = onTable('VirtualAppliance')
  const snapshot = aByoSnapshot(subnet, {
    ...network,
    cluster: { ...pool(), authorizedIPRanges: ['20.6.0.1/32'] },
    publicIps: ids.map((id, at) => aPublicIp({ id, address: `20.6.0.${at + 1}` })),
    firewalls: [
      {
        id: OWN_IP.replace('/publicIPAddresses/own', '/azureFirewalls/fw'),
        privateAddresses: ['10.9.0.4'],
        publicIpIds: ids,
        subnetIds: [],
        policyId: null,
        dnsProxy: false,
        collections: [],
      },
    ],
  })
  const made = planFor(snapshot, 'userDefinedRouting', { authorizedRanges: 'keep' })
  const found = made.findings.find((each) => each.code === 'AUTHORIZED_RANGES_MISS_NEW_EGRESS')
  t.strictSame(found?.facts, { missing: ['20.6.0.2/32'] })
})

t.test('an address that no range admits is not cut off by narrowing them', async (t) => {
  const withRanges = (...authorizedIPRanges: string[]) => aSnapshot({ cluster: { authorizedIPRanges } })
  const cleanUp = { narrow: ['192.0.2.0/24'], detach: false, delete: [] }
  const [address] = planFor(aSnapshot(), 'managedNATGateway').egressIps
  const narrowed = (...ranges: string[]) =>
    has('NARROWING_CUTS_OFF', withRanges(...ranges), 'loadBalancer', { cleanUp })
  t.ok(address?.address)
  t.notOk(narrowed('192.0.2.0/24', '203.0.113.0/24'), 'AKS admits its load balancer by itself')
  t.notOk(narrowed('192.0.2.0/24', `${address?.address}/32`), 'it stays admitted')
})
