import t from 'tap'
import {
  type Answer,
  clusterPath,
  type Loose,
  listOf,
  makeBasic,
  pathOf,
  type Simulated,
  simulated,
  toOutboundType,
} from '../support/simulated.ts'

const PREVIEW = '2026-05-02-preview'
const below = (name: string, rest: string) => clusterPath(name).replace('?', `/${rest}?`)
const post = (azure: Simulated, name: string, action: string) => azure.ask('POST', below(name, action))
const poolsOf = (body: Loose) => listOf(body.properties?.agentPoolProfiles)
const textOf = (value: unknown) => (value === undefined ? undefined : String(value))

/** Follows `location` to its end. */
async function end(azure: Simulated, { headers }: Answer): Promise<Answer> {
  const running = await azure.ask('GET', pathOf(headers.location))
  t.strictSame([running.status, running.headers.location], [202, headers.location])
  await azure.advance(300)
  return azure.ask('GET', pathOf(headers.location))
}

t.test(
  'stops and starts a cluster with its pools, and rejects other operations on a stopped cluster',
  async (t) => {
    const azure = simulated(t)
    const powers = async () => {
      const body = await azure.cluster('lb-managed')
      return [body, ...poolsOf(body).map((pool) => ({ properties: pool }))].map((each) =>
        textOf((each as Loose).properties?.powerState?.code),
      )
    }
    const stopped = await post(azure, 'lb-managed', 'stop')
    t.strictSame([stopped.status, stopped.body], [202, null])
    t.equal(textOf((await azure.cluster('lb-managed')).properties?.provisioningState), 'Stopping')
    t.equal((await post(azure, 'lb-managed', 'start')).status, 409, 'an operation is in progress')
    t.equal((await end(azure, stopped)).status, 204)
    t.strictSame(await powers(), ['Stopped', 'Stopped', 'Stopped'])
    t.equal((await azure.put(await azure.cluster('lb-managed'))).status, 409)
    t.equal((await post(azure, 'lb-managed', 'agentPools/user/upgradeNodeImageVersion')).status, 409)
    t.equal((await azure.ask('PUT', below('lb-managed', 'agentPools/user'), { properties: {} })).status, 409)
    t.equal((await post(azure, 'lb-managed', 'stop')).status, 400, 'it is stopped already')
    t.equal((await end(azure, await post(azure, 'lb-managed', 'start'))).status, 204)
    t.strictSame(await powers(), ['Running', 'Running', 'Running'])
    t.equal((await post(azure, 'lb-managed', 'start')).status, 400)
    t.equal((await post(azure, 'none', 'start')).status, 404)
  },
)

t.test('changes and adds a pool alone', async (t) => {
  const azure = simulated(t)
  const before = await azure.cluster('lb-managed')
  const url = below('lb-managed', 'agentPools/USER')
  const [, user] = poolsOf(before)
  const properties = { count: 5, upgradeSettings: { maxSurge: '33%' }, nodeLabels: { a: '1' } }
  const stale = await azure.ask('PUT', url, { properties }, { 'if-match': 'x' })
  t.equal(stale.status, 412)
  const changed = await azure.ask('PUT', url, { properties }, { 'if-match': String(user?.eTag) })
  t.equal(changed.status, 200)
  t.notOk(changed.headers.location)
  t.match(changed.body, { name: 'user', properties: { provisioningState: 'Updating', count: 5 } })
  const during = await azure.cluster('lb-managed')
  t.equal(during.eTag, before.eTag)
  t.equal(poolsOf(during)[0]?.eTag, poolsOf(before)[0]?.eTag)
  t.not(poolsOf(during)[1]?.eTag, user?.eTag)
  t.equal((await azure.put(during)).status, 409)
  await azure.advance(300)
  t.equal(textOf((await azure.poll(changed)).status), 'Succeeded')
  t.match(poolsOf(await azure.cluster('lb-managed'))[1], {
    provisioningState: 'Succeeded',
    vmSize: user?.vmSize,
    upgradeSettings: { maxSurge: '33%', maxUnavailable: '0' },
    nodeLabels: { a: '1' },
  })
  const added = await azure.ask('PUT', below('lb-managed', 'agentPools/third'), {
    properties: { count: 1, osType: 'Linux' },
  })
  t.equal(added.status, 201)
  await azure.advance(300)
  t.strictSame(
    poolsOf(await azure.cluster('lb-managed')).map((pool) => textOf(pool.name)),
    ['system', 'user', 'third'],
  )
})

