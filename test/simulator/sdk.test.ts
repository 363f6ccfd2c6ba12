import { ContainerServiceClient } from '@azure/arm-containerservice'
import { NetworkManagementClient } from '@azure/arm-network'
import selfsigned from 'selfsigned'
import t from 'tap'
import { startSimulator } from '../../src/simulator/start-simulator.ts'
import { SUBSCRIPTION } from './support/simulated.ts'

const credential = { getToken: async () => ({ token: 'none', expiresOnTimestamp: Date.now() + 3_600_000 }) }

interface Pipelined {
  pipeline: { removePolicy(which: { name: string }): unknown }
}

/** The SDK sends no token over http: without this policy it does not try. */
function withoutToken<Client extends Pipelined>(client: Client): Client {
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  return client
}

async function clients(t: { teardown(end: () => unknown): void }) {
  const running = await startSimulator({ timeScale: 2000 })
  t.teardown(() => running.close())
  const options = { endpoint: running.url, allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }
  return {
    url: running.url,
    options,
    aks: withoutToken(new ContainerServiceClient(credential, SUBSCRIPTION, options)),
    network: withoutToken(new NetworkManagementClient(credential, SUBSCRIPTION, options)),
  }
}

async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of pages) items.push(item)
  return items
}

t.test('is read by the real clients', async (t) => {
  const { aks, network } = await clients(t)
  const cluster = await aks.managedClusters.get('rg-demo', 'lb-managed')
  t.equal(cluster.networkProfile?.outboundType, 'loadBalancer')
  t.match(cluster.eTag, /^[0-9a-f-]{36}$/)
  t.equal((await all(aks.managedClusters.list())).length, 22)
  t.equal((await all(aks.managedClusters.listByResourceGroup('rg-demo'))).length, 22)
  const pools = await all(aks.agentPools.list('rg-demo', 'lb-byo-two-subnets'))
  t.equal(new Set(pools.map((pool) => pool.vnetSubnetID)).size, 2)
  t.equal((await aks.agentPools.get('rg-demo', 'lb-byo', 'system')).mode, 'System')
  t.ok(
    (await all(aks.managedClusters.listOutboundNetworkDependenciesEndpoints('rg-demo', 'lb-byo'))).length > 3,
  )

  t.ok((await all(network.natGateways.listAll())).length >= 6)
  t.ok((await all(network.publicIPAddresses.listAll())).every((ip) => ip.ipAddress !== undefined))
  t.equal(
    (await all(network.virtualNetworks.listAll())).filter((vnet) => vnet.name?.startsWith('aks-vnet-'))
      .length,
    9,
  )
  t.equal((await all(network.azureFirewalls.listAll())).length, 2)
  const groups = await all(network.firewallPolicyRuleCollectionGroups.list('rg-demo', 'fwp-company'))
  t.strictSame(
    groups.map((group) => [group.name, group.priority]),
    [
      ['rcg-network', 300],
      ['rcg-azure', 200],
    ],
    'as they were made, and not by priority',
  )
  const policy = await network.firewallPolicies.get('rg-demo', 'fwp-branch')
  t.match(policy.basePolicy?.id, /fwp-company$/)
  t.equal(policy.ruleCollectionGroups?.length, 1)
  t.ok((await all(network.routeTables.listAll())).length >= 5)
  t.ok((await all(network.loadBalancers.listAll())).length >= 10)
  t.ok((await all(network.networkSecurityGroups.listAll())).length >= 22)
  t.same(await all(network.publicIPPrefixes.listAll()), [])
  t.equal((await all(network.subnets.list('rg-demo', 'vnet-lb-byo'))).length, 1)
  const usages = await all(network.usages.list('eastus'))
  t.equal(usages.find((usage) => usage.name?.value === 'PublicIPAddresses')?.limit, 1000)
})

t.test('lets the real client change the outbound type and poll to the end', async (t) => {
  const { aks, url, options } = await clients(t)
  const before = await aks.managedClusters.get('rg-demo', 'lb-managed')
  const older = withoutToken(
    new ContainerServiceClient(credential, SUBSCRIPTION, { ...options, apiVersion: '2026-05-01' }),
  )
  const networkProfile = {
    ...before.networkProfile,
    outboundType: 'managedNATGateway',
    loadBalancerProfile: undefined,
  }
  const poller = older.managedClusters.createOrUpdate(
    'rg-demo',
    'lb-managed',
    { ...before, networkProfile },
    { ifMatch: before.eTag, updateIntervalInMs: 20 },
  )
  const after = await poller.pollUntilDone()
  t.equal(after.networkProfile?.outboundType, 'managedNATGateway')
  t.equal(after.networkProfile?.natGatewayProfile?.effectiveOutboundIPs?.length, 1)
  t.equal(
    (await aks.managedClusters.get('rg-demo', 'lb-managed')).networkProfile?.natGatewayProfile?.sku,
    'Standard',
  )
  const log = (await (await fetch(`${url}/simulator/requests?method=PUT`)).json()) as {
    apiVersion: string
    ifMatch: string
  }[]
  t.match(log, [{ apiVersion: '2026-05-01', ifMatch: before.eTag }])
  t.equal(log.length, 1)
})

