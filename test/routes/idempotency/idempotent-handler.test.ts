import type { InjectOptions } from 'fastify'
import t from 'tap'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { documentOf, operationsOf } from '../support/document.ts'
import {
  aCaller,
  CAMPAIGN_ID,
  CLUSTER,
  DELIVERY_ID,
  fakeApp,
  JOB_ID,
  PLAN_ID,
  WEBHOOK_ID,
} from '../support/fakes.ts'
import { CAMPAIGN_BODY } from '../support/successes.ts'

const KEY = { 'idempotency-key': '8e03978e-40d5-43dd-bc93-6894a57f9324' }

/** Every operation that takes a key, with a request that it accepts. */
const REQUESTS: Record<string, InjectOptions> = {
  createPlan: {
    url: '/v1/plans',
    payload: { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } },
  },
  createProbe: { url: '/v1/probes', payload: { cluster: CLUSTER } },
  createCampaign: { url: '/v1/campaigns', payload: CAMPAIGN_BODY },
  actOnCampaign: { url: `/v1/campaigns/${CAMPAIGN_ID}/actions`, payload: { action: 'pause' } },
  refreshInventory: { url: '/v1/inventory/refresh' },
  createJob: { url: '/v1/jobs', payload: { planId: PLAN_ID } },
  cancelJob: { url: `/v1/jobs/${JOB_ID}/cancellation` },
  releaseJob: { url: `/v1/jobs/${JOB_ID}/release` },
  createRollbackPlan: { url: `/v1/jobs/${JOB_ID}/rollback-plan` },
  createCleanUpPlan: { url: `/v1/jobs/${JOB_ID}/clean-up-plan` },
  createReconcilePlan: { url: `/v1/jobs/${JOB_ID}/reconcile-plan` },
  approvePlan: { url: `/v1/plans/${PLAN_ID}/approvals` },
  createWebhook: { url: '/v1/webhooks', payload: { url: 'https://portal.example.com/' } },
  rotateWebhookSecret: { url: `/v1/webhooks/${WEBHOOK_ID}/secret-rotation` },
  pingWebhook: { url: `/v1/webhooks/${WEBHOOK_ID}/ping` },
  replayDeliveries: { url: `/v1/webhooks/${WEBHOOK_ID}/replays`, payload: { deliveryId: DELIVERY_ID } },
}

const post = (request: InjectOptions = {}, headers: Record<string, string> = KEY): InjectOptions => ({
  method: 'POST',
  ...request,
  headers,
})

/** What a client goes by; request ids and dates are of each answer. */
function told({ statusCode, headers, payload }: Awaited<ReturnType<typeof inject>>) {
  const {
    location,
    'retry-after': retryAfter,
    'operation-location': operation,
    'content-type': type,
  } = headers
  return { statusCode, location, retryAfter, operation, type, payload }
}
const inject = async (app: Awaited<ReturnType<typeof fakeApp>>['app'], request: InjectOptions) =>
  app.inject(request)

/** The stored response would keep the secret of the link or ticket. */
const WITHOUT_KEY = [
  'createCampaignEventTicket',
  'createEventTicket',
  'createJobShareLink',
  'createPlanShareLink',
]

t.test('every POST of the contract accepts a key, unless its response has a secret', async (t) => {
  const { app } = await fakeApp(t)
  const taking = operationsOf(documentOf(app))
    .filter(({ method }) => method === 'post')
    .map(({ operation }) => String(operation.operationId))
    .filter((operationId) => !WITHOUT_KEY.includes(operationId))
  t.strictSame(taking.toSorted(), Object.keys(REQUESTS).toSorted())
})

for (const [operationId, request] of Object.entries(REQUESTS))
  t.test(`${operationId} is executed once, and gets the same response again`, async (t) => {
    const { app, rooms } = await fakeApp(t)
    const first = await app.inject(post(request))
    t.ok(first.statusCode < 300)
    t.equal(first.headers['idempotency-replayed'], undefined)
    const done = rooms.calls.length
    rooms.fault = new Error('nothing is asked of the rooms')
    for (let time = 2; time < 4; time++) {
      const again = await app.inject(post(request))
      t.strictSame(told(again), told(first))
      t.equal(again.headers['idempotency-replayed'], 'true')
    }
    t.equal(rooms.calls.length, done)
    rooms.fault = null
    const plain = await app.inject(post(request, {}))
    t.strictSame(told(plain), told(first), 'without a key nothing else is answered')
    t.equal(rooms.calls.length, done * 2, 'but it is done')
  })

