import type { InjectOptions } from 'fastify'
import t from 'tap'
import { DOMAIN_ERROR_CODES, DomainError, type DomainErrorFacts } from '../../../src/core/lib/errors.ts'
import { DatabaseUnavailableError } from '../../../src/database/engine/server-connections.ts'
import {
  exampleProblem,
  PROBLEM_CODES,
  PROBLEMS,
  type ProblemCode,
  problemBody,
  problemKind,
} from '../../../src/routes/problems/problems.ts'
import { documentOf, documentValidator } from '../support/document.ts'
import { CLUSTER, CLUSTER_ID, fakeApp, JOB_ID, PLAN_ID, SUBSCRIPTION } from '../support/fakes.ts'

/** The facts that the modules give with each rejection, and a word of them that the sentence must contain. */
const FACTS: Partial<Record<string, { facts: DomainErrorFacts; says: string }>> = {
  CLUSTER_NOT_FOUND: { facts: { ...CLUSTER }, says: 'lb-managed' },
  SUBSCRIPTION_NOT_FOUND: { facts: { subscriptionId: SUBSCRIPTION }, says: SUBSCRIPTION },
  PLAN_BLOCKED: { facts: { codes: ['A_BLOCKER'] }, says: 'A_BLOCKER' },
  PLAN_STALE: { facts: { differences: [{ path: '/a/b', planned: 1, found: 2 }] }, says: '/a/b' },
  PLAN_EXPIRED: { facts: { expiresAt: '2026-09-01T01:00:00.000Z' }, says: '2026-09-01' },
  PLAN_ALREADY_EXECUTED: { facts: { jobId: JOB_ID }, says: JOB_ID },
  PLAN_IN_USE: { facts: { jobId: JOB_ID }, says: JOB_ID },
  ACKNOWLEDGEMENT_MISSING: { facts: { codes: ['EGRESS_IP_LOST'] }, says: 'EGRESS_IP_LOST' },
  ACKNOWLEDGEMENT_UNKNOWN: { facts: { codes: ['NOT_A_CODE'], known: [] }, says: 'NOT_A_CODE' },
  CLUSTER_LOCKED: { facts: { holderJobId: JOB_ID }, says: JOB_ID },
  AZURE_ACCESS_DENIED: {
    facts: { what: 'reading the subnets', armCode: 'AuthorizationFailed', armMessage: 'No.' },
    says: 'AuthorizationFailed',
  },
  AZURE_THROTTLED: { facts: { what: 'reading', retryAfterSeconds: 17.2 }, says: 'reading' },
}

for (const code of DOMAIN_ERROR_CODES)
  t.test(`the rejection ${code} is returned as a problem with its facts`, async (t) => {
    const { app, rooms } = await fakeApp(t)
    const given = FACTS[code] ?? { facts: {}, says: '' }
    rooms.fault = new DomainError(code, given.facts, ['/planId'], new Error('inner'))
    const answer = await app.inject({ method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID } })
    const body = answer.json()
    t.equal(answer.statusCode, PROBLEMS[code].status)
    t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
    t.equal(answer.headers['x-ms-error-code'], code)
    t.equal(answer.headers['x-request-id'], body.requestId)
    t.match(body, { status: answer.statusCode, code, instance: '/v1/jobs', facts: given.facts })
    t.ok(body.detail.includes(given.says), body.detail)
    t.notMatch(answer.payload, 'inner')
    t.strictSame(body.errors, [{ in: 'body', pointer: '/planId', code, message: body.detail }])
    t.equal((await app.inject(body.type)).json().code, code, 'type can be followed')
  })

