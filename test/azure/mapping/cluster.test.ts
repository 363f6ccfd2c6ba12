import t from 'tap'
import { BodyReader } from '../../../src/azure/client/body-reader.ts'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { toClusterFacts, toClusterFeatures } from '../../../src/azure/mapping/cluster.ts'
import { toPublicIpFacts, toSubnetFacts } from '../../../src/azure/mapping/network.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import { features } from '../../support/a-cluster.ts'
import { recordedBodies } from '../recordings.ts'
import { aClusterBody } from '../support/arm-server.ts'

const RECORDED = recordedBodies('Microsoft.ContainerService/managedClusters')
const GETS = RECORDED.filter(({ method }) => method === 'GET')

t.test('reads every recorded cluster', async (t) => {
  t.ok(RECORDED.length >= 14, `${RECORDED.length} bodies`)
  for (const { from, body } of RECORDED) {
    const facts = toClusterFacts(body)
    const properties = body.properties as JsonObject
    const network = properties.networkProfile as JsonObject
    t.equal(facts.outboundType, network.outboundType, from)
    t.equal(facts.subscriptionId, '00000000-0000-0000-0000-000000000000')
    t.equal(facts.resourceGroup, 'clitest000001', 'from an id with small resourcegroups')
    t.equal(facts.provisioningState, properties.provisioningState)
    t.equal(facts.nodeResourceGroup, properties.nodeResourceGroup)
    t.equal(facts.agentPools.length, (properties.agentPoolProfiles as JsonObject[]).length)
    t.equal(facts.loadBalancerProfile === null, network.loadBalancerProfile === undefined)
    t.equal(facts.natGatewayProfile === null, network.natGatewayProfile === undefined)
  }
})

t.test(
  'reads both profiles of a cluster that is changing to a NAT gateway, and the remains afterwards',
  async (t) => {
    const migration = RECORDED.filter(({ from }) => from.includes('slb_to_natgateway'))
    const [updating] = migration.filter(({ method }) => method === 'PUT').slice(-1)
    const updatingFacts = toClusterFacts(updating!.body)
    t.equal(updatingFacts.outboundType, 'managedNATGateway')
    t.equal(updatingFacts.provisioningState, 'Updating')
    t.equal(updatingFacts.loadBalancerProfile?.effectiveOutboundIpIds.length, 2)
    t.strictSame(updatingFacts.natGatewayProfile?.effectiveOutboundIpIds, [])
    const after = toClusterFacts(migration.at(-1)!.body)
    t.equal(after.natGatewayProfile?.effectiveOutboundIpIds.length, 2)
    t.equal(after.natGatewayProfile?.managedOutboundIpCount, 2)
    t.match(after.loadBalancerProfile, {
      managedOutboundIpCount: null,
      allocatedOutboundPorts: 0,
      idleTimeoutInMinutes: 30,
    })
  },
)

t.test(
  'reads the ETag in either spelling, the VNet of a pool, and customer-provided addresses',
  async (t) => {
    const byo = toClusterFacts(GETS.find(({ from }) => from.includes('artifact_source'))!.body)
    t.equal(byo.etag, 'a0098877-eff2-44e7-8533-badfcfdedd62')
    t.match(byo.agentPools[0]?.vnetSubnetId, /\/subnets\/aks-subnet$/)
    t.equal(byo.agentPools[0]?.maxSurge, '10%')
    t.match(byo, { artifactSource: 'Cache', nodeOsUpgradeChannel: 'NodeImage', identityType: 'UserAssigned' })
    t.equal(toClusterFacts(aClusterBody({ eTag: 'e1' })).etag, 'e1')
    const own = toClusterFacts(GETS.filter(({ from }) => from.includes('outbound_ips')).at(-1)!.body)
    t.strictSame(own.loadBalancerProfile?.outboundIpIds, own.loadBalancerProfile?.effectiveOutboundIpIds)
    const ranges = toClusterFacts(GETS.find(({ from }) => from.includes('authorized_ip'))!.body)
    t.strictSame(ranges.authorizedIPRanges, ['1.2.3.4/32'])
  },
)

