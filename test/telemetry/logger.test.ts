import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { DomainError } from '../../src/core/lib/errors.ts'
import type { Authenticate } from '../../src/routes/auth/caller.ts'
import { logStart } from '../../src/start-log.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createTelemetry } from '../../src/telemetry/telemetry.ts'
import { aCaller, CLUSTER, fakeApp, PLAN_ID } from '../routes/support/fakes.ts'

const LOGGER = fileURLToPath(new URL('../../src/telemetry/logger.ts', import.meta.url))

/** Ends immediately after three lines, while Node's threads have other things to do. */
const PROGRAM = `
  import { pbkdf2 } from 'node:crypto'
  import { createLogger } from ${JSON.stringify(LOGGER)}
  const logger = createLogger({ level: 'info' })
  for (let busy = 0; busy < 16; busy++) pbkdf2('a', 'b', 40_000, 64, 'sha512', () => {})
  for (const line of ['first', 'second', 'last']) logger.info({}, line)
  process.exit(0)
`

t.test('writes every line in order, even if a busy process ends immediately', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM])
  const said = stdout.trim().split('\n')
  t.strictSame(
    said.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['first', 'second', 'last'],
  )
})

const SECRET = 'S3cr3t-Hunter2'
const JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(SECRET).toString('base64url')}.c2lnbmF0dXJl`
const PLAN = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }
const NAMES = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'idempotency-key', 'if-match']
const HEADERS = [...NAMES, 'prefer', 'traceparent', 'tracestate', 'user-agent', 'referer', 'origin', 'accept']

/** Bodies with a secret in each position: as a value of every kind of member, as a name, and in no JSON at all. */
const BODIES: unknown[] = [
  { ...PLAN, password: SECRET },
  { ...PLAN, reason: { client_secret: SECRET } },
  { ...PLAN, authorizedRanges: SECRET },
  { ...PLAN, target: { outboundType: SECRET } },
  { ...PLAN, target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: SECRET } } },
  { ...PLAN, cluster: { id: SECRET } },
  { ...PLAN, cluster: { ...CLUSTER, subscriptionId: SECRET } },
  [SECRET],
  `"${SECRET}`,
  `{"cluster": ${SECRET}}`,
  `${SECRET}`,
  `{"a":"b" "${SECRET}"}`,
]

const authenticate: Authenticate = async (authorization) => {
  if (authorization?.includes(SECRET) === true || authorization?.includes(JWT) === true)
    throw new DomainError('TOKEN_INVALID', { reason: 'malformed' })
  return aCaller(['Egress.Read', 'Egress.Plan', 'Egress.Execute'])
}

t.test('a secret in any header or body is in no answer, no line of the log and no figure', async (t) => {
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', stream: { write: (line) => lines.push(line) } })
  const telemetry = createTelemetry({
    version: '0.0.0-test',
    azure: 'simulated',
    tracing: null,
    queueStats: async () => ({
      due: 0,
      oldestDueAt: null,
      unfinished: [],
      messagesPending: 0,
      inventory: { clusters: 0, flagged: [], ageSeconds: null },
      campaigns: { unfinished: [], members: [] },
    }),
    now: () => new Date(),
  })
  const { app, rooms } = await fakeApp(t, {
    logger,
    authenticate,
    observer: telemetry.http,
    metrics: () => telemetry.text(),
    rateLimits: { reads: 0, writes: 0 },
    corsOrigins: ['https://portal.example'],
  })
  const answers: string[] = []
  const ask = async (given: { headers?: Record<string, string>; body?: unknown }) => {
    const payload = typeof given.body === 'string' ? given.body : JSON.stringify(given.body ?? PLAN)
    const headers = { 'content-type': 'application/json', ...given.headers }
    for (const url of ['/v1/plans', '/v1/jobs']) {
      const answer = await app.inject({ method: 'POST', url, headers, payload })
      answers.push(JSON.stringify(answer.headers) + answer.payload)
    }
    const read = await app.inject({ url: `/v1/plans/${PLAN_ID}?x=${SECRET}`, headers: given.headers ?? {} })
    answers.push(JSON.stringify(read.headers) + read.payload)
  }
  for (const name of HEADERS)
    for (const value of [SECRET, `Bearer ${SECRET}`, `Bearer ${JWT}`, `session=${SECRET}`])
      await ask({ headers: { [name]: value } })
  for (const body of BODIES) await ask({ body })
  rooms.fault = Object.assign(new Error(`no token: Bearer ${JWT}, client_secret=${SECRET}`), {
    request: { headers: { authorization: `Bearer ${SECRET}` } },
    cause: new Error(`connect postgres://planner:${SECRET}@db/planner`),
  })
  await ask({})
  const metrics = (await app.inject('/metrics')).payload
  t.ok(answers.length > 150 && lines.length > 100 && metrics.length > 1_000, 'there is something to look at')
  const found = (texts: string[]) => texts.filter((text) => text.includes(SECRET) || text.includes(JWT))
  t.strictSame(found(answers), [])
  t.strictSame(found(lines), [])
  t.strictSame(found([metrics]), [])
  const failed = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'unexpected error')
  t.match(failed.err, { type: 'Error', message: 'no token: Bearer [secret], client_secret=[secret]' })
  t.match(failed.err.cause.message, 'postgres://planner:[secret]@db/planner')
  t.notOk(failed.err.request, 'nothing that hangs on an error')
})

