import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { AppDeps } from '../../../src/app.ts'
import { DomainError } from '../../../src/core/lib/errors.ts'
import type { Authenticate } from '../../../src/routes/auth/caller.ts'
import { defaultPressureLimits } from '../../../src/routes/server/load-limits.ts'
import { createLogger } from '../../../src/telemetry/logger.ts'
import { aCaller, CLUSTER, fakeApp, PLAN_ID } from '../support/fakes.ts'

const PLAN = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }
const READ = `/v1/plans/${PLAN_ID}`

/** Takes `Bearer name` as a proven caller of that name. */
const authenticate: Authenticate = async (authorization) => {
  const name = authorization?.replace('Bearer ', '')
  if (name === undefined || name === 'wrong') throw new DomainError('TOKEN_INVALID', { reason: 'wrong' })
  return aCaller(['Egress.Read', 'Egress.Plan'], { id: name, name })
}

t.test('each caller has a limit of reads and a lower limit of writes, stated in headers', async (t) => {
  const { app } = await fakeApp(t, { authenticate, rateLimits: { reads: 3, writes: 1 } })
  const read = (name: string) => app.inject({ url: READ, headers: { authorization: `Bearer ${name}` } })
  const first = await read('ann')
  t.equal(first.statusCode, 200)
  t.equal(first.headers['ratelimit-policy'], '"reads";q=3;w=60')
  t.match(first.headers.ratelimit, /^"reads";r=2;t=\d+$/)
  t.equal((await read('ann')).statusCode, 200)
  t.match((await read('ann')).headers.ratelimit, /r=0/)
  const refused = await read('ann')
  t.equal(refused.statusCode, 429)
  t.match(refused.json(), { code: 'TOO_MANY_REQUESTS', status: 429, facts: { policy: 'reads', limit: 3 } })
  const wait = Number(refused.headers['retry-after'])
  t.ok(wait > 0 && wait <= 60, 'Retry-After')
  t.equal(`"reads";r=0;t=${wait}`, refused.headers.ratelimit, 'both headers say the same time')
  t.equal((await read('bob')).statusCode, 200, 'another caller is not concerned')
  const write = (name: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/plans',
      payload: PLAN,
      headers: { authorization: `Bearer ${name}` },
    })
  t.equal((await write('ann')).statusCode, 201, 'reads do not spend writes')
  t.equal((await write('ann')).statusCode, 429)
})

t.test('a read that calls Azure counts as a write', async (t) => {
  const { app } = await fakeApp(t, { rateLimits: { reads: 100, writes: 1 } })
  const url = `/v1/clusters/${CLUSTER.subscriptionId}/${CLUSTER.resourceGroup}/${CLUSTER.name}/egress`
  t.equal((await app.inject(url)).statusCode, 200)
  t.equal((await app.inject(url)).statusCode, 429)
})

t.test('limits by address if callers are not authenticated', async (t) => {
  const { app } = await fakeApp(t, { rateLimits: { reads: 1, writes: 1 } })
  const from = (remoteAddress: string) => app.inject({ url: READ, remoteAddress })
  t.equal((await from('10.0.0.1')).statusCode, 200)
  t.equal((await from('10.0.0.1')).statusCode, 429)
  t.equal((await from('10.0.0.2')).statusCode, 200)
})

t.test('limits unauthenticated callers by address, without effect on authenticated callers', async (t) => {
  const { app } = await fakeApp(t, { authenticate, rateLimits: { reads: 5, writes: 2 } })
  const ask = (name: string, url = READ) => app.inject({ url, headers: { authorization: `Bearer ${name}` } })
  t.equal((await ask('wrong')).statusCode, 401)
  t.equal((await ask('ann', '/v1/nothing')).statusCode, 404)
  t.equal((await ask('wrong')).statusCode, 429)
  t.equal((await ask('ann', '/v1/nothing')).statusCode, 429)
  t.equal((await ask('ann')).statusCode, 200)
})