t.test('reads the identity of the cluster, and treats msi as no service principal', async (t) => {
  const assigned = {
    type: 'UserAssigned',
    userAssignedIdentities: { '/id/one': { clientId: 'c', principalId: 'p' } },
  }
  const of = (identity: JsonObject | undefined, clientId: string) => {
    const { identityIds, identityPrincipalIds, servicePrincipalClientId } = toClusterFacts({
      ...aClusterBody({ properties: { servicePrincipalProfile: { clientId } } }),
      identity: identity ?? null,
    })
    return [identityIds, identityPrincipalIds, servicePrincipalClientId]
  }
  t.strictSame(of(assigned, 'msi'), [['/id/one'], ['p'], null])
  t.strictSame(of({ type: 'SystemAssigned', principalId: 's', tenantId: 't' }, 'msi'), [[], ['s'], null])
  t.strictSame(of(undefined, 'app-1'), [[], [], 'app-1'])
})

t.test(
  'reads ids as plain strings in a NAT gateway profile, and objects in a load balancer profile',
  async (t) => {
    const networkProfile = {
      outboundType: 'managedNATGateway',
      natGatewayProfile: {
        sku: 'StandardV2',
        outboundIPs: { publicIPs: ['/ip/1'] },
        outboundIPPrefixes: { publicIPPrefixes: ['/prefix/1'] },
        managedOutboundIPProfile: null,
      },
      loadBalancerProfile: { outboundIPPrefixes: { publicIPPrefixes: [{ id: '/prefix/2' }] } },
    }
    const facts = toClusterFacts(aClusterBody({ properties: { networkProfile } }))
    t.match(facts.natGatewayProfile, {
      sku: 'StandardV2',
      outboundIpIds: ['/ip/1'],
      outboundIpPrefixIds: ['/prefix/1'],
    })
    t.strictSame(facts.loadBalancerProfile?.outboundIpPrefixIds, ['/prefix/2'])
  },
)

t.test('treats explicit nulls and empty strings from ARM as absent', async (t) => {
  const facts = toClusterFacts(
    aClusterBody({
      properties: {
        agentPoolProfiles: [
          { name: 'p', vnetSubnetID: '', availabilityZones: null, count: null, upgradeSettings: null },
        ],
        apiServerAccessProfile: null,
        hostedSystemProfile: { nodeSubnetID: '', systemNodeSubnetID: '' },
        addonProfiles: { ACIConnectorLinux: { enabled: true, config: null } },
        networkProfile: { ipFamilies: null, natGatewayProfile: null },
      },
    }),
  )
  t.match(facts, {
    authorizedIPRanges: [],
    hostedSystemSubnetId: null,
    hostedWorkerSubnetId: null,
    natGatewayProfile: null,
    ipFamilies: [],
  })
  t.match(facts.agentPools[0], { vnetSubnetId: null, availabilityZones: [], count: null, osType: 'Linux' })
  const hosted = toClusterFacts(
    aClusterBody({
      properties: {
        apiServerAccessProfile: { subnetId: '/s/api' },
        hostedSystemProfile: { enabled: true, nodeSubnetID: '/s/workers', systemNodeSubnetID: '/s/system' },
      },
    }),
  )
  t.match(hosted, {
    apiServerSubnetId: '/s/api',
    hostedSystemSubnetId: '/s/system',
    hostedWorkerSubnetId: '/s/workers',
  })
  t.equal(facts.virtualNodes, true, 'the key of an add-on in another letter case')
})

