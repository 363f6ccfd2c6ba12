import { get } from 'node:http'
import t from 'tap'
import { startSimulator } from '../../../src/simulator/start-simulator.ts'
import {
  clusterPath,
  listOf,
  pathOf,
  STABLE,
  SUBSCRIPTION,
  simulated,
  toOutboundType,
} from '../support/simulated.ts'

const PATTERN = { method: 'PUT', pathPattern: 'MANAGEDclusters/lb-managed\\?' }

t.test(
  'answers a status with its Retry-After to the requests that match, and counts the strikes',
  async (t) => {
    const azure = simulated(t)
    await azure.fault(
      { kind: 'status', status: 429, retryAfterSeconds: 7, headers: { 'x-ms-failure-cause': 'gateway' } },
      { method: 'get', pathPattern: 'lb-managed\\?', from: 2, count: 2 },
    )
    const statuses = []
    for (let number = 0; number < 5; number += 1)
      statuses.push((await azure.ask('GET', clusterPath('lb-managed'))).status)
    t.strictSame(statuses, [200, 429, 429, 200, 200])
    t.match((await azure.ask('GET', '/simulator/faults')).body, [{ matched: 5, strikes: 2 }])
    t.equal((await azure.ask('GET', clusterPath('lb-byo'))).status, 200)
  },
)

t.test('answers 403, 500 and 503 in the error shape with a fitting or a given code', async (t) => {
  for (const [status, code] of [
    [403, 'AuthorizationFailed'],
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
    [429, 'Throttled'],
  ] as const) {
    const azure = simulated(t)
    await azure.fault({ kind: 'status', status, code, retryAfterSeconds: 3 }, { pathPattern: '.*', nth: 1 })
    const answer = await azure.ask('GET', clusterPath('lb-managed'))
    t.match(answer, { status, headers: { 'retry-after': '3' }, body: { error: { code } } })
    t.equal((await azure.ask('GET', clusterPath('lb-managed'))).status, 200)
  }
})

t.test('strikes only requests whose body holds a text', async (t) => {
  const azure = simulated(t)
  await azure.fault(
    { kind: 'status', status: 500 },
    { method: 'PUT', bodyContains: '"outboundType":"managedNATGateway"' },
  )
  const body = await azure.cluster('lb-managed')
  t.equal((await azure.put(body)).status, 200)
  await azure.advance(100)
  t.equal((await azure.put(toOutboundType(body, 'managedNATGateway'))).status, 500)
})

t.test('ends a struck operation as Failed and leaves the resources alone', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  await azure.fault(
    { kind: 'failOperation', code: 'CreateVMSSAgentPoolFailed', message: 'no egress' },
    PATTERN,
  )
  const started = await azure.put(toOutboundType(body, 'managedNATGateway'))
  await azure.advance(200)
  t.match(await azure.poll(started), {
    status: 'Failed',
    error: { code: 'CreateVMSSAgentPoolFailed', message: 'no egress' },
  })
  const after = await azure.cluster('lb-managed')
  t.equal(String(after.properties?.provisioningState), 'Failed')
  const [ip] = listOf(body.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.equal((await azure.ask('GET', `${ip?.id}?api-version=${STABLE}`)).status, 200)
})

t.test('shows NotLatestOperation beside InProgress and Succeeded, and succeeds', async (t) => {
  const azure = simulated(t)
  await azure.fault({ kind: 'errorInSuccess' }, PATTERN)
  const started = await azure.put(toOutboundType(await azure.cluster('lb-managed'), 'managedNATGateway'))
  t.match(await azure.poll(started), { status: 'InProgress', error: { code: 'NotLatestOperation' } })
  await azure.advance(200)
  t.match(await azure.poll(started), { status: 'Succeeded', error: { code: 'NotLatestOperation' } })
  t.match(await azure.cluster('lb-managed'), {
    properties: { networkProfile: { outboundType: 'managedNATGateway' } },
  })
})

t.test('never ends a stalled operation', async (t) => {
  const azure = simulated(t)
  await azure.fault({ kind: 'stall' }, PATTERN)
  const started = await azure.put(await azure.cluster('lb-managed'))
  await azure.advance(1_000_000)
  t.match(await azure.poll(started), { status: 'InProgress' })
  t.match(await azure.cluster('lb-managed'), { properties: { provisioningState: 'Updating' } })
})

t.test('reports success and keeps the outbound type when the change is to be ignored', async (t) => {
  const azure = simulated(t)
  const before = await azure.cluster('lb-managed')
  await azure.fault({ kind: 'ignoreChange' }, PATTERN)
  const started = await azure.put(toOutboundType(before, 'managedNATGateway'))
  await azure.advance(200)
  t.match(await azure.poll(started), { status: 'Succeeded' })
  const after = await azure.cluster('lb-managed')
  t.strictSame(after.properties?.networkProfile, before.properties?.networkProfile)
})