t.test('health and readiness are never counted, and 0 counts nothing', async (t) => {
  const { app } = await fakeApp(t, { rateLimits: { reads: 1, writes: 0 } })
  for (const url of ['/healthz', '/healthz', '/readyz', '/readyz']) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 200)
    t.notOk(answer.headers.ratelimit)
  }
  for (let time = 0; time < 3; time++)
    t.equal((await app.inject({ method: 'POST', url: '/v1/plans', payload: PLAN })).statusCode, 201)
})

t.test('accepts the forwarded address and protocol only from a trusted proxy', async (t) => {
  const trusting = await fakeApp(t, {
    rateLimits: { reads: 1, writes: 1 },
    trustedProxies: ['10.1.0.0/16'],
  })
  const from = (remoteAddress: string, client: string) =>
    trusting.app.inject({
      url: READ,
      remoteAddress,
      headers: { 'x-forwarded-for': client, 'x-forwarded-proto': 'https' },
    })
  const first = await from('10.1.2.3', '192.0.2.1')
  t.equal(first.statusCode, 200)
  t.equal(first.headers['strict-transport-security'], 'max-age=31536000')
  t.equal((await from('10.1.2.3', '192.0.2.2')).statusCode, 200)
  t.equal((await from('10.1.2.3', '192.0.2.1')).statusCode, 429)
  const stranger = await from('10.9.9.9', '192.0.2.3')
  t.equal(stranger.statusCode, 200)
  t.notOk(stranger.headers['strict-transport-security'])
  t.equal((await from('10.9.9.9', '192.0.2.4')).statusCode, 429, 'a stranger counts as itself')
})

t.test('every answer tells browsers to load nothing, guess nothing and show it nowhere', async (t) => {
  const { app } = await fakeApp(t)
  for (const url of [READ, '/v1/nothing', '/openapi.json', '/healthz']) {
    const { headers } = await app.inject(url)
    t.match(headers['content-security-policy'], /^default-src 'none';.*frame-ancestors 'none'$/, url)
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.equal(headers['x-frame-options'], 'DENY')
    t.equal(headers['referrer-policy'], 'no-referrer')
    t.notOk(headers['strict-transport-security'], 'not over http')
  }
  const page = await app.inject('/docs')
  t.match(page.headers['content-security-policy'], /script-src 'self';.*frame-ancestors 'none'/, 'Swagger UI')
  t.equal(page.headers['x-content-type-options'], 'nosniff')
})