t.test('reports a malformed body as unreadable and names the field', async (t) => {
  const malformed: [string, JsonObject][] = [
    ['id', { ...aClusterBody(), id: 7 }],
    ['id', { ...aClusterBody(), id: '/nowhere' }],
    ['properties', { ...aClusterBody(), properties: 'text' }],
    ['properties.provisioningState', aClusterBody({ properties: { provisioningState: null } })],
    ['properties.agentPoolProfiles', aClusterBody({ properties: { agentPoolProfiles: {} } })],
    [
      'properties.agentPoolProfiles[0].count',
      aClusterBody({ properties: { agentPoolProfiles: [{ name: 'p', count: '3' }] } }),
    ],
    [
      'properties.networkProfile.outboundType',
      aClusterBody({ properties: { networkProfile: { outboundType: ['x'] } } }),
    ],
    [
      'properties.apiServerAccessProfile.authorizedIPRanges',
      aClusterBody({ properties: { apiServerAccessProfile: { authorizedIPRanges: [1] } } }),
    ],
  ]
  for (const [path, body] of malformed) {
    try {
      toClusterFacts(body)
      t.fail(`${path} was taken`)
    } catch (error) {
      t.ok(error instanceof ArmFault, path)
      t.match(error, { kind: 'unknown', code: 'UnreadableAnswer' })
      t.ok((error as ArmFault).message.includes(`: ${path} is not`), (error as ArmFault).message)
    }
  }
})

const featuresOf = (properties: JsonObject, rest: JsonObject = {}) =>
  toClusterFeatures(new BodyReader({ ...aClusterBody({ properties }), ...rest }))

t.test('returns no features for a cluster that shows none', async (t) => {
  t.strictSame(featuresOf({}), features())
  const empty = { serviceMeshProfile: null, azureMonitorProfile: {}, httpProxyConfig: { noProxy: [] } }
  t.strictSame(featuresOf(empty), features())
})

t.test('reads all facts about egress from the places where ARM shows them', async (t) => {
  const egressGateways = [
    { enabled: false, name: 'a' },
    { enabled: true, name: 'b' },
  ]
  const found = featuresOf(
    {
      httpProxyConfig: { httpsProxy: 'http://proxy:3128' },
      serviceMeshProfile: { mode: 'Istio', istio: { components: { egressGateways } } },
      addonProfiles: { omsAgent: { enabled: true } },
      azureMonitorProfile: { metrics: { enabled: true }, containerInsights: { enabled: false } },
      securityProfile: { defender: { securityMonitoring: { enabled: true } } },
      bootstrapProfile: { artifactSource: 'Cache', containerRegistryId: '/registry' },
      networkProfile: { networkPolicy: 'cilium', advancedNetworking: { security: { enabled: true } } },
    },
    { managedBy: '/manager' },
  )
  t.strictSame(found, {
    ...features({ containerInsights: true, managedPrometheus: true, istio: true }),
    managedBy: '/manager',
    httpProxy: {
      servers: { http: null, https: { scheme: 'http', host: 'proxy', port: 3128 } },
      hasCredentials: false,
      hasTrustedCa: false,
      effectiveNoProxy: null,
      noProxy: [],
    },
    istioEgressGateway: true,
    monitoring: ['addonProfiles.omsagent', 'azureMonitorProfile.metrics'],
    defender: true,
    bootstrapRegistryId: '/registry',
    networkPolicy: 'cilium',
    advancedPolicies: true,
  })
})

t.test('treats a disabled proxy and an unnamed proxy as absent', async (t) => {
  t.equal(featuresOf({ httpProxyConfig: { httpProxy: 'http://p', enabled: false } }).httpProxy, null)
  t.not(featuresOf({ httpProxyConfig: { httpProxy: 'http://p', enabled: true } }).httpProxy, null)
  t.equal(featuresOf({ httpProxyConfig: { httpProxy: '', enabled: true } }).httpProxy, null)
})

t.test('reads the servers of a proxy and the no-proxy list, and never a user or password', async (t) => {
  const proxy = (config: JsonObject) => featuresOf({ httpProxyConfig: config }).httpProxy
  const server = { scheme: 'http', host: 'p.corp', port: 3128 }
  t.match(proxy({ httpProxy: 'http://p.corp:3128/', trustedCa: 'LS0t', effectiveNoProxy: ['localhost'] }), {
    servers: { http: server, https: server },
    hasTrustedCa: true,
    effectiveNoProxy: ['localhost'],
  })
  t.match(proxy({ httpProxy: 'p.corp:3128', httpsProxy: 'https://10.0.0.9' }), {
    servers: { http: server, https: { scheme: 'https', host: '10.0.0.9', port: 443 } },
  })
  t.match(proxy({ httpsProxy: 'socks5://p.corp:1080' }), { servers: { http: null, https: 'unusable' } })
  const secret = proxy({ httpProxy: 'http://user:s3cret@p.corp:3128', noProxy: ['corp'] })
  t.match(secret, { hasCredentials: true, noProxy: ['corp'], servers: { http: server } })
  t.notMatch(JSON.stringify(secret), /user|s3cret/)
})