const POOL_REFUSALS: { name: string; cluster: string; body: object; code: string }[] = [
  {
    name: 'an unknown field',
    cluster: 'lb-managed',
    body: { properties: { size: 1 } },
    code: 'UnmarshalError',
  },
  { name: 'a field at the wrong level', cluster: 'lb-managed', body: { count: 1 }, code: 'UnmarshalError' },
  {
    name: 'a Windows pool without egress',
    cluster: 'isolated',
    body: { properties: { osType: 'WINDOWS' } },
    code: 'WindowsAgentPoolNotAllowedInNetworkIsolatedCluster',
  },
]
for (const { name, cluster, body, code } of POOL_REFUSALS)
  t.test(`rejects a pool with ${name}`, async (t) => {
    const azure = simulated(t)
    const answer = await azure.ask('PUT', below(cluster, 'agentPools/win'), body)
    t.strictSame([answer.status, textOf(answer.body.code)], [400, code])
  })

t.test('rejects a pool that is too large for the ports of its load balancer', async (t) => {
  const azure = simulated(t)
  const loadBalancerProfile = { managedOutboundIPs: { count: 1 }, allocatedOutboundPorts: 16_000 }
  await azure.put(toOutboundType(await azure.cluster('lb-managed'), 'loadBalancer', { loadBalancerProfile }))
  await azure.advance(300)
  const answer = await azure.ask('PUT', below('lb-managed', 'agentPools/user'), { properties: { count: 3 } })
  t.equal(textOf(answer.body.code), 'InvalidLoadBalancerProfileAllocatedOutboundPorts')
})

t.test('answers an image upgrade with the pool, and ends its location with 204', async (t) => {
  const azure = simulated(t)
  const answer = await post(azure, 'lb-managed', 'agentPools/user/upgradeNodeImageVersion')
  t.equal(answer.status, 202)
  t.match(answer.body, { name: 'user', properties: { provisioningState: 'UpgradingNodeImageVersion' } })
  t.strictSame((await end(azure, answer)).status, 204)
})

t.test('shows the phases of an operation in their order, and only one while nothing moves', async (t) => {
  const azure = simulated(t)
  const started = await azure.put(toOutboundType(await azure.cluster('lb-managed'), 'managedNATGateway'))
  const seen: unknown[] = []
  for (let second = 0; second <= 172; second += 4) {
    seen.push(textOf((await azure.poll(started)).status))
    await azure.advance(4)
  }
  t.strictSame(
    [...new Set(seen)],
    [
      'InProgress',
      'ProvisioningControlPlane',
      'ReconcilingDNS',
      'ReconcilingAddons',
      'ProvisioningNetworkResources',
      'CreatingAgentPools: 0/1 nodes completed',
      'Succeeded',
    ],
  )
  await azure.fault({ kind: 'stall' })
  const stalled = await azure.put(await azure.cluster('lb-managed'))
  await azure.advance(10_000)
  t.equal(textOf((await azure.poll(stalled)).status), 'InProgress')
})

t.test('changes block to none within 92 s and keeps the type of the backend pools', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('isolated')
  const networkProfile = { ...body.properties?.networkProfile, outboundType: 'block' }
  await azure.ask('POST', '/simulator/resources', {
    put: [{ ...body, properties: { ...body.properties, networkProfile } }],
  })
  const started = await azure.put(toOutboundType(await azure.cluster('isolated', PREVIEW), 'none'), {
    apiVersion: PREVIEW,
  })
  t.equal(started.status, 200)
  await azure.advance(91)
  t.not(textOf((await azure.poll(started)).status), 'Succeeded')
  await azure.advance(1)
  t.equal(textOf((await azure.poll(started)).status), 'Succeeded')
  const profile = (await azure.cluster('isolated', PREVIEW)).properties?.networkProfile
  t.match(profile, { outboundType: 'none' })
  t.strictSame(profile?.loadBalancerProfile as unknown, { backendPoolType: 'nodeIPConfiguration' })
})

t.test('never returns a secret', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('windows-nat')
  const properties = {
    ...body.properties,
    windowsProfile: { ...body.properties?.windowsProfile, adminPassword: 'secret-1' },
    servicePrincipalProfile: { clientId: 'msi', secret: 'secret-2' },
    aadProfile: { managed: false, serverAppSecret: 'secret-3' },
  }
  const created = { ...body, id: String(body.id).replace('windows-nat', 'new'), name: 'new', properties }
  for (const [put, status] of [
    [{ ...body, properties }, 200],
    [created, 201],
  ] as const) {
    const answer = await azure.put(put)
    t.equal(answer.status, status)
    t.notMatch(JSON.stringify(answer.body), /secret-\d/)
    await azure.advance(300)
  }
  t.notMatch(JSON.stringify((await azure.ask('GET', '/simulator/state')).body), /secret-\d/)
  t.match((await azure.cluster('new')).properties, {
    aadProfile: { managed: false },
    windowsProfile: { adminUsername: 'azureuser' },
  })
})