t.test('the detail and the remedy of a missing follow-up plan have the same reason', async (t) => {
  const textOf = (code: ProblemCode, facts: DomainErrorFacts) => {
    const { detail, remedy } = problemBody({ code, facts, errors: [], instance: '/', requestId: 'id' })
    return `${detail} ${remedy}`
  }
  for (const [code, name] of [
    ['CLEAN_UP_NOT_AVAILABLE', 'cleanup'],
    ['RECONCILE_NOT_AVAILABLE', 'reconcile'],
  ] as const) {
    t.match(textOf(code, { status: 'Running' }), /the job has not ended\. Wait until the job ends,/)
    t.match(
      textOf(code, { status: 'Canceled', hasBegun: false }),
      new RegExp(`before its first step and changed nothing\\. Create no ${name} plan`),
    )
  }
  t.match(
    textOf('CLEAN_UP_NOT_AVAILABLE', { status: 'Failed', hasBegun: true }),
    /does not record the former outbound type\. Remove leftover resources of the job manually\./,
  )
})

t.test('the remedy of a missing rollback fits its cause', async (t) => {
  const code = 'ROLLBACK_NOT_AVAILABLE'
  const remedyOf = (facts: DomainErrorFacts) =>
    problemBody({ code, facts, errors: [], instance: '/', requestId: 'id' }).remedy
  t.match(
    remedyOf({ cause: 'unsupported', routes: ['a -> b -> c'] }),
    /`facts\.routes` lists the possible sequences/,
  )
  t.match(remedyOf({ cause: 'unsupported', routes: [] }), /^Keep the current outbound type/)
  t.match(remedyOf({ cause: 'noAutomaticRollback' }), /^Omit `onFailure`/)
  const causes = ['formerUnknown', 'cleanup', 'unchanged', 'reverted', 'notEnded']
  const remedies = causes.map((cause) => remedyOf({ cause }))
  t.equal(new Set(remedies).size, causes.length, 'one remedy for each cause')
  for (const remedy of remedies.slice(0, -1)) t.notMatch(remedy, /retry|Wait/)
  t.match(remedies.at(-1), /^Wait until the job ends/)
})

t.test('every code has a status, a title, a sentence without facts, a remedy and an example', async (t) => {
  const { app } = await fakeApp(t)
  const document = JSON.stringify(documentOf(app))
  t.equal(PROBLEM_CODES.length, new Set([...DOMAIN_ERROR_CODES, ...PROBLEM_CODES]).size)
  for (const code of PROBLEM_CODES) {
    const body = problemBody({ code, facts: {}, errors: [], instance: '/', requestId: 'id' })
    t.ok(body.status >= 400 && body.status < 600)
    t.match(body.detail, /^[A-Za-z].*\.$/, `${code}: ${body.detail}`)
    t.notMatch(body.detail, /undefined|null| {2}|: \.|\(\)/, body.detail)
    t.match(problemKind(code).remedy, /\.$/)
    const isOfConnection = ['MALFORMED_HTTP', 'HEADERS_TOO_LARGE', 'REQUEST_TIMEOUT', 'EXPECTATION_FAILED']
    const isOfHost = ['HOST_UNKNOWN']
    const isOfPath = ['MALFORMED_URL', 'ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED']
    if (![...isOfConnection, ...isOfHost, ...isOfPath].includes(code))
      t.ok(document.includes(`examples/${code}"`), code)
  }
})

t.test(
  'the detail of several errors of the same kind points to `errors`, which names each place',
  async (t) => {
    const codes: ProblemCode[] = [
      'PARAMETER_NOT_FOR_TARGET',
      'PARAMETERS_EXCLUDE_EACH_OTHER',
      'PARAMETER_OUT_OF_RANGE',
      'TIME_ZONE_UNKNOWN',
      'RESOURCE_ID_INVALID',
    ]
    for (const code of codes) {
      const [error] = exampleProblem(code).errors
      const errors = error === undefined ? [] : [error, { ...error, pointer: '/other' }]
      const body = problemBody({ code, facts: {}, errors, instance: '/', requestId: 'id' })
      t.equal(body.errors.length, 2, code)
      t.match(`${body.detail} ${body.remedy}`, /; `errors` lists .*`errors`/, code)
    }
  },
)

