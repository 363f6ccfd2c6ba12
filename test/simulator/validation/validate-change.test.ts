import t from 'tap'
import { isTransitionAllowed } from '../../../src/simulator/validation/outbound-type.ts'
import {
  clusterPath,
  type Loose,
  listOf,
  makeBasic,
  type Simulated,
  SUBSCRIPTION,
  simulated,
  toOutboundType,
} from '../support/simulated.ts'

const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network`

/** Members of the service's own errors, in their order. */
const ERROR_MEMBERS = ['code', 'details', 'message', 'subcode', 'target']

interface Case {
  name: string
  cluster: string
  code: string
  status?: number
  apiVersion?: string
  change: (body: Loose, azure: Simulated) => unknown
}

const to =
  (type: string, profiles: object = {}) =>
  (body: Loose) =>
    toOutboundType(body, type, profiles)
const balancer = (profile: object) => to('loadBalancer', { loadBalancerProfile: profile })
const gateway = (profile: object) => to('managedNATGateway', { natGatewayProfile: profile })

/** Puts a copy of the cluster with other properties, and returns it with the wanted outbound type. */
async function changed(body: Loose, azure: Simulated, properties: object, type: string): Promise<Loose> {
  const before = { ...body, properties: { ...body.properties, ...properties } } as unknown as Loose
  await azure.ask('POST', '/simulator/resources', { put: [before] })
  return toOutboundType(before, type)
}

const REGISTRY = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.ContainerRegistry/registries/own`