t.test('migrates a Basic load balancer to Standard, with an address', async (t) => {
  const azure = simulated(t)
  await makeBasic(azure, 'lb-managed')
  const body = await azure.cluster('lb-managed')
  t.equal((await azure.put(body)).status, 200, 'a Basic cluster as it was read')
  await azure.advance(300)
  t.notOk((await azure.cluster('lb-managed')).properties?.networkProfile?.loadBalancerProfile)
  Object.assign(body.properties?.networkProfile as object, { loadBalancerSku: 'standard' })
  t.equal((await azure.put(body)).status, 200)
  await azure.advance(300)
  const profile = (await azure.cluster('lb-managed')).properties?.networkProfile
  t.match(profile, { loadBalancerSku: 'standard', loadBalancerProfile: { managedOutboundIPs: { count: 1 } } })
  t.equal(listOf(profile?.loadBalancerProfile?.effectiveOutboundIPs).length, 1)
})

t.test('moves kubenet to overlay with other pod addresses', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('kubenet-byo')
  const overlay = { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '192.168.0.0/16' }
  Object.assign(body.properties?.networkProfile as object, overlay)
  t.equal((await azure.put(body)).status, 200)
  await azure.advance(300)
  t.match((await azure.cluster('kubenet-byo')).properties?.networkProfile, overlay)
})

t.test('keeps an outbound address that is the frontend of a Service', async (t) => {
  const azure = simulated(t)
  const cluster = await azure.cluster('lb-managed')
  const [address] = listOf(cluster.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  const { resources } = (await azure.ask('GET', '/simulator/state')).body
  const isBalancer = (body: Loose) => /rg-demo_lb-managed_\S+\/loadBalancers\//.test(String(body.id))
  const balancer = listOf(resources).find(isBalancer)
  const frontend = `${balancer?.id}/frontendIPConfigurations/${String(address?.id).split('/').at(-1)}`
  const rule = { name: 'web', properties: { frontendIPConfiguration: { id: frontend }, frontendPort: 80 } }
  const properties = { ...balancer?.properties, loadBalancingRules: [rule] }
  await azure.ask('POST', '/simulator/resources', { put: [{ ...balancer, properties }] })
  for (const type of ['managedNATGateway', 'loadBalancer']) {
    t.equal(
      (await azure.put(toOutboundType(await azure.cluster('lb-managed'), type), { apiVersion: '2026-05-01' }))
        .status,
      200,
    )
    await azure.advance(300)
    const after = listOf((await azure.ask('GET', '/simulator/state')).body.resources).find(isBalancer)
    const kept = listOf(after?.properties?.frontendIPConfigurations).filter(
      (entry) => String(entry.id) === frontend,
    )
    t.equal(kept.length, 1)
    t.equal(listOf(kept[0]?.properties?.outboundRules).length, 0, 'it serves the Service alone')
    t.equal((await azure.ask('GET', `${address?.id}?api-version=2025-01-01`)).status, 200)
  }
})

t.test('keeps the maintenance configurations of a cluster beside it', async (t) => {
  const azure = simulated(t)
  const configuration = (name: string) => below('lb-managed', `maintenanceConfigurations/${name}`)
  const list = async () =>
    listOf((await azure.ask('GET', below('lb-managed', 'maintenanceConfigurations'))).body.value)
  t.strictSame(await list(), [])
  const timeInWeek = [{ day: 'Monday', hourSlots: [1, 2] }]
  t.equal((await azure.ask('PUT', configuration('default'), { properties: { timeInWeek } })).status, 201)
  t.equal((await azure.ask('PUT', configuration('DEFAULT'), { properties: { timeInWeek } })).status, 200)
  const schedule = { weekly: { intervalWeeks: 1, dayOfWeek: 'Friday' } }
  const window = { schedule, durationHours: 4, startTime: '00:00' }
  const upgrades = configuration('aksManagedAutoUpgradeSchedule')
  t.match(await azure.ask('PUT', upgrades, { properties: { maintenanceWindow: window } }), {
    status: 201,
    body: { properties: { maintenanceWindow: { ...window, utcOffset: '+00:00' } } },
  })
  t.match(await list(), [{ name: 'default' }, { name: 'aksManagedAutoUpgradeSchedule' }])
  for (const [name, properties] of [
    ['weekends', { timeInWeek }],
    ['aksManagedAutoUpgradeSchedule', { timeInWeek }],
    ['aksManagedNodeOSUpgradeSchedule', { maintenanceWindow: { ...window, durationHours: 1 } }],
  ] as const)
    t.match(await azure.ask('PUT', configuration(name), { properties }), { status: 400 })
  t.equal((await azure.ask('DELETE', configuration('default'))).status, 200)
  t.equal((await azure.ask('DELETE', configuration('default'))).status, 204)
  t.match(await azure.ask('GET', configuration('default')), { status: 404 })
  t.equal((await azure.ask('GET', upgrades)).status, 200)
  await azure.ask('DELETE', clusterPath('lb-managed'))
  await azure.advance(1_000)
  t.equal((await azure.ask('GET', upgrades)).status, 404)
})
