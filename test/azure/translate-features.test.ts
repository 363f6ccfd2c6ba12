import t from 'tap'
import { BodyReader } from '../../src/azure/body-reader.ts'
import { translateCluster } from '../../src/azure/translate-cluster.ts'
import { translateClusterFeatures } from '../../src/azure/translate-cluster-features.ts'
import { translatePublicIp } from '../../src/azure/translate-public-ip.ts'
import { translateSubnet } from '../../src/azure/translate-subnet.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { features } from '../support/a-cluster.ts'
import { aClusterBody } from './clusters.ts'
import { recordedBodies } from './recordings.ts'

const featuresOf = (properties: JsonObject, rest: JsonObject = {}) =>
  translateClusterFeatures(new BodyReader({ ...aClusterBody({ properties }), ...rest }))

t.test('a cluster that shows no features has none', async (t) => {
  t.strictSame(featuresOf({}), features())
  const empty = { serviceMeshProfile: null, azureMonitorProfile: {}, httpProxyConfig: { noProxy: [] } }
  t.strictSame(featuresOf(empty), features())
})

t.test('reads what meets a change of egress from where ARM shows it', async (t) => {
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
    httpProxy: true,
    istioEgressGateway: true,
    monitoring: ['addonProfiles.omsagent', 'azureMonitorProfile.metrics'],
    defender: true,
    bootstrapRegistryId: '/registry',
    networkPolicy: 'cilium',
    advancedPolicies: true,
  })
})

t.test('a proxy that is switched off, and one that nobody names, are none', async (t) => {
  t.equal(featuresOf({ httpProxyConfig: { httpProxy: 'http://p', enabled: false } }).httpProxy, false)
  t.equal(featuresOf({ httpProxyConfig: { httpProxy: 'http://p', enabled: true } }).httpProxy, true)
  t.equal(featuresOf({ httpProxyConfig: { httpProxy: '', enabled: true } }).httpProxy, false)
})

t.test('reads the image of a pool, and whether there are several load balancers', async (t) => {
  const body = aClusterBody({
    properties: {
      agentPoolProfiles: [{ name: 'a', nodeImageVersion: 'AKSUbuntu-1' }, { name: 'b' }],
      networkProfile: { loadBalancerProfile: { enableMultipleStandardLoadBalancers: true } },
    },
  })
  const facts = translateCluster(body)
  t.strictSame(
    facts.agentPools.map((pool) => pool.nodeImageVersion),
    ['AKSUbuntu-1', null],
  )
  t.equal(facts.loadBalancerProfile?.multipleLoadBalancers, true)
  for (const { from, body: recorded } of recordedBodies('Microsoft.ContainerService/managedClusters'))
    for (const pool of translateCluster(recorded).agentPools) t.type(pool.nodeImageVersion, 'string', from)
})

t.test('tells protection of an address from that of its network', async (t) => {
  const ofMode = (protectionMode: string) =>
    translatePublicIp(new BodyReader({ id: '/ip', properties: { ddosSettings: { protectionMode } } }))
  t.equal(ofMode('Enabled').ddosProtected, true)
  t.equal(ofMode('VirtualNetworkInherited').ddosProtected, false)
  t.equal(ofMode('Disabled').ddosProtected, false)
  t.equal(translatePublicIp(new BodyReader({ id: '/ip' })).ddosProtected, false)
})

t.test('names each group that has something in a subnet once', async (t) => {
  const nic = (group: string, n: number) => ({
    id: `/subscriptions/S/resourceGroups/${group}/providers/Microsoft.Network/networkInterfaces/nic${n}/ipConfigurations/one`,
  })
  const ipConfigurations = [nic('MC_a', 1), nic('mc_A', 2), nic('rg-vms', 1), { id: 'nonsense' }]
  const { occupantGroups } = translateSubnet(new BodyReader({ id: '/s', properties: { ipConfigurations } }))
  t.strictSame(occupantGroups, [
    '/subscriptions/s/resourcegroups/mc_a',
    '/subscriptions/s/resourcegroups/rg-vms',
  ])
})