const CASES: Case[] = [
  {
    name: 'isolation with a registry that accepts no tokens of Resource Manager',
    cluster: 'lb-managed',
    change: async (body, azure) => {
      const policies = { azureADAuthenticationAsArmPolicy: { status: 'disabled' } }
      await azure.ask('POST', '/simulator/resources', { put: [{ id: REGISTRY, properties: { policies } }] })
      const properties = {
        apiServerAccessProfile: { enablePrivateCluster: true },
        bootstrapProfile: { artifactSource: 'Cache', containerRegistryId: REGISTRY },
      }
      return changed(body, azure, properties, 'none')
    },
    code: 'InvalidBootstrapContainerRegistry',
  },
  {
    name: 'the end of a NAT gateway with a load balancer of SKU service',
    cluster: 'nat-managed',
    change: (body, azure) => {
      const networkProfile = { ...body.properties?.networkProfile, loadBalancerSku: 'service' }
      return changed(body, azure, { networkProfile }, 'none')
    },
    code: 'UnsupportedOutboundType',
  },
  {
    name: 'a transition of neither edition',
    cluster: 'natv2-managed',
    change: to('loadBalancer'),
    code: 'UpdatingOutboundTypeNotAllowed',
  },
  {
    name: 'a managed gateway in an own network',
    cluster: 'lb-byo',
    change: to('managedNATGateway'),
    code: 'ManagedNATGatewayWithCustomVNetNotAllowed',
  },
  {
    name: 'an own gateway in a managed network',
    cluster: 'lb-managed',
    change: to('userAssignedNATGateway'),
    code: 'UserAssignedNATGatewayWithManagedVNetNotAllowed',
  },
  {
    name: 'a subnet without a gateway',
    cluster: 'lb-byo-nat-ready',
    change: to('userAssignedNATGateway'),
    code: 'SubnetNotAssociatedWithNATGateway',
  },
  {
    name: 'one of two subnets without a gateway',
    cluster: 'lb-byo-two-subnets',
    change: to('userAssignedNATGateway'),
    code: 'SubnetNotAssociatedWithNATGateway',
  },
  {
    name: 'a gateway without an address',
    cluster: 'lb-byo-ranges',
    code: 'NATGatewayNotAssociatedWithPublicIPOrIPPrefix',
    change: async (body, azure) => {
      await azure.ask('PUT', `${NETWORK}/natGateways/natgw-lb-byo-ranges?api-version=2025-01-01`, {
        location: 'eastus',
        sku: { name: 'Standard' },
        properties: {},
      })
      await azure.advance(5)
      return toOutboundType(body, 'userAssignedNATGateway')
    },
  },
  {
    name: 'a subnet without a route table',
    cluster: 'lb-byo',
    change: to('userDefinedRouting'),
    code: 'ExistingRouteTableNotAssociatedWithSubnet',
  },
  {
    name: 'a route table without a default route',
    cluster: 'kubenet-byo',
    change: to('userDefinedRouting'),
    code: 'RouteTableMissingDefaultRouteError',
  },
  {
    name: 'a default route to the internet',
    cluster: 'lb-byo-udr-internet',
    change: to('userDefinedRouting'),
    code: 'RouteTableInvalidNextHop',
  },
  {
    name: 'addresses of the load balancer beside user-defined routing',
    cluster: 'lb-byo-udr-ready',
    change: to('userDefinedRouting', { loadBalancerProfile: { managedOutboundIPs: { count: 1 } } }),
    code: 'InvalidUserDefinedRoutingWithLoadBalancerProfile',
  },
  {
    name: 'node public IPs with user-defined routing',
    cluster: 'lb-byo-udr-ready',
    code: 'UDRWithNodePublicIPNotAllowed',
    change: (body) => {
      const wish = toOutboundType(body, 'userDefinedRouting')
      for (const pool of listOf(wish.properties?.agentPoolProfiles))
        Object.assign(pool, { enableNodePublicIP: true })
      return wish
    },
  },
  {
    name: 'a Windows pool in any letter case without egress',
    cluster: 'isolated',
    code: 'WindowsAgentPoolNotAllowedInNetworkIsolatedCluster',
    change: (body) => {
      Object.assign(listOf(body.properties?.agentPoolProfiles)[1] as object, { osType: 'windows' })
      return body
    },
  },
  {
    name: 'cached artifacts for a service principal',
    cluster: 'sp',
    code: 'BootstrapArtifactSourceNotAllowed',
    change: async (_body, azure) => {
      const { identity: _identity, ...body } = await azure.cluster('lb-managed')
      const put = { ...body, id: String(body.id).replace('lb-managed', 'sp'), name: 'sp' }
      const servicePrincipalProfile = { clientId: '33333333-3333-3333-3333-333333333333' }
      const properties = { ...body.properties, servicePrincipalProfile }
      await azure.ask('POST', '/simulator/resources', { put: [{ ...put, properties }] })
      return { ...put, properties: { ...properties, bootstrapProfile: { artifactSource: 'Cache' } } }
    },
  },
  {
    name: 'cached artifacts and no egress in one request',
    cluster: 'udr-private',
    code: 'InvalidNetworkIsolatedClusterConfiguration',
    change: (body) => {
      Object.assign(body.properties as object, { bootstrapProfile: { artifactSource: 'Cache' } })
      return toOutboundType(body, 'none')
    },
  },
  {
    name: 'more ports than the machines of a pool of virtual machines may have',
    cluster: 'lb-managed',
    code: 'InvalidLoadBalancerProfileAllocatedOutboundPorts',
    change: async (_body, azure) => {
      const body = await azure.cluster('lb-managed')
      for (const pool of listOf(body.properties?.agentPoolProfiles)) {
        delete (pool as { count?: unknown }).count
        const virtualMachineNodesStatus = [{ size: 'Standard_D2s_v3', count: 20 }]
        Object.assign(pool, { type: 'virtualMachines', virtualMachineNodesStatus })
      }
      await azure.ask('POST', '/simulator/resources', { put: [body] })
      return balancer({ managedOutboundIPs: { count: 1 }, allocatedOutboundPorts: 1608 })(body)
    },
  },
  ...[
    { member: 'networkPlugin', value: 'kubenet' },
    { member: 'loadBalancerSku', value: 'basic' },
    { member: 'podCidr', value: '10.100.0.0/16' },
  ].map(({ member, value }) => ({
    name: `a change of ${member} to ${value}`,
    cluster: 'lb-managed',
    code: 'PropertyChangeNotAllowed',
    change: (body: Loose) => {
      Object.assign(body.properties?.networkProfile as object, { [member]: value })
      return body
    },
  })),
  {
    name: 'a load balancer profile beside a Basic load balancer',
    cluster: 'lb-managed',
    code: 'UnexpectedLoadBalancerProfileForNonStandardLoadBalancerCluster',
    change: async (_body, azure) => {
      await makeBasic(azure, 'lb-managed')
      return balancer({ managedOutboundIPs: { count: 1 } })(await azure.cluster('lb-managed'))
    },
  },
  {
    name: 'another outbound type with a Basic load balancer',
    cluster: 'lb-byo-nat-attached',
    code: 'UnsupportedOutboundType',
    change: async (_body, azure) => {
      await makeBasic(azure, 'lb-byo-nat-attached')
      return toOutboundType(await azure.cluster('lb-byo-nat-attached'), 'userAssignedNATGateway')
    },
  },
  {
    name: 'ports that are no multiple of 8',
    cluster: 'lb-managed',
    change: balancer({ managedOutboundIPs: { count: 1 }, allocatedOutboundPorts: 1001 }),
    code: 'InvalidLoadBalancerProfileAllocatedOutboundPorts',
  },
  {
    name: 'more ports than the addresses have',
    cluster: 'lb-managed',
    change: balancer({ managedOutboundIPs: { count: 1 }, allocatedOutboundPorts: 32_000 }),
    code: 'InvalidLoadBalancerProfileAllocatedOutboundPorts',
  },
  {
    name: 'too many managed addresses',
    cluster: 'lb-managed',
    change: balancer({ managedOutboundIPs: { count: 101 } }),
    code: 'InvalidLoadBalancerProfile',
  },
  {
    name: 'an own address that does not exist',
    cluster: 'lb-managed',
    change: balancer({ outboundIPs: { publicIPs: [{ id: `${NETWORK}/publicIPAddresses/none` }] } }),
    code: 'LoadBalancerProfileOutboundIPNotExist',
  },
  {
    name: 'an own address attached elsewhere',
    cluster: 'lb-managed',
    change: balancer({ outboundIPs: { publicIPs: [{ id: `${NETWORK}/publicIPAddresses/pip-fw-hub-1` }] } }),
    code: 'LoadBalancerProfileOutboundIPAttachedToAnotherIPConfiguration',
  },
  {
    name: 'an own address of another SKU',
    cluster: 'lb-managed',
    code: 'LoadBalancerProfileOutboundIPNotStandardSKU',
    change: async (body, azure) => {
      const id = `${NETWORK}/publicIPAddresses/basic`
      await azure.ask('PUT', `${id}?api-version=2025-01-01`, {
        location: 'eastus',
        sku: { name: 'Basic' },
        properties: {},
      })
      await azure.advance(5)
      return balancer({ outboundIPs: { publicIPs: [{ id }] } })(body)
    },
  },
  {
    name: 'Windows pools without OutboundNAT behind a load balancer',
    cluster: 'windows-nat',
    change: to('loadBalancer'),
    code: 'InvalidOutboundTypeForDisabledWindowsOutboundNAT',
  },
  {
    name: 'isolation of a cluster with direct artifacts',
    cluster: 'lb-managed',
    change: to('none'),
    code: 'InvalidNetworkIsolatedClusterConfiguration',
  },
  {
    name: 'seventeen addresses of a gateway',
    cluster: 'nat-managed',
    change: gateway({ sku: 'Standard', managedOutboundIPProfile: { count: 17 } }),
    code: 'InvalidNATGatewayProfile',
  },
  {
    name: 'own addresses of a Standard gateway',
    cluster: 'nat-managed',
    change: gateway({ sku: 'Standard', outboundIPs: { publicIPs: ['/a'] } }),
    code: 'InvalidNATGatewayProfile',
  },
  {
    name: 'a Standard gateway for a dual-stack cluster',
    cluster: 'dualstack-managed',
    apiVersion: '2026-05-01',
    change: to('managedNATGateway'),
    code: 'InvalidNATGatewayProfile',
  },
  {
    name: 'an explicit SKU Standard where StandardV2 exists',
    cluster: 'lb-managed',
    change: gateway({ sku: 'Standard' }),
    code: 'UnsupportedOutboundType',
  },
  {
    name: 'managedNATGatewayV2 on the stable version',
    cluster: 'lb-managed',
    change: to('managedNATGatewayV2'),
    code: 'InvalidParameter',
  },
  {
    name: 'managedNATGatewayV2 on a later preview',
    cluster: 'lb-managed',
    apiVersion: '2026-06-02-preview',
    change: to('managedNATGatewayV2'),
    code: 'InvalidParameter',
  },
  { name: 'block on a stable version', cluster: 'isolated', change: to('block'), code: 'InvalidParameter' },
  {
    name: 'an outbound type that does not exist',
    cluster: 'lb-managed',
    change: to('carrierPigeon'),
    code: 'InvalidParameter',
  },
  {
    name: 'a stopped cluster',
    cluster: 'stopped',
    change: to('managedNATGateway'),
    code: 'OperationNotAllowed',
    status: 409,
  },
  {
    name: 'another network plugin',
    cluster: 'lb-managed',
    change: (body) => {
      Object.assign(body.properties?.networkProfile as object, { networkPlugin: 'kubenet' })
      return body
    },
    code: 'PropertyChangeNotAllowed',
  },
  {
    name: 'more than 200 authorized ranges',
    cluster: 'lb-managed',
    change: (body) => {
      const authorizedIPRanges = Array.from({ length: 201 }, (_, index) => `203.0.${index}.0/24`)
      Object.assign(body.properties as object, { apiServerAccessProfile: { authorizedIPRanges } })
      return body
    },
    code: 'InvalidAuthorizedIPRanges',
  },
]