t.test('returns rejections to the real client with status and code', async (t) => {
  const { aks } = await clients(t)
  await t.rejects(aks.managedClusters.get('rg-demo', 'missing'), {
    statusCode: 404,
    code: 'ResourceNotFound',
  })
  const before = await aks.managedClusters.get('rg-demo', 'lb-byo')
  const networkProfile = {
    ...before.networkProfile,
    outboundType: 'userDefinedRouting',
    loadBalancerProfile: undefined,
  }
  const put = aks.managedClusters.createOrUpdate('rg-demo', 'lb-byo', { ...before, networkProfile })
  await t.rejects(put.submitted(), { code: 'ExistingRouteTableNotAssociatedWithSubnet' })
})

t.test('lets the real client attach a gateway to a subnet', async (t) => {
  const { network } = await clients(t)
  const gateway = await network.natGateways.get('rg-demo', 'natgw-lb-byo-nat-ready')
  const subnet = await network.subnets.get('rg-demo', 'vnet-lb-byo-nat-ready', 'nodes')
  const changed = { ...subnet, natGateway: { id: gateway.id } }
  const options = { updateIntervalInMs: 10 }
  const done = await network.subnets.createOrUpdate(
    'rg-demo',
    'vnet-lb-byo-nat-ready',
    'nodes',
    changed,
    options,
  )
  t.equal(done.natGateway?.id, gateway.id)
  t.equal(done.provisioningState, 'Succeeded')
  t.equal((await network.natGateways.get('rg-demo', 'natgw-lb-byo-nat-ready')).subnets?.length, 1)
})

t.test('lets the real client create and delete network resources', async (t) => {
  const { network } = await clients(t)
  const options = { updateIntervalInMs: 10 }
  const address = await network.publicIPAddresses.createOrUpdate(
    'rg-demo',
    'pip-new',
    { location: 'eastus', sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static' },
    options,
  )
  t.match(address.ipAddress, /^\d+\.\d+\.\d+\.\d+$/)
  const prefix = await network.publicIPPrefixes.createOrUpdate(
    'rg-demo',
    'prefix-new',
    { location: 'eastus', sku: { name: 'Standard' }, prefixLength: 30 },
    options,
  )
  t.match(prefix.ipPrefix, /\/30$/)
  const taken = {
    location: 'eastus',
    sku: { name: 'Standard' },
    publicIPAllocationMethod: 'Static',
    publicIPPrefix: { id: prefix.id ?? '' },
  }
  await network.publicIPAddresses.createOrUpdate('rg-demo', 'pip-taken', taken, options)
  const holding = await network.publicIPPrefixes.get('rg-demo', 'prefix-new')
  t.match(holding.publicIPAddresses, [{ id: /pip-taken$/ }])
  await t.rejects(network.publicIPPrefixes.delete('rg-demo', 'prefix-new', options), {
    code: 'InUsePublicIpPrefixCannotBeDeleted',
  })
  await network.publicIPAddresses.delete('rg-demo', 'pip-taken', options)
  await network.publicIPPrefixes.delete('rg-demo', 'prefix-new', options)
  await network.publicIPAddresses.delete('rg-demo', 'pip-new', options)
  await t.rejects(network.publicIPAddresses.get('rg-demo', 'pip-new'), { code: 'ResourceNotFound' })
  await t.rejects(network.publicIPAddresses.delete('rg-demo', 'pip-fw-hub-1', options), {
    code: 'PublicIPAddressCannotBeDeleted',
  })
})

t.test('speaks https when given a key and a certificate, and then the client sends its token', async (t) => {
  const pems = await selfsigned.generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const running = await startSimulator({ tls: { key: pems.private, cert: pems.cert } })
  t.teardown(() => running.close())
  t.match(running.url, /^https:/)
  const aks = new ContainerServiceClient(credential, SUBSCRIPTION, {
    endpoint: running.url,
    tlsOptions: { ca: pems.cert },
  })
  t.equal((await aks.managedClusters.get('rg-demo', 'lb-managed')).name, 'lb-managed')
})