t.test('the metrics on the main port require a role if callers are authenticated', async (t) => {
  const { app } = await fakeApp(t, {
    metrics: async () => 'figures',
    authenticate: async (authorization) => {
      if (authorization === undefined) throw new DomainError('AUTHENTICATION_REQUIRED')
      return aCaller([authorization])
    },
  })
  const ask = (authorization?: string) =>
    app.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } })
  t.equal((await ask()).statusCode, 401)
  t.equal((await ask('Egress.Plan')).statusCode, 403)
  t.equal((await ask('Egress.Read')).payload, 'figures')
  const { app: without } = await fakeApp(t)
  t.equal((await without.inject('/metrics')).statusCode, 404)
})

t.test('a line of the log has the trace at hand, and members named as secrets are blanked', async (t) => {
  const lines: string[] = []
  let traceId: string | null = null
  const logger = createLogger({
    level: 'info',
    traceId: () => traceId,
    stream: { write: (line) => lines.push(line) },
  })
  logger.info({ authorization: SECRET, request: { headers: { a: SECRET }, cookie: SECRET } }, 'one')
  traceId = '0af7651916cd43dd8448eb211c80319c'
  logger.info('two')
  const [one, two] = lines.map((line) => JSON.parse(line))
  t.match(one, { authorization: '[secret]', request: { headers: '[secret]', cookie: '[secret]' } })
  t.notOk('traceId' in one)
  t.equal(two.traceId, traceId)
})

t.test('the readable format has the time in RFC 3339 and the level as a word', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  createLogger({ level: 'info', format: 'readable', stream }).warn({ job: 1 }, 'late')
  createLogger({ level: 'info', stream }).warn({ job: 1 }, 'late')
  const [readable, pino] = lines.map((line) => JSON.parse(line))
  t.match(readable, { level: 'warn', time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, job: 1, msg: 'late' })
  t.match(pino, { level: 40, time: Number, job: 1, msg: 'late' })
})

t.test('a start is logged with its settings in doubt, and without their values', async (t) => {
  const start = (environment: Record<string, string>) => {
    const lines: [string, object, string][] = []
    const log = (level: string) => (facts: object, message: string) =>
      void lines.push([level, facts, message])
    const logger = { info: log('info'), warn: log('warn') }
    logStart(logger, '1.2.3', readConfig(environment), environment)
    return lines
  }
  const starting = { version: '1.2.3', azure: 'simulated', role: 'all', database: 'embedded' }
  t.strictSame(start({}), [['info', starting, 'starting']])
  const open = { HOST: '0.0.0.0', TRUSTED_NETWORK: 'true' }
  t.match(start({ ...open, DATABASE_ULR: SECRET }), [
    ['info', starting, 'starting'],
    ['warn', { setting: 'DATABASE_ULR', similarTo: 'DATABASE_URL' }, /^unknown setting/],
    ['warn', {}, /^ALLOWED_HOSTS is not set/],
  ])
  t.equal(start({ ...open, ALLOWED_HOSTS: 'planner.example' }).length, 1)
})
