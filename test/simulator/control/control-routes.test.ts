import t from 'tap'
import { clusterPath, listOf, STABLE, SUBSCRIPTION, simulated } from '../support/simulated.ts'

t.test('keeps a log of requests that is paged and filtered', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  await azure.put(body, { headers: { 'if-match': String(body.eTag) } })
  await azure.ask('GET', clusterPath('missing'))
  const log = listOf((await azure.ask('GET', '/simulator/requests')).body)
  t.equal(log.length, 3)
  t.match(log[0], { seq: 1, method: 'GET', apiVersion: STABLE, status: 200, bodyOmitted: true, body: null })
  t.match(log[1], {
    method: 'PUT',
    ifMatch: String(body.eTag),
    status: 200,
    requestBody: { location: 'eastus' },
    body: { properties: { provisioningState: 'Updating' } },
  })
  t.match(log[2], { status: 404, bodyOmitted: false, body: { error: { code: 'ResourceNotFound' } } })
  const seqs = async (query: string) =>
    listOf((await azure.ask('GET', `/simulator/requests?${query}`)).body).map((entry) => Number(entry.seq))
  t.strictSame(await seqs('after=1'), [2, 3])
  t.strictSame(await seqs('method=put'), [2])
  t.strictSame(await seqs('contains=MISSING'), [3])
  const [, put] = listOf((await azure.ask('GET', '/simulator/requests?bodies=false')).body)
  t.match(put, { method: 'PUT', status: 200, requestBody: null, body: null, bodyOmitted: true })
})

t.test('notes a request whose connection is to be cut, without a status', async (t) => {
  const azure = simulated(t)
  await azure.fault({ kind: 'status', status: 500 }, { pathPattern: 'lb-byo' })
  await azure.ask('GET', clusterPath('lb-byo'))
  t.match((await azure.ask('GET', '/simulator/requests')).body, [{ status: 500 }])
})

