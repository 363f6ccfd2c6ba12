import t from 'tap'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import {
  aCaller,
  CLUSTER,
  CLUSTER_ID,
  DELIVERY_ID,
  fakeApp,
  JOB_ID,
  PLAN_ID,
  WEBHOOK_ID,
} from '../support/fakes.ts'

const ALL = ['Egress.Read', 'Egress.Plan', 'Egress.Execute', 'Egress.Approve']
const plan = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' }, reason: 'CHG-7' }

t.test('audits a rejected write with its caller, operation, reason and code', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate: async () => aCaller(ALL) })
  const headers = { 'user-agent': 'portal/1', 'x-request-id': 'r-1', authorization: 'Bearer secret' }
  rooms.fault = new DomainError('PLAN_STALE', { planId: PLAN_ID, differences: [] })
  const payload = { planId: PLAN_ID, reason: 'CHG-7' }
  await app.inject({ method: 'POST', url: '/v1/jobs', payload, headers, remoteAddress: '192.0.2.7' })
  t.strictSame(rooms.refused, [
    {
      actor: { id: 'tester-id', kind: 'user', name: 'tester', appId: null },
      operation: 'createJob',
      address: '192.0.2.7',
      userAgent: 'portal/1',
      requestId: 'r-1',
      outcome: 'refused',
      code: 'PLAN_STALE',
      clusterId: EXAMPLE_PLAN.cluster.id.toLowerCase(),
      planId: PLAN_ID,
      jobId: null,
      webhookId: null,
      reason: 'CHG-7',
    },
  ])
  t.notMatch(JSON.stringify(rooms.refused), 'secret')
})

t.test('the cluster is found however the request names it', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate: async () => aCaller(ALL) })
  rooms.fault = new DomainError('AZURE_ACCESS_DENIED')
  await app.inject({ method: 'POST', url: '/v1/plans', payload: plan })
  await app.inject({ method: 'POST', url: '/v1/plans', payload: { ...plan, cluster: { id: CLUSTER_ID } } })
  await app.inject({ method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation` })
  await app.inject({ method: 'POST', url: `/v1/jobs/${JOB_ID}/release` })
  await app.inject({ method: 'DELETE', url: `/v1/plans/${PLAN_ID}` })
  t.strictSame(
    rooms.refused.map(({ operation, clusterId, planId, jobId }) => [operation, clusterId, planId, jobId]),
    [
      ['createPlan', CLUSTER_ID.toLowerCase(), null, null],
      ['createPlan', CLUSTER_ID.toLowerCase(), null, null],
      ['cancelJob', EXAMPLE_JOB.cluster.id.toLowerCase(), null, JOB_ID],
      ['releaseJob', EXAMPLE_JOB.cluster.id.toLowerCase(), null, JOB_ID],
      ['discardPlan', EXAMPLE_PLAN.cluster.id.toLowerCase(), PLAN_ID, null],
    ],
  )
})

t.test('the record of a rejected webhook change contains the requested webhook ID', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate: async () => aCaller(ALL) })
  rooms.fault = new DomainError('WEBHOOK_NOT_FOUND', { webhookId: WEBHOOK_ID })
  const url = `/v1/webhooks/${WEBHOOK_ID}`
  await app.inject({ method: 'PATCH', url, payload: { status: 'disabled' } })
  await app.inject({ method: 'DELETE', url })
  for (const what of ['ping', 'secret-rotation']) await app.inject({ method: 'POST', url: `${url}/${what}` })
  const replay = { deliveryId: DELIVERY_ID }
  await app.inject({ method: 'POST', url: `${url}/replays`, payload: replay })
  await app.inject({ method: 'DELETE', url: '/v1/webhooks/none' })
  t.strictSame(
    rooms.refused.map(({ operation, webhookId }) => [operation, webhookId]),
    [
      ['updateWebhook', WEBHOOK_ID],
      ['deleteWebhook', WEBHOOK_ID],
      ['pingWebhook', WEBHOOK_ID],
      ['rotateWebhookSecret', WEBHOOK_ID],
      ['replayDeliveries', WEBHOOK_ID],
      ['deleteWebhook', null],
    ],
  )
})

t.test('omits invalid values from an audit record, but keeps the record', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate: async () => aCaller(ALL) })
  const attempts = [
    { planId: "' or 1=1", reason: 'a\u0000b' },
    { planId: 7, reason: 'x'.repeat(501) },
    { planId: PLAN_ID, reason: { a: 1 } },
    [],
    'null',
  ]
  for (const payload of attempts)
    await app.inject({
      method: 'POST',
      url: '/v1/jobs',
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { 'content-type': 'application/json' },
    })
  await app.inject({
    method: 'POST',
    url: '/v1/jobs',
    payload: '{',
    headers: { 'content-type': 'application/json' },
  })
  t.strictSame(
    rooms.refused.map(({ code, planId, reason }) => [code, planId, reason]),
    [
      ['INVALID_REQUEST', null, null],
      ['INVALID_REQUEST', null, null],
      ['INVALID_REQUEST', PLAN_ID, null],
      ['INVALID_REQUEST', null, null],
      ['INVALID_REQUEST', null, null],
      ['MALFORMED_JSON', null, null],
    ],
  )
})

t.test('does not record reads, successful writes, or requests without an operation', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate: async () => aCaller(['Egress.Plan']) })
  t.equal((await app.inject('/v1/plans')).statusCode, 403)
  t.equal((await app.inject({ method: 'POST', url: '/v1/plans', payload: plan })).statusCode, 201)
  t.equal((await app.inject({ method: 'POST', url: '/v1/nothing' })).statusCode, 404)
  t.equal((await app.inject({ method: 'PUT', url: '/v1/plans' })).statusCode, 405)
  t.strictSame(rooms.refused, [])
})

t.test('a missing role is written down, and a fault of ours as failed', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate: async () => aCaller(['Egress.Plan']) })
  await app.inject({ method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID } })
  rooms.fault = new Error('broken')
  await app.inject({ method: 'POST', url: '/v1/plans', payload: plan })
  t.strictSame(
    rooms.refused.map(({ actor, outcome, code }) => [actor?.name, outcome, code]),
    [
      ['tester', 'refused', 'GRANT_MISSING'],
      ['tester', 'failed', 'INTERNAL'],
    ],
  )
})

t.test('records unauthenticated calls without an actor, within a limit', async (t) => {
  const authenticate = async () => {
    throw new DomainError('TOKEN_INVALID', { reason: 'expired' })
  }
  const { app, rooms } = await fakeApp(t, { authenticate })
  for (let i = 0; i < 100; i++) await app.inject({ method: 'POST', url: '/v1/jobs', payload: {} })
  t.match(rooms.refused[0], {
    actor: null,
    operation: 'createJob',
    code: 'TOKEN_INVALID',
    outcome: 'refused',
  })
  t.ok(rooms.refused.length >= 30 && rooms.refused.length <= 60, 'thirty a minute, in two minutes at most')
})

t.test('an audit that cannot be written is logged and takes nothing from the answer', async (t) => {
  const lines: string[] = []
  const logger = { level: 'error', stream: { write: (line: string) => void lines.push(line) } }
  const append = async () => {
    throw new Error('no database')
  }
  const list = async () => ({ items: [], next: null })
  const authenticate = async () => aCaller([])
  const { app } = await fakeApp(t, { authenticate, logger, audit: { append, list } })
  const answer = await app.inject({ method: 'POST', url: '/v1/jobs', payload: {} })
  t.equal(answer.json().code, 'GRANT_MISSING')
  t.match(lines, [/not written to the audit log/])
})