for (const { name, cluster, code, status = 400, apiVersion, change } of CASES)
  t.test(`rejects ${name} with ${code}, unwrapped, and changes nothing`, async (t) => {
    const azure = simulated(t)
    const wish = await change(await azure.cluster(cluster), azure)
    const before = await azure.cluster(cluster)
    const answer = await azure.put(wish, { apiVersion })
    t.equal(answer.status, status)
    t.equal(String(answer.body.code), code)
    t.strictSame(Object.keys(answer.body), ERROR_MEMBERS)
    t.strictSame(await azure.cluster(cluster), before)
  })

t.test('accepts managedNATGatewayV2 on the previews that have it', async (t) => {
  const azure = simulated(t)
  const wish = toOutboundType(await azure.cluster('lb-managed'), 'managedNATGatewayV2')
  const answer = await azure.put(wish, { apiVersion: '2026-05-02-preview' })
  t.equal(answer.status, 200)
  await azure.advance(200)
  t.match(await azure.cluster('lb-managed'), {
    properties: { networkProfile: { natGatewayProfile: { sku: 'StandardV2' } } },
  })
})

t.test('accepts the properties that a Standard gateway returns', async (t) => {
  const azure = simulated(t)
  t.equal((await azure.put(await azure.cluster('nat-managed'))).status, 200)
})