t.test('reads the image of a pool, and whether there are several load balancers', async (t) => {
  const body = aClusterBody({
    properties: {
      agentPoolProfiles: [{ name: 'a', nodeImageVersion: 'AKSUbuntu-1' }, { name: 'b' }],
      networkProfile: { loadBalancerProfile: { enableMultipleStandardLoadBalancers: true } },
    },
  })
  const facts = toClusterFacts(body)
  t.strictSame(
    facts.agentPools.map((pool) => pool.nodeImageVersion),
    ['AKSUbuntu-1', null],
  )
  t.equal(facts.loadBalancerProfile?.multipleLoadBalancers, true)
  for (const { from, body: recorded } of recordedBodies('Microsoft.ContainerService/managedClusters'))
    for (const pool of toClusterFacts(recorded).agentPools) t.type(pool.nodeImageVersion, 'string', from)
})

t.test('reads a load balancer that sends packets to pods, in any letter case', async (t) => {
  for (const backendPoolType of ['PodIP', 'podIP', 'PODIP'])
    for (const loadBalancerSku of ['service', 'Service']) {
      const networkProfile = { loadBalancerSku, loadBalancerProfile: { backendPoolType } }
      const facts = toClusterFacts(aClusterBody({ properties: { networkProfile } }))
      t.match(facts, { loadBalancerSku: 'service', loadBalancerProfile: { backendPoolType: 'PodIP' } })
    }
  const withoutSku = { loadBalancerProfile: { backendPoolType: 'podIP' } }
  t.match(toClusterFacts(aClusterBody({ properties: { networkProfile: withoutSku } })), {
    loadBalancerSku: 'standard',
    loadBalancerProfile: { backendPoolType: 'PodIP' },
  })
})

t.test('reads whether public network access is disabled', async (t) => {
  const access = (publicNetworkAccess: string | null) =>
    toClusterFacts(aClusterBody({ properties: { publicNetworkAccess } })).isPublicNetworkAccessDisabled
  t.equal(access('Disabled'), true)
  t.equal(access('disabled'), true)
  t.equal(access('Enabled'), false)
  t.equal(access(null), false)
})

t.test('distinguishes the protection of an address from that of its network', async (t) => {
  const ofMode = (protectionMode: string) =>
    toPublicIpFacts(new BodyReader({ id: '/ip', properties: { ddosSettings: { protectionMode } } }))
  t.equal(ofMode('Enabled').ddosProtected, true)
  t.equal(ofMode('VirtualNetworkInherited').ddosProtected, false)
  t.equal(ofMode('Disabled').ddosProtected, false)
  t.equal(toPublicIpFacts(new BodyReader({ id: '/ip' })).ddosProtected, false)
})

t.test("names each resource group of a subnet's users once", async (t) => {
  const nic = (group: string, n: number) => ({
    id: `/subscriptions/S/resourceGroups/${group}/providers/Microsoft.Network/networkInterfaces/nic${n}/ipConfigurations/one`,
  })
  const ipConfigurations = [nic('MC_a', 1), nic('mc_A', 2), nic('rg-vms', 1), { id: 'nonsense' }]
  const { occupantGroups, occupants } = toSubnetFacts(
    new BodyReader({ id: '/s', properties: { ipConfigurations } }),
  )
  t.strictSame(
    occupants,
    ['mc_a', 'mc_a', 'rg-vms'].map(
      (group, index) =>
        nic(group, [1, 2, 1][index] ?? 0)
          .id.toLowerCase()
          .split('/ipconf')[0],
    ),
  )
  t.strictSame(occupantGroups, [
    '/subscriptions/s/resourcegroups/mc_a',
    '/subscriptions/s/resourcegroups/rg-vms',
  ])
})