t.test('resets to given resources and furnishes clusters that come alone', async (t) => {
  const azure = simulated(t)
  const cluster = await azure.cluster('lb-managed')
  const answer = await azure.ask('POST', '/simulator/reset', { resources: [cluster] })
  t.match(answer.body, { clusters: 1 })
  const [ip] = listOf(cluster.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.ok((await azure.ask('GET', `${ip?.id}?api-version=${STABLE}`)).body.properties?.ipAddress)
  t.strictSame((await azure.cluster('lb-managed')).properties, cluster.properties)
  t.strictSame((await azure.ask('GET', '/simulator/requests?contains=nothing')).body as unknown, [])
})

t.test('resets to the demo fleet, and the same way each time', async (t) => {
  const azure = simulated(t)
  const before = await azure.cluster('lb-managed')
  await azure.put(before)
  await azure.fault({ kind: 'reset' })
  t.match((await azure.ask('POST', '/simulator/reset')).body, { clusters: 22 })
  t.strictSame(await azure.cluster('lb-managed'), before)
  t.strictSame((await azure.ask('GET', '/simulator/faults')).body as unknown, [])
})

t.test('runs by the wall clock times the scale in auto mode', async (t) => {
  const azure = simulated(t, { mode: 'auto', timeScale: 1_000_000 })
  await azure.put(await azure.cluster('lb-managed'))
  while ((await azure.cluster('lb-managed')).properties?.provisioningState !== ('Succeeded' as unknown))
    await new Promise(setImmediate)
  t.pass('an update of 82 s ended')
})

t.test('changes mode and scale without a jump in time', async (t) => {
  const azure = simulated(t)
  const now = async (body: unknown) =>
    Date.parse(String((await azure.ask('POST', '/simulator/clock', body)).body.now))
  const start = await now({})
  t.equal((await now({ advanceSeconds: 60 })) - start, 60_000)
  t.equal((await now({ scale: 1000 })) - start, 60_000)
  t.ok((await now({ mode: 'auto', scale: 1 })) - start < 61_000)
})

t.test('answers bad control input with a sentence, and changes nothing', async (t) => {
  const azure = simulated(t)
  const { body: before } = await azure.ask('GET', '/simulator/state')
  for (const [method, url, body, why] of [
    ['GET', '/simulator/requests?after=x', undefined, /sequence number/],
    ['GET', '/simulator/requests?before=1', undefined, /Unknown query parameters: before/],
    ['POST', '/simulator/clock', { mode: 'backwards' }, /auto or manual/],
    ['POST', '/simulator/clock', { advanceSeconds: -1 }, /0 or more/],
    ['POST', '/simulator/clock', { speed: 1 }, /Unknown fields: speed/],
    ['POST', '/simulator/clock', [1], /must be \{ mode/],
    ['POST', '/simulator/reset', { clusters: 1 }, /must be/],
    ['POST', '/simulator/reset', { fleet: { count: 0, like: 'lb-managed' } }, /whole number/],
    ['POST', '/simulator/reset', { fleet: { count: 1, like: 'nobody' } }, /one of lb-managed/],
    ['POST', '/simulator/reset', { resources: [{ id: 'x' }] }, /ARM resource ID/],
    ['POST', '/simulator/reset', { resources: {} }, /must be a list/],
    ['POST', '/simulator/faults', '{', /not valid JSON/],
  ] as const) {
    const answer = await azure.ask(method, url, body)
    t.equal(answer.status, 400, `${method} ${url}`)
    t.match(String(answer.body.error?.message), why)
  }
  t.strictSame((await azure.ask('GET', '/simulator/state')).body.resources, before.resources)
})

t.test('answers the simplest Resource Graph queries, page by page', async (t) => {
  const azure = simulated(t)
  const query =
    "Resources | where type in~ ('Microsoft.ContainerService/managedClusters','microsoft.network/natgateways') | project id, name, type, plugin = properties.networkProfile.networkPlugin"
  const rows = []
  let token: unknown
  do {
    const options = {
      $top: 10,
      resultFormat: 'objectArray',
      ...(token === undefined ? {} : { $skipToken: token }),
    }
    const answer = await azure.ask(
      'POST',
      '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01',
      { subscriptions: [SUBSCRIPTION], query, options },
    )
    t.equal(answer.status, 200)
    rows.push(...listOf(answer.body.data))
    token = answer.body.$skipToken
  } while (token !== undefined)
  t.equal(rows.filter((row) => String(row.type) === 'microsoft.containerservice/managedclusters').length, 22)
  t.equal(new Set(rows.map((row) => String(row.id))).size, rows.length)
  t.strictSame(Object.keys(rows[0] ?? {}), ['id', 'name', 'type', 'plugin'])
  const refused = await azure.ask(
    'POST',
    '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01',
    { query: 'Resources | summarize count()' },
  )
  t.equal(refused.status, 400)
})

t.test('lets only one write at a time into the subnets of a network', async (t) => {
  const azure = simulated(t)
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network/virtualNetworks/vnet-lb-byo-two-subnets/subnets`
  const url = (name: string) => `${id}/${name}?api-version=2025-01-01`
  const nodes = (await azure.ask('GET', url('nodes'))).body
  const user = (await azure.ask('GET', url('user'))).body
  t.equal((await azure.ask('PUT', url('nodes'), nodes)).status, 200)
  const second = await azure.ask('PUT', url('user'), user)
  t.match(second, { status: 429, body: { error: { code: 'RetryableErrorDueToAnotherOperation' } } })
  t.ok(second.headers['retry-after'])
  await azure.advance(5)
  t.equal((await azure.ask('PUT', url('user'), user)).status, 200)
})

t.test('detaches what a subnet write leaves out', async (t) => {
  const azure = simulated(t)
  const network = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network`
  const url = `${network}/virtualNetworks/vnet-nat-byo/subnets/nodes?api-version=2025-01-01`
  const { addressPrefix } = (await azure.ask('GET', url)).body.properties ?? {}
  const answer = await azure.ask('PUT', url, { properties: { addressPrefix } })
  t.equal(answer.status, 200)
  const gateway = (await azure.ask('GET', `${network}/natGateways/natgw-nat-byo?api-version=2025-01-01`)).body
  t.notOk(gateway.properties?.subnets)
})

t.test('writes and removes routes of a table', async (t) => {
  const azure = simulated(t)
  const table = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network/routeTables/rt-kubenet-byo`
  const url = `${table}/routes/default?api-version=2025-01-01`
  const route = {
    properties: {
      addressPrefix: '0.0.0.0/0',
      nextHopType: 'VirtualAppliance',
      nextHopIpAddress: '10.250.0.4',
    },
  }
  t.equal((await azure.ask('PUT', url, route)).status, 201)
  await azure.advance(5)
  t.match((await azure.ask('GET', url)).body, route)
  t.equal((await azure.ask('DELETE', url)).status, 202)
  await azure.advance(5)
  t.equal((await azure.ask('GET', url)).status, 404)
  t.equal((await azure.ask('DELETE', url)).status, 204)
})
