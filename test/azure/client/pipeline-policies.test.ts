import { once } from 'node:events'
import t from 'tap'
import { type ConnectArmOptions, connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { aClusterBody, armServer, faultOf, REF, type Reply } from '../support/arm-server.ts'

const OK: Reply = { status: 200, body: aClusterBody() }
const connect = (endpoint: string, options: Partial<ConnectArmOptions> = {}) =>
  connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 }, ...options })
const throttled = (retryAfter: string): Reply => ({
  status: 429,
  headers: { 'retry-after': retryAfter },
  body: { error: { code: 'TooManyRequests', message: 'slow down' } },
})

t.test('retries a read at most twice after a transient fault', async (t) => {
  const faults: Reply[] = [
    'drop',
    { status: 500 },
    { status: 502 },
    { status: 503 },
    { status: 504 },
    { status: 408 },
    throttled('0'),
  ]
  for (const fault of faults) {
    const passing = await armServer(t, (_, nth) => (nth <= 2 ? fault : OK))
    t.equal((await connect(passing.endpoint).getCluster(REF)).facts.name, 'one', JSON.stringify(fault))
    const lasting = await armServer(t, () => fault)
    await faultOf(connect(lasting.endpoint).getCluster(REF))
    t.equal(lasting.seen.length, 3, 'three attempts')
  }
})

t.test('does not retry after a permanent fault', async (t) => {
  for (const status of [400, 401, 403, 404, 409, 412, 501]) {
    const server = await armServer(t, () => ({ status, body: { code: 'No', message: 'no' } }))
    t.match(await faultOf(connect(server.endpoint).getCluster(REF)), { status, code: 'No' })
    t.equal(server.seen.length, 1, String(status))
  }
})

t.test('waits for a short Retry-After, and reports a long one to its caller', async (t) => {
  const short = await armServer(t, (_, nth) => (nth === 1 ? throttled('1') : OK))
  const started = performance.now()
  await connect(short.endpoint).getCluster(REF)
  t.ok(performance.now() - started >= 990, 'it waited the second')
  for (const [retryAfter, expectedMs] of [
    ['3', 3_000],
    ['3600', 3_600_000],
  ] as const) {
    const long = await armServer(t, () => throttled(retryAfter))
    t.match(await faultOf(connect(long.endpoint).getCluster(REF)), {
      kind: 'throttled',
      retryAfterMs: expectedMs,
    })
    t.equal(long.seen.length, 1, 'it was not asked again')
  }
})

t.test('treats connection resets, closed ports, and unknown addresses as transient', async (t) => {
  const dropping = await armServer(t, () => 'drop')
  t.match(await faultOf(connect(dropping.endpoint).getCluster(REF)), {
    kind: 'transient',
    code: 'ECONNRESET',
    status: null,
  })
  t.match(await faultOf(connect('http://127.0.0.1:1').getCluster(REF)), {
    kind: 'transient',
    code: 'ECONNREFUSED',
  })
  t.match(await faultOf(connect('http://nowhere.invalid').getCluster(REF)), {
    kind: 'transient',
    code: /ENOTFOUND|EAI_AGAIN/,
  })
})

t.test('treats an interrupted body as transient', async (t) => {
  const server = await armServer(t, () => ({
    status: 200,
    headers: { 'content-length': '5000' },
    text: '{"id":',
  }))
  const connected = connect(server.endpoint, { timeouts: { readMs: 200 } })
  t.match(await faultOf(connected.getCluster(REF)), { kind: 'transient' })
})

t.test('ends an attempt at its timeout, without a retry', async (t) => {
  const server = await armServer(t, () => 'hang')
  const connected = connect(server.endpoint, { timeouts: { readMs: 500 } })
  t.match(await faultOf(connected.getCluster(REF)), { kind: 'transient', code: 'RequestTimeout' })
  t.equal(server.seen.length, 1)
})

t.test('ends a request when its caller ends it', async (t) => {
  const ending = new AbortController()
  const server = await armServer(t, () => {
    ending.abort()
    return 'hang'
  })
  t.match(await faultOf(connect(server.endpoint).getCluster(REF, { signal: ending.signal })), {
    code: 'RequestAborted',
  })
  t.match(await faultOf(connect(server.endpoint).getCluster(REF, { signal: ending.signal })), {
    code: 'RequestAborted',
  })
  t.equal(server.seen.length, 1, 'nothing is sent for a caller that has gone')
  const waiting = new AbortController()
  const slow = await armServer(t, () => {
    setTimeout(() => waiting.abort(), 50)
    return throttled('2')
  })
  const pending = faultOf(connect(slow.endpoint).getCluster(REF, { signal: waiting.signal }))
  t.match(await pending, { code: 'RequestAborted' }, 'also between attempts')
  t.equal(slow.seen.length, 1)
})

t.test('gets a token for Azure, reports a missing one, and sends none over plain HTTP', async (t) => {
  const credential = {
    getToken: () =>
      Promise.reject(Object.assign(new Error('az login'), { name: 'CredentialUnavailableError' })),
  }
  const azure = connectArm({ endpoint: 'https://127.0.0.1:1', simulated: false, credential })
  t.match(await faultOf(azure.getCluster(REF)), { kind: 'unauthenticated', message: /az login/ })
  t.throws(() => connectArm({ endpoint: 'http://127.0.0.1:1', simulated: false, credential }), TypeError)
  t.throws(() => connectArm({ simulated: true }), TypeError)
  t.doesNotThrow(() => connectArm({ simulated: false }), 'and makes no request by itself')
})

t.test('sends the token over HTTPS, for the scope of its endpoint', async (t) => {
  const { generate } = await import('selfsigned')
  const { createServer } = await import('node:https')
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  const tokens: (string | undefined)[] = []
  const server = createServer({ cert, key }, (request, response) => {
    tokens.push(request.headers.authorization)
    response.end(JSON.stringify(aClusterBody()))
  }).listen(0)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `https://localhost:${(server.address() as { port: number }).port}`
  const scopes: unknown[] = []
  const credential = {
    getToken: async (scope: string | string[]) => {
      scopes.push(scope)
      return { token: 'secret', expiresOnTimestamp: Date.now() + 3_600_000 }
    },
  }
  const arm = connectArm({ endpoint, simulated: false, credential, caCertificate: cert })
  await arm.getCluster(REF)
  await arm.getCluster(REF)
  t.strictSame(tokens, ['Bearer secret', 'Bearer secret'])
  t.strictSame(scopes, [[`${endpoint}/.default`]], 'one token for both')
  const distrusting = connectArm({ endpoint, simulated: false, credential, retries: { maxRetries: 0 } })
  const fault = await faultOf(distrusting.getCluster(REF))
  t.match(fault, { kind: 'transient' })
  t.notMatch(fault.message, /secret/)
})

t.test('a query of Resource Graph waits for the call budget as other reads do', async (t) => {
  const server = await armServer(t, () => ({ status: 200, body: { totalRecords: 0, data: [] } }))
  const arm = connect(server.endpoint, { timeScale: 1 })
  // Resource Graph allows 15 queries immediately, and then 3 per second.
  const searches = await Promise.allSettled(Array.from({ length: 17 }, () => arm.findAllowLists()))
  t.strictSame(
    searches.map(({ status }) => status),
    searches.map(() => 'fulfilled'),
  )
  t.equal(server.seen.length, 17)
})