t.test('leaves StandardV2 for isolation, as release notes allow and the matrix does not', async (t) => {
  for (const type of ['none', 'block']) {
    t.equal(isTransitionAllowed('union', 'managed', 'managedNATGatewayV2', type), true, type)
    t.equal(isTransitionAllowed('2026-08-05', 'managed', 'managedNATGatewayV2', type), false, type)
  }
})

t.test('uses one edition of the matrix if configured', async (t) => {
  const azure = simulated(t, { matrix: '2026-08-05' })
  const answer = await azure.put(toOutboundType(await azure.cluster('nat-managed'), 'loadBalancer'))
  t.equal(String(answer.body.code), 'UpdatingOutboundTypeNotAllowed')
  t.equal(isTransitionAllowed('2024-04-29', 'managed', 'managedNATGateway', 'loadBalancer'), true)
  t.equal(isTransitionAllowed('union', 'byo', 'none', 'block'), false)
})

t.test('answers 409 while another operation is in progress', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  t.equal((await azure.put(body)).status, 200)
  const second = await azure.put(body, { headers: { 'if-match': String(body.eTag) } })
  t.equal(second.status, 409)
  t.match(String(second.body.message), /Another operation \(Updating\) is in progress/)
  await azure.advance(200)
  t.equal((await azure.put(body)).status, 200)
})

