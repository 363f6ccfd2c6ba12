import t from 'tap'
import type { ClusterReading } from '../../../src/azure/arm.ts'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import {
  aClusterBody,
  armServer,
  CLUSTER_PATH,
  faultOf,
  REF,
  type Reply,
  SUBSCRIPTION,
} from '../support/arm-server.ts'

const OPERATION = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ContainerService/locations/eastus/operations/o-1?api-version=2016-03-30&t=63%2B8&c=MII%2fx&s=a_b-c~d&h=%20`
const arm = (endpoint: string, writeMs?: number) =>
  connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 }, timeouts: { writeMs } })
const update = (beforeSend: (reading: ClusterReading) => Promise<void> = async () => {}) => ({
  ref: REF,
  apiVersion: '2026-05-01',
  changes: [],
  discoveredEgress: [],
  beforeSend,
})
const onPut = (reply: Reply) => (request: { method: string }) =>
  request.method === 'PUT' ? reply : ({ status: 200, body: aClusterBody({ eTag: 'e1' }) } as Reply)

t.test(
  'reads and writes with the API version of the update, and passes the reading to the caller between them',
  async (t) => {
    const server = await armServer(
      t,
      onPut({ status: 200, headers: { 'x-ms-request-id': 'r-1', 'retry-after': '7' }, body: {} }),
    )
    const readings: ClusterReading[] = []
    const started = await arm(server.endpoint).startClusterUpdate(
      update(async (reading) => {
        readings.push(reading)
        t.equal(server.seen.length, 1, 'after the GET and before the PUT')
      }),
    )
    t.strictSame(
      server.seen.map(({ method, url }) => `${method} ${url}`),
      [`GET ${CLUSTER_PATH}?api-version=2026-05-01`, `PUT ${CLUSTER_PATH}?api-version=2026-05-01`],
    )
    t.match(readings, [
      { apiVersion: '2026-05-01', facts: { etag: 'e1' }, body: aClusterBody({ eTag: 'e1' }) },
    ])
    t.match(started, { requestId: 'r-1', retryAfterMs: 7_000 })
  },
)

t.test("sends nothing when the caller rejects the write, and returns the caller's reason", async (t) => {
  const server = await armServer(t, onPut({ status: 200, body: {} }))
  const stale = new Error('the cluster has changed')
  await t.rejects(arm(server.endpoint).startClusterUpdate(update(() => Promise.reject(stale))), stale)
  t.strictSame(
    server.seen.map(({ method }) => method),
    ['GET'],
  )
})

t.test('sends nothing when maySend is false at its turn, and reports that nothing was sent', async (t) => {
  const server = await armServer(t, onPut({ status: 200, body: {} }))
  const id = `${CLUSTER_PATH}/agentPools/system`
  const write = { id, apiVersion: '2026-05-01', beforeSend: async () => {}, maySend: () => false }
  const { startClusterUpdate, startResourceWrite, startResourceDelete, startResourceAction, ...other } = arm(
    server.endpoint,
  )
  const sent = [
    () => startClusterUpdate({ ...update(), maySend: () => false }),
    () => startResourceWrite({ ...write, body: {}, changes: [] }),
    () => startResourceDelete(write),
    () => startResourceAction({ ...write, action: 'upgradeNodeImageVersion' }),
    () => other.abortClusterOperation(REF, { maySend: () => false }),
  ]
  for (const send of sent) t.match(await faultOf(send()), { kind: 'transient', code: 'SentTooLate' })
  t.strictSame([...new Set(server.seen.map(({ method }) => method))], ['GET'])
  await t.resolves(startClusterUpdate({ ...update(), maySend: () => true }))
})

t.test('sends no body that cannot be built, and does not call the caller then', async (t) => {
  const server = await armServer(t, onPut({ status: 200, body: {} }))
  const changes = [{ op: 'set', path: '/name/first', value: 1 }] as const
  const asked: unknown[] = []
  const impossible = { ...update(async (reading) => void asked.push(reading)), changes: [...changes] }
  t.match(await faultOf(arm(server.endpoint).startClusterUpdate(impossible)), { kind: 'unknown' })
  t.strictSame([asked.length, server.seen.length], [0, 1])
})

t.test('never sends a write twice', async (t) => {
  const table: [Reply, object][] = [
    [
      { status: 429, headers: { 'retry-after': '0' }, body: { code: 'Throttled', message: 'm' } },
      { kind: 'throttled', retryAfterMs: 0 },
    ],
    [{ status: 500 }, { kind: 'transient' }],
    [{ status: 503, headers: { 'retry-after': '0' } }, { kind: 'transient' }],
    [
      { status: 409, body: { code: 'OperationNotAllowed', message: 'm' } },
      { kind: 'conflict', code: 'OperationNotAllowed' },
    ],
    [
      { status: 412, body: { error: { code: 'PreconditionFailed', message: 'm' } } },
      { kind: 'precondition-failed' },
    ],
    [
      { status: 400, body: { code: 'Bad', message: 'm', target: 'networkProfile' } },
      { kind: 'refused', target: 'networkProfile' },
    ],
    [{ status: 307, headers: { location: '/elsewhere' } }, { kind: 'unknown' }],
    ['drop', { kind: 'transient', code: 'ECONNRESET' }],
    ['hang', { kind: 'transient', code: 'RequestTimeout' }],
  ]
  for (const [reply, expected] of table) {
    const server = await armServer(t, onPut(reply))
    t.match(
      await faultOf(arm(server.endpoint, 300).startClusterUpdate(update())),
      expected,
      JSON.stringify(reply),
    )
    t.equal(server.seen.filter(({ method }) => method === 'PUT').length, 1)
  }
})

t.test('treats a write as accepted for every response body', async (t) => {
  for (const reply of [
    { status: 200, text: '<html>' },
    { status: 201, text: '' },
    { status: 202, body: [] },
  ]) {
    const server = await armServer(t, onPut(reply))
    t.type((await arm(server.endpoint).startClusterUpdate(update())).poller, 'string', JSON.stringify(reply))
  }
})

t.test('polls once in another process, at the URL that ARM sent', async (t) => {
  const server = await armServer(t, (request) => {
    if (request.url === OPERATION) return { status: 200, body: { name: 'o-1', status: 'InProgress' } }
    return onPut({
      status: 200,
      headers: { 'azure-asyncoperation': `${server.endpoint}${OPERATION}` },
      body: {},
    })(request)
  })
  const { poller } = await arm(server.endpoint).startClusterUpdate(update())
  t.equal(poller.includes(server.endpoint), false, 'no host is stored')
  server.seen.length = 0
  const state = await arm(server.endpoint).pollOperation(JSON.parse(JSON.stringify(poller)))
  t.strictSame(state, { status: 'running', poller, retryAfterMs: null })
  t.strictSame(
    server.seen.map(({ method, url }) => `${method} ${url}`),
    [`GET ${OPERATION}`],
  )
})

t.test('does not follow an operation to another host, and reads the cluster instead', async (t) => {
  const other = await armServer(t, () => ({ status: 200, body: { status: 'Succeeded' } }))
  const server = await armServer(
    t,
    onPut({ status: 200, headers: { 'azure-asyncoperation': `${other.endpoint}${OPERATION}` }, body: {} }),
  )
  const { poller } = await arm(server.endpoint).startClusterUpdate(update())
  t.match(await arm(server.endpoint).pollOperation(poller), { status: 'succeeded' })
  t.equal(server.seen.at(-1)?.url, `${CLUSTER_PATH}?api-version=2026-05-01`)
  t.equal(other.seen.length, 0)
})

t.test('distinguishes a fault of the poll from a failed operation, and does not retry', async (t) => {
  for (const [reply, expected] of [
    [{ status: 404, body: { error: { code: 'NotFound', message: 'gone' } } }, { kind: 'not-found' }],
    [{ status: 503 }, { kind: 'transient' }],
    [
      { status: 429, headers: { 'retry-after': '1' } },
      { kind: 'throttled', retryAfterMs: 1_000 },
    ],
    ['drop', { kind: 'transient' }],
    [{ status: 200, body: {} }, { kind: 'unknown' }],
    [{ status: 200, text: '' }, { kind: 'unknown' }],
  ] as [Reply, object][]) {
    const server = await armServer(t, (request) =>
      request.url === OPERATION
        ? reply
        : onPut({ status: 200, headers: { 'azure-asyncoperation': OPERATION }, body: {} })(request),
    )
    const { poller } = await arm(server.endpoint).startClusterUpdate(update())
    server.seen.length = 0
    t.match(await faultOf(arm(server.endpoint).pollOperation(poller)), expected, JSON.stringify(reply))
    t.equal(server.seen.length, 1)
  }
})

t.test('rejects an invalid poller', async (t) => {
  const server = await armServer(t, () => ({ status: 200, body: { status: 'Succeeded' } }))
  const good = { version: 1, kind: 'operation', path: '/x', subscriptionId: 's', apiVersion: 'v' }
  for (const poller of [
    '',
    '{}',
    'null',
    '[]',
    '{"state":{}}',
    ...[
      { version: 2 },
      { kind: 'x' },
      { path: '@evil.example/x' },
      { path: 'https://evil.example' },
      { apiVersion: 1 },
    ].map((odd) => JSON.stringify({ ...good, ...odd })),
  ]) {
    t.match(
      await faultOf(arm(server.endpoint).pollOperation(poller)),
      { kind: 'unknown', code: 'UnreadablePoller' },
      poller,
    )
  }
  t.equal(server.seen.length, 0)
})

t.test('ends a write when its caller ends it, and reports that it may have taken effect', async (t) => {
  const ending = new AbortController()
  const server = await armServer(t, ({ method }) => {
    if (method === 'GET') return { status: 200, body: aClusterBody() }
    ending.abort()
    return 'hang'
  })
  const started = arm(server.endpoint).startClusterUpdate(update(), { signal: ending.signal })
  t.match(await faultOf(started), { kind: 'transient', code: 'RequestAborted' })
  t.equal(server.seen.length, 2)
})