t.test('a problem with a query parameter names the parameter', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DomainError('CURSOR_INVALID', {}, ['/cursor'])
  const { errors } = (await app.inject('/v1/plans?cursor=abc')).json()
  t.match(errors, [{ in: 'query', parameter: 'cursor', code: 'CURSOR_INVALID' }])
})

t.test('a problem with a member of the body names the member, for every method', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DomainError('SCHEDULE_IMPOSSIBLE', { reason: 'no' }, ['/giveUpAt'])
  const payload = { giveUpAt: '2026-01-01T00:00:00Z' }
  const answer = await app.inject({ method: 'PATCH', url: `/v1/jobs/${JOB_ID}`, payload })
  t.match(answer.json().errors, [{ in: 'body', pointer: '/giveUpAt', code: 'SCHEDULE_IMPOSSIBLE' }])
})

t.test('Retry-After is in whole seconds', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DomainError('AZURE_THROTTLED', { retryAfterSeconds: 17.2 })
  t.equal((await app.inject('/v1/plans')).headers['retry-after'], '18')
  rooms.fault = new DomainError('AZURE_UNREACHABLE')
  t.equal((await app.inject('/v1/plans')).headers['retry-after'], '10')
})

t.test('a plan that takes too long is answered with 503 and Retry-After', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DomainError('PLANNING_TIMED_OUT', { seconds: 60 })
  const payload = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }
  const answer = await app.inject({ method: 'POST', url: '/v1/plans', payload })
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '30')
  t.match(answer.json(), { code: 'PLANNING_TIMED_OUT', detail: /within 60 s/ })
})

t.test('an internal error exposes no details and is logged with its cause', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const { app, rooms } = await fakeApp(t, { logger: { level: 'info', stream } })
  for (const fault of [new Error('password=hunter2'), 'hunter2', { message: 'hunter2', statusCode: 404 }]) {
    rooms.fault = fault
    const answer = await app.inject('/v1/plans')
    t.equal(answer.statusCode, 500)
    t.equal(answer.json().code, 'INTERNAL')
    t.notMatch(answer.payload, 'hunter2')
  }
  const logged = lines.map((line) => JSON.parse(line))
  const errors = logged.filter((line) => line.level === 50)
  t.equal(errors.length, 3)
  t.match(errors[0], { operationId: 'listPlans', err: { message: 'password=hunter2' }, requestId: /./ })
})

t.test('returns 503 for an unavailable database and leaves the outcome open', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DatabaseUnavailableError(new Error('ECONNREFUSED 10.0.0.7:5432'))
  const answer = await app.inject('/v1/plans')
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '5')
  t.match(answer.json(), {
    code: 'DATABASE_UNAVAILABLE',
    detail: /may have executed the request/,
    remedy: /Idempotency-Key/,
  })
  t.notMatch(answer.payload, '10.0.0.7')
})

t.test('answers a full disk with 503 STORAGE_FULL', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const full = Object.assign(new Error('could not extend file "base/5/1"'), { code: '53100' })
  for (const fault of [full, new Error('transaction failed', { cause: full })]) {
    rooms.fault = fault
    const answer = await app.inject({ method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID } })
    t.equal(answer.statusCode, 503)
    t.equal(answer.headers['retry-after'], '60')
    t.match(answer.json(), { code: 'STORAGE_FULL', detail: /Nothing was changed/ })
    t.notMatch(answer.payload, 'base/5')
  }
})

t.test('writes one log line for each request, without headers and query', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const { app } = await fakeApp(t, { logger: { level: 'info', stream } })
  const headers = { 'x-request-id': 'portal-42', authorization: 'Bearer secret' }
  const answer = await app.inject({ url: `/v1/plans/${PLAN_ID}?x=secret`, headers })
  t.equal(answer.headers['x-request-id'], 'portal-42')
  await app.inject('/healthz')
  t.equal(lines.length, 1)
  const line = JSON.parse(lines[0] ?? '')
  t.match(line, {
    requestId: 'portal-42',
    operationId: 'getPlan',
    method: 'GET',
    path: `/v1/plans/${PLAN_ID}`,
    status: 400,
    code: 'INVALID_REQUEST',
    ms: Number,
  })
  t.notMatch(lines[0], 'secret')
  const odd = await app.inject({ url: '/healthz', headers: { 'x-request-id': 'a b' } })
  t.not(odd.headers['x-request-id'], 'a b')
})

