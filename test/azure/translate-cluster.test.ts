import t from 'tap'
import { ArmFault } from '../../src/azure/arm-fault.ts'
import { translateCluster } from '../../src/azure/translate-cluster.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { aClusterBody } from './clusters.ts'
import { recordedBodies } from './recordings.ts'

const RECORDED = recordedBodies('Microsoft.ContainerService/managedClusters')
const GETS = RECORDED.filter(({ method }) => method === 'GET')

t.test('reads every recorded cluster', async (t) => {
  t.ok(RECORDED.length >= 14, `${RECORDED.length} bodies`)
  for (const { from, body } of RECORDED) {
    const facts = translateCluster(body)
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
  'shows both profiles of a cluster on its way to a NAT gateway, and what stays behind after',
  async (t) => {
    const migration = RECORDED.filter(({ from }) => from.includes('slb_to_natgateway'))
    const [updating] = migration.filter(({ method }) => method === 'PUT').slice(-1)
    const updatingFacts = translateCluster(updating!.body)
    t.equal(updatingFacts.outboundType, 'managedNATGateway')
    t.equal(updatingFacts.provisioningState, 'Updating')
    t.equal(updatingFacts.loadBalancerProfile?.effectiveOutboundIpIds.length, 2)
    t.strictSame(updatingFacts.natGatewayProfile?.effectiveOutboundIpIds, [])
    const after = translateCluster(migration.at(-1)!.body)
    t.equal(after.natGatewayProfile?.effectiveOutboundIpIds.length, 2)
    t.equal(after.natGatewayProfile?.managedCount, 2)
    t.match(after.loadBalancerProfile, {
      managedCount: null,
      allocatedOutboundPorts: 0,
      idleTimeoutInMinutes: 30,
    })
  },
)

t.test('reads the ETag in either spelling, the VNet of a pool, and own addresses', async (t) => {
  const byo = translateCluster(GETS.find(({ from }) => from.includes('artifact_source'))!.body)
  t.equal(byo.etag, 'a0098877-eff2-44e7-8533-badfcfdedd62')
  t.match(byo.agentPools[0]?.vnetSubnetId, /\/subnets\/aks-subnet$/)
  t.equal(byo.agentPools[0]?.maxSurge, '10%')
  t.match(byo, { artifactSource: 'Cache', nodeOsUpgradeChannel: 'NodeImage', identityType: 'UserAssigned' })
  t.equal(translateCluster(aClusterBody({ eTag: 'e1' })).etag, 'e1')
  const own = translateCluster(GETS.filter(({ from }) => from.includes('outbound_ips')).at(-1)!.body)
  t.strictSame(own.loadBalancerProfile?.outboundIpIds, own.loadBalancerProfile?.effectiveOutboundIpIds)
  const ranges = translateCluster(GETS.find(({ from }) => from.includes('authorized_ip'))!.body)
  t.strictSame(ranges.authorizedIPRanges, ['1.2.3.4/32'])
})

t.test('reads whose identity the cluster has, and that msi is no service principal', async (t) => {
  const assigned = {
    type: 'UserAssigned',
    userAssignedIdentities: { '/id/one': { clientId: 'c', principalId: 'p' } },
  }
  const of = (identity: JsonObject | undefined, clientId: string) => {
    const { identityPrincipalIds, servicePrincipalClientId } = translateCluster({
      ...aClusterBody({ properties: { servicePrincipalProfile: { clientId } } }),
      identity: identity ?? null,
    })
    return [identityPrincipalIds, servicePrincipalClientId]
  }
  t.strictSame(of(assigned, 'msi'), [['p'], null])
  t.strictSame(of({ type: 'SystemAssigned', principalId: 's', tenantId: 't' }, 'msi'), [['s'], null])
  t.strictSame(of(undefined, 'app-1'), [[], 'app-1'])
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
    const facts = translateCluster(aClusterBody({ properties: { networkProfile } }))
    t.match(facts.natGatewayProfile, {
      sku: 'StandardV2',
      outboundIpIds: ['/ip/1'],
      outboundIpPrefixIds: ['/prefix/1'],
    })
    t.strictSame(facts.loadBalancerProfile?.outboundIpPrefixIds, ['/prefix/2'])
  },
)

t.test('takes explicit nulls and empty strings, as ARM sends them, for nothing', async (t) => {
  const facts = translateCluster(
    aClusterBody({
      properties: {
        agentPoolProfiles: [
          { name: 'p', vnetSubnetID: '', availabilityZones: null, count: null, upgradeSettings: null },
        ],
        apiServerAccessProfile: null,
        hostedSystemProfile: { nodeSubnetID: '' },
        addonProfiles: { ACIConnectorLinux: { enabled: true, config: null } },
        networkProfile: { ipFamilies: null, natGatewayProfile: null },
      },
    }),
  )
  t.match(facts, {
    authorizedIPRanges: [],
    hostedSystemNodeSubnetId: null,
    natGatewayProfile: null,
    ipFamilies: [],
  })
  t.match(facts.agentPools[0], { vnetSubnetId: null, availabilityZones: [], count: 0, osType: 'Linux' })
  t.equal(facts.virtualNodes, true, 'the key of an add-on in another letter case')
})

t.test('counts the machines of a pool that has counts by size only', async (t) => {
  const scale = {
    manual: [
      { size: 'a', count: 2 },
      { size: 'b', count: 3 },
    ],
  }
  const pool = { name: 'vms', type: 'VirtualMachines', virtualMachinesProfile: { scale } }
  const facts = translateCluster(aClusterBody({ properties: { agentPoolProfiles: [pool] } }))
  t.equal(facts.agentPools[0]?.count, 5)
})

t.test('calls a malformed body unreadable and names the field', async (t) => {
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
      translateCluster(body)
      t.fail(`${path} was taken`)
    } catch (error) {
      t.ok(error instanceof ArmFault, path)
      t.match(error, { kind: 'unknown', code: 'UnreadableAnswer' })
      t.ok((error as ArmFault).message.includes(`: ${path} is not`), (error as ArmFault).message)
    }
  }
})