t.test('honors If-Match and If-None-Match as documented', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  const missing = { ...body, id: String(body.id).replace('lb-managed', 'not-there') }
  const put = (value: unknown, headers: Record<string, string>) => azure.put(value, { headers })
  t.equal((await put(body, { 'if-match': 'another' })).status, 412)
  t.equal((await put(missing, { 'if-match': '*' })).status, 412)
  t.equal((await put(missing, { 'if-match': String(body.eTag) })).status, 412)
  t.equal((await put(body, { 'if-none-match': '*' })).status, 412)
  t.equal((await put(body, { 'if-none-match': 'x' })).status, 400)
  t.equal((await put(body, { 'if-match': String(body.eTag) })).status, 200)
  await azure.advance(100)
  t.equal((await put(body, { 'if-match': '*' })).status, 200)
})

t.test('returns the same errors for missing resources as Azure', async (t) => {
  const azure = simulated(t)
  const missing = await azure.ask('GET', clusterPath('not-there'))
  t.equal(missing.status, 404)
  t.equal(missing.headers['x-ms-failure-cause'], 'gateway')
  t.strictSame(missing.body as unknown, {
    error: {
      code: 'ResourceNotFound',
      message:
        "The Resource 'Microsoft.ContainerService/managedClusters/not-there' under resource group 'rg-demo' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    },
  })
  const code = async (url: string) => String((await azure.ask('GET', url)).body.error?.code)
  t.equal(await code(clusterPath('a').replace('rg-demo', 'rg-none')), 'ResourceGroupNotFound')
  t.equal(await code(clusterPath('a').replace(SUBSCRIPTION, '0'.repeat(8))), 'SubscriptionNotFound')
  t.equal(await code(clusterPath('lb-managed').split('?')[0] ?? ''), 'MissingApiVersionParameter')
  t.equal(await code(clusterPath('%00')), 'BadRequest')
  t.equal(await code(clusterPath('%E0%A4%A')), 'BadRequest')
})

t.test('returns 501 for an unimplemented path and names it', async (t) => {
  const azure = simulated(t)
  for (const [method, path] of [
    ['PATCH', clusterPath('lb-managed')],
    ['GET', clusterPath('lb-managed/machines')],
    ['GET', '/nowhere?api-version=2026-06-01'],
  ] as const) {
    const answer = await azure.ask(method, path)
    t.equal(answer.status, 501, `${method} ${path}`)
    t.match(String(answer.body.error?.message), /does not implement/)
  }
})

t.test('finds resources with any letter case of the path', async (t) => {
  const azure = simulated(t)
  const loud = clusterPath('LB-MANAGED')
    .replace('resourceGroups/rg-demo', 'RESOURCEGROUPS/RG-DEMO')
    .replace('managedClusters', 'MANAGEDCLUSTERS')
  const answer = await azure.ask('GET', loud)
  t.equal(answer.status, 200)
  t.match(String(answer.body.id), /\/resourcegroups\/rg-demo\/.*\/managedClusters\/lb-managed$/)
})

t.test('answers a broken body without starting anything', async (t) => {
  const azure = simulated(t)
  const answer = await azure.server.inject({
    method: 'PUT',
    url: clusterPath('lb-managed'),
    headers: { 'content-type': 'application/json' },
    payload: '{"location":',
  })
  t.equal(answer.statusCode, 400)
  t.equal(answer.json().error.code, 'InvalidRequestContent')
  t.match(await azure.cluster('lb-managed'), { properties: { provisioningState: 'Succeeded' } })
})