t.test(
  'the log line of a request contains its plan, job, and cluster, even if only the body or the response names them',
  async (t) => {
    const lines: string[] = []
    const stream = { write: (line: string) => lines.push(line) }
    const { app } = await fakeApp(t, { logger: { level: 'info', stream } })
    const lineOf = async (request: InjectOptions) => {
      lines.length = 0
      await app.inject(request)
      return JSON.parse(lines[0] ?? '{}')
    }
    const target = { outboundType: 'managedNATGateway' }
    const planned = await lineOf({ method: 'POST', url: '/v1/plans', payload: { cluster: CLUSTER, target } })
    t.match(planned, { operationId: 'createPlan', cluster: CLUSTER_ID, planId: PLAN_ID, status: 201 })
    t.notOk('code' in planned, 'nothing went wrong')
    const started = await lineOf({ method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID } })
    t.match(started, { operationId: 'createJob', planId: PLAN_ID, jobId: JOB_ID, status: 202 })
    const back = await lineOf({ method: 'POST', url: `/v1/jobs/${JOB_ID}/rollback-plan` })
    t.match(back, { operationId: 'createRollbackPlan', jobId: JOB_ID, planId: PLAN_ID, status: 201 })
    const unsound = await lineOf({ method: 'POST', url: '/v1/jobs', payload: { planId: 'x y' } })
    t.match(unsound, { operationId: 'createJob', status: 400, code: 'INVALID_REQUEST' })
    t.notOk('planId' in unsound, 'what is no id is not repeated')
  },
)

t.test('does not log requests for files of Swagger UI, unless a file is missing', async (t) => {
  const lines: string[] = []
  const { app } = await fakeApp(t, {
    logger: { level: 'info', stream: { write: (line) => lines.push(line) } },
  })
  await app.inject('/docs/static/swagger-ui.css')
  t.equal(lines.length, 0)
  await app.inject('/docs/static/nothing.css')
  t.match(JSON.parse(lines[0] ?? '{}'), { path: '/docs/static/nothing.css', status: 404 })
})

t.test('readiness names the failing checks', async (t) => {
  const checks = [
    { name: 'database', ok: true },
    { name: 'queue', ok: false, detail: 'no connection' },
  ]
  const { app } = await fakeApp(t, { readiness: async () => checks })
  const answer = await app.inject('/readyz')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { code: 'NOT_READY', facts: { checks }, detail: /queue/ })
  t.equal(answer.headers['retry-after'], '5')
})

t.test('the examples of the document are answers that the service could give', async (t) => {
  const { app } = await fakeApp(t)
  const document = documentOf(app)
  const { faultsOfAnswer } = documentValidator(document)
  for (const methods of Object.values(document.paths))
    for (const { operationId = '', responses } of Object.values(methods))
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, media] of Object.entries(content)) {
          const { examples = {} } = media as { examples?: Record<string, { $ref: string }> }
          t.not(Object.keys(examples).length, 0, `${operationId} ${status} has an example`)
          for (const { $ref } of Object.values(examples)) {
            const value = document.components.examples[$ref.split('/').at(-1) ?? '']?.value
            const wire = JSON.parse(JSON.stringify(value))
            t.strictSame(faultsOfAnswer(operationId, Number(status), type, wire), [])
          }
        }
})

t.test('the remedy of an exceeded rate limit mentions polling only for reads', async (t) => {
  const code = 'TOO_MANY_REQUESTS'
  const remedyOf = (policy: string) =>
    problemBody({ code, facts: { policy }, errors: [], instance: '/', requestId: 'id' }).remedy
  t.match(remedyOf('reads'), /poll less often/)
  t.notMatch(remedyOf('writes'), /poll/)
})