t.test('reports success and keeps the authorized ranges when their change is to be ignored', async (t) => {
  const azure = simulated(t)
  const ranges = async () =>
    (await azure.cluster('lb-managed-ranges')).properties?.apiServerAccessProfile?.authorizedIPRanges
  const body = await azure.cluster('lb-managed-ranges')
  const before = await ranges()
  await azure.fault({ kind: 'ignoreChange' }, { method: 'PUT', pathPattern: 'lb-managed-ranges' })
  const profile = { ...body.properties?.apiServerAccessProfile, authorizedIPRanges: ['198.51.100.0/24'] }
  const started = await azure.put({
    ...body,
    properties: { ...body.properties, apiServerAccessProfile: profile },
  } as unknown as typeof body)
  await azure.advance(200)
  t.match(await azure.poll(started), { status: 'Succeeded' })
  t.strictSame(await ranges(), before)
})

t.test('changes the ETag just before the request, as another writer', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  await azure.fault({ kind: 'changeEtag' }, { ...PATTERN, nth: 1 })
  const headers = { 'if-match': String(body.eTag) }
  t.equal((await azure.put(body, { headers })).status, 412)
  t.not(String((await azure.cluster('lb-managed')).eTag), String(body.eTag))
})

t.test('changes the ETag of a subnet, a gateway, or a resource that is only read', async (t) => {
  const azure = simulated(t)
  const network = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network`
  for (const path of ['virtualNetworks/vnet-lb-byo/subnets/nodes', 'natGateways/natgw-nat-byo']) {
    const url = `${network}/${path}?api-version=2025-01-01`
    const body = (await azure.ask('GET', url)).body
    await azure.fault({ kind: 'changeEtag' }, { method: 'PUT', pathPattern: path, nth: 1 })
    t.equal((await azure.ask('PUT', url, body, { 'if-match': String(body.etag) })).status, 412, path)
  }
  const before = await azure.cluster('lb-managed')
  await azure.fault({ kind: 'changeEtag' }, { method: 'GET', pathPattern: 'lb-managed', nth: 1 })
  t.not(String((await azure.cluster('lb-managed')).eTag), String(before.eTag))
})

t.test('starts an operation just before the request, as another writer', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  await azure.fault({ kind: 'concurrentWriter' }, { ...PATTERN, nth: 1 })
  const answer = await azure.put(body, { headers: { 'if-match': String(body.eTag) } })
  t.match(answer, { status: 409, body: { code: 'OperationNotAllowed' } })
  await azure.advance(90)
  t.match(await azure.cluster('lb-managed'), { properties: { provisioningState: 'Succeeded' } })
})

/** A GET on a real connection: inject has none that could break. */
function ask(url: string): Promise<number | string> {
  return new Promise((resolve) => {
    get(url, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
  })
}

async function listening(t: {
  teardown(end: () => unknown): void
}): Promise<{ url: string; post(path: string, body: unknown): Promise<unknown> }> {
  const running = await startSimulator({ mode: 'manual' })
  t.teardown(() => running.close())
  return {
    url: running.url,
    post: async (path, body) =>
      (
        await fetch(`${running.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json(),
  }
}

t.test('cuts the connection before or after the effect, or after a silence', async (t) => {
  const azure = await listening(t)
  const url = `${azure.url}${clusterPath('lb-managed')}`
  const nth = { pathPattern: 'managedClusters', nth: 1 }
  for (const fault of [{ kind: 'reset' }, { kind: 'timeout', ms: 20 }]) {
    await azure.post('/simulator/faults', { match: nth, fault })
    t.equal(await ask(url), 'ECONNRESET', fault.kind)
    t.equal(await ask(url), 200)
  }
  await azure.post('/simulator/faults', { match: { method: 'PUT' }, fault: { kind: 'resetAfter' } })
  const body = await (await fetch(url)).text()
  const headers = { 'content-type': 'application/json' }
  await t.rejects(fetch(url, { method: 'PUT', body, headers }))
  const after = (await (await fetch(url)).json()) as { properties: { provisioningState: string } }
  t.equal(after.properties.provisioningState, 'Updating', 'the effect happened')
})

t.test('delays an answer and still gives it', async (t) => {
  const azure = await listening(t)
  await azure.post('/simulator/faults', { match: { pathPattern: '.*' }, fault: { kind: 'delay', ms: 30 } })
  const before = performance.now()
  t.equal(await ask(`${azure.url}${clusterPath('lb-managed')}`), 200)
  t.ok(performance.now() - before >= 29)
})

t.test('holds a request, or only its response, until the faults are removed', async (t) => {
  const azure = await listening(t)
  const url = `${azure.url}${clusterPath('lb-managed')}`
  const read = async () =>
    ((await (await fetch(url)).json()) as { properties: { provisioningState: string } }).properties
  const body = await (await fetch(url)).text()
  for (const kind of ['hold', 'holdAfter']) {
    await azure.post('/simulator/faults', { match: { method: 'PUT' }, fault: { kind } })
    let isAnswered = false
    const put = fetch(url, { method: 'PUT', body, headers: { 'content-type': 'application/json' } })
    const answered = put.then(({ status }) => {
      isAnswered = true
      return status
    })
    while (!/"strikes":1/.test(await (await fetch(`${azure.url}/simulator/faults`)).text()));
    t.equal((await read()).provisioningState, kind === 'hold' ? 'Succeeded' : 'Updating', kind)
    t.equal(isAnswered, false)
    await fetch(`${azure.url}/simulator/faults`, { method: 'DELETE' })
    t.equal(await answered, 200)
    t.equal((await read()).provisioningState, 'Updating', 'it took effect')
    await azure.post('/simulator/clock', { advanceSeconds: 1_000 })
  }
})

t.test('accepts several rules together and deletes them on request', async (t) => {
  const azure = simulated(t)
  const rule = { match: { pathPattern: 'x' }, fault: { kind: 'reset' } }
  t.equal(listOf((await azure.ask('POST', '/simulator/faults', [rule, rule])).body).length, 2)
  await azure.ask('DELETE', '/simulator/faults')
  t.strictSame((await azure.ask('GET', '/simulator/faults')).body as unknown, [])
})

t.test('rejects rules that it does not understand, with the reason', async (t) => {
  const azure = simulated(t)
  for (const [rule, why] of [
    [{}, /must be \{ match/],
    [{ match: {}, fault: { kind: 'earthquake' } }, /must be one of status/],
    [{ match: { pathPattern: '(' }, fault: { kind: 'reset' } }, /must be a valid regular expression/],
    [{ match: { nth: 0 }, fault: { kind: 'reset' } }, /whole number of 1/],
    [{ match: { method: 'GET', when: 1 }, fault: { kind: 'reset' } }, /unknown fields: when/],
    [{ fault: { kind: 'status' } }, /HTTP status/],
    [{ fault: { kind: 'delay' } }, /milliseconds/],
  ] as const) {
    const answer = await azure.ask('POST', '/simulator/faults', rule)
    t.equal(answer.status, 400)
    t.match(String(answer.body.error?.message), why)
  }
  t.strictSame((await azure.ask('GET', '/simulator/faults')).body as unknown, [])
})

t.test('gives operation URLs that are followed unchanged', async (t) => {
  const azure = simulated(t)
  const started = await azure.put(await azure.cluster('lb-managed'))
  const url = pathOf(started.headers['azure-asyncoperation'])
  t.match(
    url,
    /^\/subscriptions\/[^/]+\/providers\/Microsoft\.ContainerService\/locations\/eastus\/operations\/[0-9a-f-]{36}\?api-version=2025-03-01&t=\d+&c=/,
  )
  t.notOk(started.headers['retry-after'])
  t.notOk(started.headers.location)
})

t.test('completes a failed change with the next update of the cluster, even without changes', async (t) => {
  const azure = simulated(t)
  const body = await azure.cluster('lb-managed')
  await azure.fault({ kind: 'failOperation', code: 'X', message: 'no quota' }, { ...PATTERN, count: 1 })
  await azure.put(toOutboundType(body, 'managedNATGateway'))
  await azure.advance(200)
  const failed = await azure.cluster('lb-managed')
  t.match(failed.properties, {
    provisioningState: 'Failed',
    networkProfile: { outboundType: 'managedNATGateway' },
  })
  const started = await azure.put(failed)
  t.equal(started.status, 200)
  await azure.advance(200)
  const after = await azure.cluster('lb-managed')
  t.match(after.properties, {
    provisioningState: 'Succeeded',
    networkProfile: { outboundType: 'managedNATGateway' },
  })
  t.equal(listOf(after.properties?.networkProfile?.natGatewayProfile?.effectiveOutboundIPs).length, 1)
  t.notOk(after.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  const [ip] = listOf(body.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.equal(
    (await azure.ask('GET', `${ip?.id}?api-version=${STABLE}`)).status,
    404,
    'the former address is released',
  )
})