t.test('allows pages of other origins only if they are configured', async (t) => {
  const corsOrigins = ['https://portal.example']
  const { app } = await fakeApp(t, { authenticate, corsOrigins })
  const preflight = (origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url: '/v1/plans',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  const welcome = await preflight('https://portal.example')
  t.equal(welcome.statusCode, 204, 'without a token, as browsers ask')
  t.equal(welcome.headers['access-control-allow-origin'], 'https://portal.example')
  t.match(welcome.headers['access-control-allow-methods'], 'POST')
  t.match(welcome.headers['access-control-allow-headers'], 'authorization')
  t.notOk(welcome.headers['access-control-allow-credentials'])
  for (const origin of ['https://portal.example.evil', 'http://portal.example', 'null']) {
    const { headers } = await preflight(origin)
    t.notOk(headers['access-control-allow-origin'], origin)
    t.equal(headers.vary, 'Origin')
  }
  const refused = await app.inject({ url: READ, headers: { origin: 'https://portal.example' } })
  t.equal(refused.statusCode, 401)
  t.equal(
    refused.headers['access-control-allow-origin'],
    'https://portal.example',
    'a problem can be read too',
  )
  t.match(refused.headers['access-control-expose-headers'], 'retry-after')
  const forms = await app.inject({ url: READ, headers: { authorization: 'Bearer one' } })
  t.equal(forms.headers.vary, 'Accept, Origin', 'also where the answer depends on more')
  const { app: closed } = await fakeApp(t)
  const answer = await closed.inject({ url: READ, headers: { origin: 'https://portal.example' } })
  t.notOk(answer.headers['access-control-allow-origin'], 'off unless configured')
})

t.test('an exhausted process takes no more but says that it lives', async (t) => {
  const pressure = { eventLoopDelayMs: 0, heapBytes: 1, residentBytes: 0, sampleMs: 10 }
  const lines: string[] = []
  const logger = createLogger({ level: 'info', stream: { write: (line) => lines.push(line) } })
  const { app, rooms } = await fakeApp(t, { pressure, logger })
  while (!app.isUnderPressure()) await new Promise((resolve) => setTimeout(resolve, 5))
  const refused = await app.inject({ method: 'POST', url: '/v1/plans', payload: PLAN })
  t.equal(refused.statusCode, 503)
  t.match(refused.json(), { code: 'OVERLOADED', facts: { exhausted: 'heapUsedBytes' } })
  t.equal(refused.headers['retry-after'], '10')
  t.strictSame(rooms.calls, [])
  t.equal(lines.length, 1, 'one line')
  t.match(JSON.parse(lines[0] ?? ''), {
    operationId: 'createPlan',
    code: 'OVERLOADED',
    facts: { exhausted: 'heapUsedBytes' },
  })
  t.notMatch(lines[0], /stack/)
  t.equal((await app.inject('/healthz')).statusCode, 200)
  t.equal(lines.length, 1, 'a probe is logged as debug')
  t.equal((await app.inject('/readyz')).statusCode, 503)
})

t.test('the delay of the event loop counts only after the start', async (t) => {
  // Any delay at all is above this limit, as after a slow start.
  let uptimeMs = 0
  const pressure = {
    eventLoopDelayMs: 1e-9,
    heapBytes: 0,
    residentBytes: 0,
    sampleMs: 100,
    uptime: () => uptimeMs,
  }
  const { app } = await fakeApp(t, { pressure })
  /** The status of a request that begins and ends under pressure. */
  const underPressure = async () => {
    for (;;) {
      while (!app.isUnderPressure()) await new Promise((resolve) => setTimeout(resolve, 5))
      const { statusCode } = await app.inject('/v1/plans')
      if (app.isUnderPressure()) return statusCode
    }
  }
  t.equal(await underPressure(), 503, 'under pressure before it listens')
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.equal(await underPressure(), 200, 'the sample with the start does not count')
  uptimeMs = 199
  t.equal(await underPressure(), 200)
  uptimeMs = 200
  t.equal(await underPressure(), 503, 'a later sample counts')
})

t.test('the limits of the product are far above the use of an idle process', async (t) => {
  const limits = defaultPressureLimits()
  t.ok(limits.heapBytes > 3 * process.memoryUsage().heapUsed)
  t.ok(limits.residentBytes === 0 || limits.residentBytes > process.memoryUsage().rss)
})

/** Sends bytes now and then, as a slow-loris does, until the server ends the connection; gives what it said. */
async function dribble(t: Test, head: string, timeouts: AppDeps['timeouts']): Promise<string> {
  const { app } = await fakeApp(t, { timeouts })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  socket.write(head)
  const drops = setInterval(() => socket.write('a'), 20)
  try {
    return await text(socket)
  } finally {
    clearInterval(drops)
  }
}

const SHORT = { headersMs: 150, requestMs: 300, idleMs: 5_000, checkMs: 25 }

t.test('rejects a request whose headers never end with 408', async (t) => {
  const answer = await dribble(t, 'GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ', SHORT)
  t.match(answer, /^HTTP\/1\.1 408 /)
  t.match(answer, '"code":"REQUEST_TIMEOUT"')
})

t.test('rejects a request whose body never ends with 408', async (t) => {
  const head =
    'POST /v1/plans HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n'
  const answer = await dribble(t, head, SHORT)
  t.match(answer, /^HTTP\/1\.1 408 /)
  t.match(answer, '"code":"REQUEST_TIMEOUT"')
})

t.test('a connection without any traffic is closed', async (t) => {
  const { app } = await fakeApp(t, {
    timeouts: { ...SHORT, headersMs: 60_000, requestMs: 60_000, idleMs: 50 },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  t.equal(await text(socket), '')
})