t.test('rejects another body or path with the same key, but accepts another order of fields', async (t) => {
  const { app } = await fakeApp(t)
  const plan = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' }, reason: 'CHG-1' }
  await app.inject(post({ url: '/v1/plans', payload: plan }))
  const others = [
    { url: '/v1/plans', payload: { ...plan, reason: 'CHG-2' } },
    { url: '/v1/jobs', payload: { planId: PLAN_ID } },
    { url: `/v1/jobs/${JOB_ID}/rollback-plan` },
  ]
  for (const other of others) {
    const answer = await app.inject(post(other))
    t.equal(answer.statusCode, 422)
    t.equal(answer.json().code, 'IDEMPOTENCY_KEY_REUSED')
  }
  const { name, resourceGroup, subscriptionId } = CLUSTER
  const payload = { reason: 'CHG-1', target: plan.target, cluster: { name, resourceGroup, subscriptionId } }
  t.equal((await app.inject(post({ url: '/v1/plans', payload }))).headers['idempotency-replayed'], 'true')
})

t.test('a missing body and an empty one are the same request', async (t) => {
  const { app } = await fakeApp(t)
  const url = `/v1/jobs/${JOB_ID}/rollback-plan`
  await app.inject(post({ url }))
  t.equal((await app.inject(post({ url, payload: {} }))).headers['idempotency-replayed'], 'true')
})

t.test('asks a second request to retry while the first is in progress', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const gate = Promise.withResolvers<void>()
  const { accept } = rooms.jobs
  rooms.jobs.accept = async (...given) => {
    await gate.promise
    return accept(...given)
  }
  const request = post(REQUESTS.createJob)
  const first = app.inject(request)
  while (rooms.kept.size === 0) await new Promise((resolve) => setImmediate(resolve))
  const second = await app.inject(request)
  t.equal(second.statusCode, 409)
  t.match(second.headers, { 'retry-after': '2', 'x-ms-error-code': 'IDEMPOTENCY_KEY_IN_USE' })
  gate.resolve()
  t.equal((await first).statusCode, 202)
  t.equal((await app.inject(request)).headers['idempotency-replayed'], 'true')
})

t.test('a rejected request does not consume its key', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const fault of [
    new DomainError('CLUSTER_LOCKED', { holderJobId: JOB_ID }),
    new Error('a fault of ours'),
  ]) {
    rooms.fault = fault
    const refused = await app.inject(post(REQUESTS.createJob))
    t.equal(refused.statusCode, fault instanceof DomainError ? 409 : 500)
    t.equal(rooms.kept.size, 0)
  }
  rooms.fault = null
  const done = await app.inject(post(REQUESTS.createJob))
  t.equal(done.statusCode, 202)
  t.equal(done.headers['idempotency-replayed'], undefined)
})

t.test('keys of different callers are separate', async (t) => {
  const { app, rooms } = await fakeApp(t, {
    authenticate: async (token) =>
      aCaller(['Egress.Execute'], { id: token, kind: token === 'bot' ? 'application' : 'user' }),
  })
  for (const authorization of ['ada', 'bob', 'bot']) {
    const answer = await app.inject(post(REQUESTS.createJob, { ...KEY, authorization }))
    t.equal(answer.headers['idempotency-replayed'], undefined, authorization)
  }
  t.equal(rooms.calls.length, 3)
  const again = await app.inject(post(REQUESTS.createJob, { ...KEY, authorization: 'ada' }))
  t.equal(again.headers['idempotency-replayed'], 'true')
})

t.test('hides the stored response from a caller that lost the permission', async (t) => {
  const grants = new Set(['Egress.Execute'])
  const { app } = await fakeApp(t, { authenticate: async () => aCaller([...grants]) })
  t.equal((await app.inject(post(REQUESTS.createJob))).statusCode, 202)
  grants.clear()
  t.equal((await app.inject(post(REQUESTS.createJob))).statusCode, 403)
})

t.test('rejects an invalid key with its place, and executes nothing', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const key of ['', 'x'.repeat(256), 'tab\there', 'ümläut', '\u007f'])
    for (const request of Object.values(REQUESTS)) {
      const answer = await app.inject(post(request, { 'idempotency-key': key }))
      t.equal(answer.statusCode, 400, JSON.stringify(key))
      const { code, errors } = answer.json()
      t.equal(code, 'IDEMPOTENCY_KEY_INVALID')
      t.match(errors, [
        { in: 'header', parameter: 'Idempotency-Key', code, message: /^Idempotency-Key must/ },
      ])
    }
  t.strictSame(rooms.calls, [])
  for (const key of ['x', 'a b', 'x'.repeat(255), '"quoted"', '!~'])
    t.equal((await app.inject(post(REQUESTS.createJob, { 'idempotency-key': key }))).statusCode, 202)
})

t.test('reports an invalid key together with the errors of the body', async (t) => {
  const { app } = await fakeApp(t)
  const answer = await app.inject(post({ url: '/v1/jobs', payload: {} }, { 'idempotency-key': '' }))
  t.equal(answer.json().code, 'INVALID_REQUEST')
  t.strictSame(
    answer
      .json()
      .errors.map((each: { in: string }) => each.in)
      .toSorted(),
    ['body', 'header'],
  )
})

t.test('reads ignore a key', async (t) => {
  const { app } = await fakeApp(t)
  const answer = await app.inject({ url: `/v1/jobs/${JOB_ID}`, headers: { 'idempotency-key': '' } })
  t.equal(answer.statusCode, 200)
})
