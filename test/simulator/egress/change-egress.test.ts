import t from 'tap'
import {
  clusterPath,
  type Loose,
  listOf,
  STABLE,
  SUBSCRIPTION,
  simulated,
  toOutboundType,
} from '../support/simulated.ts'

const network = (group: string, type: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Network/${type}?api-version=2025-01-01`
const nodeGroup = (name: string) => `MC_rg-demo_${name}_eastus`
const ids = (list: Loose | undefined) => listOf(list).map((entry) => String(entry.id))

t.test('moves a managed cluster from its load balancer to a NAT gateway and back', async (t) => {
  const azure = simulated(t)
  const before = await azure.cluster('lb-managed', '2026-05-01')
  const [oldIp] = ids(before.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  const profiles = { natGatewayProfile: { managedOutboundIPProfile: { count: 2 } } }
  const started = await azure.put(toOutboundType(before, 'managedNATGateway', profiles), {
    apiVersion: '2026-05-01',
  })
  t.equal(started.status, 200)
  t.strictSame(
    started.body.properties?.networkProfile?.loadBalancerProfile,
    before.properties?.networkProfile?.loadBalancerProfile,
    'the old profile is still shown in full',
  )
  t.notOk(started.body.properties?.networkProfile?.natGatewayProfile?.effectiveOutboundIPs)
  await azure.advance(171)
  t.match(await azure.poll(started), { status: 'CreatingAgentPools: 0/1 nodes completed' })
  t.equal(
    (await azure.ask('GET', `${oldIp}?api-version=2025-01-01`)).status,
    200,
    'nothing is released before the end',
  )
  await azure.advance(2)
  t.match(await azure.poll(started), { status: 'Succeeded', endTime: /Z$/ })

  const after = await azure.cluster('lb-managed')
  t.strictSame(after.properties?.networkProfile?.loadBalancerProfile as unknown, {
    allocatedOutboundPorts: 0,
    idleTimeoutInMinutes: 30,
    backendPoolType: 'nodeIPConfiguration',
  })
  t.equal(String(after.properties?.networkProfile?.natGatewayProfile?.sku), 'Standard')
  const newIps = ids(after.properties?.networkProfile?.natGatewayProfile?.effectiveOutboundIPs)
  t.equal(newIps.length, 2)
  t.notOk(newIps.includes(oldIp ?? ''))
  t.equal(
    (await azure.ask('GET', `${oldIp}?api-version=2025-01-01`)).status,
    404,
    'the old address is released',
  )
  const gateways = listOf(
    (await azure.ask('GET', network(nodeGroup('lb-managed'), 'natGateways'))).body.value,
  )
  t.strictSame(ids(gateways[0]?.properties?.publicIpAddresses), newIps)
  const [subnet] = ids(gateways[0]?.properties?.subnets)
  t.match((await azure.ask('GET', `${subnet}?api-version=2025-01-01`)).body, {
    properties: { natGateway: { id: String(gateways[0]?.id) } },
  })
  const balancers = (await azure.ask('GET', network(nodeGroup('lb-managed'), 'loadBalancers'))).body
  t.equal(listOf(balancers.value).length, 0, 'a load balancer without Services goes')

  const back = await azure.put(toOutboundType(after, 'loadBalancer'))
  t.equal(back.status, 200)
  t.ok(
    back.body.properties?.networkProfile?.natGatewayProfile?.effectiveOutboundIPs,
    'the old gateway is still shown',
  )
  await azure.advance(173)
  const end = await azure.cluster('lb-managed')
  t.notOk(end.properties?.networkProfile?.natGatewayProfile)
  t.equal(ids(end.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs).length, 1)
  t.equal(
    listOf((await azure.ask('GET', network(nodeGroup('lb-managed'), 'natGateways'))).body.value).length,
    0,
  )
})

t.test('touches nothing of the customer when a cluster moves to its own NAT gateway', async (t) => {
  const azure = simulated(t)
  const gateway = network('rg-demo', 'natGateways/natgw-lb-byo-nat-attached')
  const gatewayBefore = (await azure.ask('GET', gateway)).body
  const before = await azure.cluster('lb-byo-nat-attached')
  const [oldIp] = ids(before.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.equal((await azure.put(toOutboundType(before, 'userAssignedNATGateway'))).status, 200)
  await azure.advance(173)
  t.equal((await azure.ask('GET', `${oldIp}?api-version=2025-01-01`)).status, 404)
  t.strictSame((await azure.ask('GET', gateway)).body, gatewayBefore)
})

t.test('keeps the frontends and addresses of Services when egress leaves the load balancer', async (t) => {
  const azure = simulated(t)
  const id = network(nodeGroup('lb-services'), 'loadBalancers/kubernetes')
  const before = (await azure.ask('GET', id)).body
  t.equal(listOf(before.properties?.frontendIPConfigurations).length, 3)
  const cluster = await azure.cluster('lb-services')
  t.equal((await azure.put(toOutboundType(cluster, 'userDefinedRouting'))).status, 200)
  await azure.advance(173)
  const after = (await azure.ask('GET', id)).body
  t.equal(listOf(after.properties?.frontendIPConfigurations).length, 2)
  t.strictSame(after.properties?.outboundRules as unknown, [])
  t.strictSame(after.properties?.loadBalancingRules, before.properties?.loadBalancingRules)
})

t.test('leaves no rule of a Service without its frontend when it shares an outbound address', async (t) => {
  const azure = simulated(t)
  const path = network(nodeGroup('lb-managed'), 'loadBalancers/kubernetes')
  const cluster = await azure.cluster('lb-managed')
  const [address] = ids(cluster.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  const balancer = (await azure.ask('GET', path)).body
  const [frontend] = listOf(balancer.properties?.frontendIPConfigurations)
  const rule = {
    name: 'web-TCP-443',
    properties: { frontendIPConfiguration: { id: frontend?.id }, protocol: 'Tcp', frontendPort: 443 },
  }
  Object.assign(balancer.properties as object, { loadBalancingRules: [rule] })
  t.equal((await azure.ask('PUT', path, balancer)).status, 200)
  t.equal((await azure.put(toOutboundType(cluster, 'managedNATGateway'))).status, 200)
  await azure.advance(173)
  const after = (await azure.ask('GET', path)).body
  t.strictSame(after.properties?.outboundRules as unknown, [])
  t.strictSame(ids(after.properties?.frontendIPConfigurations), [String(frontend?.id)])
  t.equal((await azure.ask('GET', `${address}?api-version=2025-01-01`)).status, 200, 'the address is in use')
})

t.test('replaces a Standard gateway by a StandardV2 one of the same name with new addresses', async (t) => {
  const azure = simulated(t)
  const list = network(nodeGroup('nat-managed'), 'natGateways')
  const [before] = listOf((await azure.ask('GET', list)).body.value)
  const cluster = await azure.cluster('nat-managed')
  const profile = cluster.properties?.networkProfile?.natGatewayProfile as unknown as Record<string, unknown>
  profile.sku = 'StandardV2'
  t.equal((await azure.put(cluster)).status, 200)
  await azure.advance(173)
  const [after] = listOf((await azure.ask('GET', list)).body.value)
  t.equal(String(after?.name), String(before?.name))
  t.equal(String(after?.sku?.name), 'StandardV2')
  const old = ids(before?.properties?.publicIpAddresses)
  t.notOk(ids(after?.properties?.publicIpAddresses).some((id) => old.includes(id)))
})

t.test('keeps old addresses and adds new ones when only the count grows, in 114 s', async (t) => {
  const azure = simulated(t)
  const before = await azure.cluster('nat-managed')
  const old = ids(before.properties?.networkProfile?.natGatewayProfile?.effectiveOutboundIPs)
  const wish = structuredClone(before)
  Object.assign(wish.properties?.networkProfile?.natGatewayProfile as object, {
    managedOutboundIPProfile: { count: 3 },
  })
  const started = await azure.put(wish)
  await azure.advance(113)
  t.match(await azure.poll(started), { status: 'CreatingAgentPools: 0/1 nodes completed' })
  await azure.advance(2)
  const after = await azure.cluster('nat-managed')
  const now = ids(after.properties?.networkProfile?.natGatewayProfile?.effectiveOutboundIPs)
  t.strictSame(now.slice(0, 2), old)
  t.equal(now.length, 3)
})

t.test('writes a rule that denies the internet for block, on preview versions only', async (t) => {
  const azure = simulated(t)
  const cluster = await azure.cluster('isolated')
  t.match(await azure.put(toOutboundType(cluster, 'block')), { status: 400 })
  t.equal(
    (await azure.put(toOutboundType(cluster, 'block'), { apiVersion: '2026-06-02-preview' })).status,
    200,
  )
  await azure.advance(173)
  const groups = listOf(
    (await azure.ask('GET', network(nodeGroup('isolated'), 'networkSecurityGroups'))).body.value,
  )
  t.match(groups[0]?.properties?.securityRules, [{ properties: { access: 'Deny', direction: 'Outbound' } }])
})

t.test('makes dual-stack egress with an IPv6 address whose name ends in -ipv6', async (t) => {
  const azure = simulated(t)
  const cluster = await azure.cluster('dualstack-managed')
  const [v4, v6] = ids(cluster.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.notMatch(v4, /-ipv6$/)
  t.match(v6, /-ipv6$/)
})

t.test('changes the ETag of cluster and pools at the start and at the end of an update', async (t) => {
  const azure = simulated(t)
  const etags = (body: Loose) => [
    String(body.eTag),
    ...listOf(body.properties?.agentPoolProfiles).map((pool) => String(pool.eTag)),
  ]
  const before = await azure.cluster('lb-managed')
  const during = await azure.put(before)
  await azure.advance(200)
  const after = await azure.cluster('lb-managed')
  const all = [...etags(before), ...etags(during.body), ...etags(after)]
  t.equal(new Set(all).size, 9)
})

t.test('removes a property that a PUT omits and keeps properties that only Azure writes', async (t) => {
  const azure = simulated(t)
  const cluster = await azure.cluster('lb-managed')
  const properties = cluster.properties as unknown as Record<string, unknown>
  delete properties.resourceUID
  delete properties.supportPlan
  const httpProxyConfig = { noProxy: ['localhost'] }
  t.match((await azure.put({ ...cluster, properties: { ...properties, httpProxyConfig } })).body, {
    properties: { httpProxyConfig },
  })
  await azure.advance(200)
  const { body } = await azure.put(cluster)
  t.notOk(body.properties?.httpProxyConfig)
  t.ok(body.properties?.resourceUID)
  t.ok(body.properties?.supportPlan)
})

t.test('keeps the details of a user-assigned identity when a PUT contains only its ID', async (t) => {
  const azure = simulated(t)
  const cluster = await azure.cluster('lb-byo')
  const assigned = (cluster.identity?.userAssignedIdentities ?? {}) as Record<string, unknown>
  const [id = ''] = Object.keys(assigned)
  t.match(assigned[id], { principalId: String, clientId: String })
  const alone = { type: 'UserAssigned', userAssignedIdentities: { [id.toUpperCase()]: {} } }
  t.equal((await azure.put({ ...cluster, identity: alone })).status, 200)
  await azure.advance(200)
  const { identity } = await azure.cluster('lb-byo')
  t.strictSame(Object.values((identity?.userAssignedIdentities ?? {}) as object), [assigned[id]])
})

t.test('creates a cluster with its surroundings and deletes it with them', async (t) => {
  const azure = simulated(t)
  const url = clusterPath('fresh')
  const created = await azure.ask('PUT', url, {
    location: 'eastus',
    properties: { dnsPrefix: 'fresh', agentPoolProfiles: [{ name: 'system', count: 1, mode: 'System' }] },
  })
  t.match(created, { status: 201, body: { properties: { provisioningState: 'Creating' } } })
  await azure.advance(210)
  const cluster = await azure.cluster('fresh')
  t.match(cluster, {
    properties: { provisioningState: 'Succeeded', identityProfile: { kubeletidentity: {} } },
  })
  const [ip] = ids(cluster.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.equal((await azure.ask('GET', `${ip}?api-version=${STABLE}`)).status, 200)
  const deleted = await azure.ask('DELETE', url)
  t.equal(deleted.status, 202)
  t.ok(deleted.headers.location)
  await azure.advance(200)
  t.equal((await azure.ask('GET', url)).status, 404)
  t.equal((await azure.ask('GET', `${ip}?api-version=${STABLE}`)).status, 404)
})

t.test('cancels an update on abort and leaves the resources as they were', async (t) => {
  const azure = simulated(t)
  const before = await azure.cluster('lb-managed', '2026-05-01')
  const started = await azure.put(toOutboundType(before, 'managedNATGateway'), { apiVersion: '2026-05-01' })
  t.equal((await azure.ask('POST', clusterPath('lb-managed').replace('?', '/abort?'))).status, 202)
  t.match(await azure.poll(started), { status: 'Canceled' })
  await azure.advance(200)
  t.match(await azure.cluster('lb-managed'), { properties: { provisioningState: 'Canceled' } })
  t.equal(
    listOf((await azure.ask('GET', network(nodeGroup('lb-managed'), 'natGateways'))).body.value).length,
    0,
  )
})

t.test('spells StandardV2 as the api-version of the request does', async (t) => {
  const azure = simulated(t)
  t.match((await azure.cluster('natv2-managed', '2026-06-01')).properties?.networkProfile, {
    outboundType: 'managedNATGateway',
    natGatewayProfile: { sku: 'StandardV2' },
  })
  const stable = (await azure.cluster('natv2-managed', '2026-05-01')).properties?.networkProfile
  t.equal(String(stable?.outboundType), 'managedNATGateway')
  t.notOk(stable?.natGatewayProfile?.sku)
  t.equal(
    String(
      (await azure.cluster('natv2-managed', '2026-05-02-preview')).properties?.networkProfile?.outboundType,
    ),
    'managedNATGatewayV2',
  )
})
