import t from 'tap'
import { EVENT_TYPES } from '../../../src/contract/webhook.ts'
import { fakeApp, PLAN_ID, WEBHOOK_ID } from '../support/fakes.ts'

const URL_1 = 'https://portal.example.com/hooks'
const WEBHOOK = `/v1/webhooks/${WEBHOOK_ID}`
const GUID = '11111111-1111-1111-1111-111111111111'
const INVALID = 'INVALID_REQUEST'
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** What is sent, the code of its problem, and the places of its faults. */
type Row = [method: 'POST' | 'PATCH', url: string, payload: unknown, code: string, ...places: string[]]

const create = (payload: object, code: string, ...places: string[]): Row => [
  'POST',
  '/v1/webhooks',
  { url: URL_1, ...payload },
  code,
  ...places,
]
const ofJob = (webhook: unknown, ...places: string[]): Row => [
  'POST',
  '/v1/jobs',
  { planId: PLAN_ID, webhook },
  INVALID,
  ...places,
]

const ROWS: Row[] = [
  ['POST', '/v1/webhooks', {}, INVALID, '/url'],
  ['POST', '/v1/webhooks', { url: 7 }, INVALID, '/url'],
  create({ url: '' }, INVALID, '/url'),
  create({ url: 'portal.example.com' }, INVALID, '/url'),
  create({ url: 'ftp://portal.example.com/' }, INVALID, '/url'),
  create({ url: 'https://portal example.com/' }, INVALID, '/url'),
  create({ url: `https://portal.example.com/${'x'.repeat(2_048)}` }, INVALID, '/url'),
  create({ secret: SECRET }, INVALID, '/secret'),
  create({ events: [] }, INVALID, '/events'),
  create({ events: ['job.exploded'] }, INVALID, '/events/0'),
  create({ events: ['webhook.ping'] }, INVALID, '/events/0'),
  create({ events: ['job.failed', 'job.failed'] }, INVALID, '/events'),
  create({ clusters: [{}] }, INVALID, '/clusters/0/subscriptionId'),
  create({ clusters: [{ subscriptionId: 'demo' }] }, INVALID, '/clusters/0/subscriptionId'),
  create({ clusters: [{ subscriptionId: GUID, name: 'x' }] }, INVALID, '/clusters/0/name'),
  create(
    { clusters: [{ subscriptionId: GUID, resourceGroup: 'a/b' }] },
    INVALID,
    '/clusters/0/resourceGroup',
  ),
  create({ clusters: [{ subscriptionId: '*', clusterName: 'a b' }] }, INVALID, '/clusters/0/clusterName'),
  create(
    { clusters: [{ subscriptionId: '*', resourceGroup: 'a*'.repeat(9), clusterName: 'c*'.repeat(8) }] },
    INVALID,
    '/clusters/0/resourceGroup',
  ),
  [
    'PATCH',
    WEBHOOK,
    { clusters: [{ subscriptionId: '*', clusterName: '*'.repeat(9) }] },
    INVALID,
    '/clusters/0/clusterName',
  ],
  create({ clusters: Array(51).fill({ subscriptionId: '*' }) }, INVALID, '/clusters'),
  create({ description: '' }, INVALID, '/description'),
  create({ description: 'two\nlines' }, INVALID, '/description'),
  ['PATCH', WEBHOOK, {}, INVALID, ''],
  ['PATCH', WEBHOOK, { status: 'paused' }, INVALID, '/status'],
  ['PATCH', WEBHOOK, { id: WEBHOOK_ID }, INVALID, '/id'],
  ['PATCH', WEBHOOK, { url: null }, INVALID, '/url'],
  ['PATCH', WEBHOOK, { status: null }, INVALID, '/status'],
  ['PATCH', WEBHOOK, { description: '', events: [] }, INVALID, '/events', '/description'],
  ['PATCH', WEBHOOK, { events: [null] }, INVALID, '/events/0'],
  ['PATCH', WEBHOOK, { clusters: [{}] }, INVALID, '/clusters/0/subscriptionId'],
  create({ description: null }, INVALID, '/description'),
  ['POST', `${WEBHOOK}/secret-rotation`, { overlapInHours: -1 }, 'PARAMETER_OUT_OF_RANGE', '/overlapInHours'],
  [
    'POST',
    `${WEBHOOK}/secret-rotation`,
    { overlapInHours: 169 },
    'PARAMETER_OUT_OF_RANGE',
    '/overlapInHours',
  ],
  ['POST', `${WEBHOOK}/secret-rotation`, { overlapInHours: 1.5 }, INVALID, '/overlapInHours'],
  ['POST', `${WEBHOOK}/ping`, { event: 'job.failed' }, INVALID, ''],
  ['POST', `${WEBHOOK}/replays`, {}, INVALID, ''],
  ['POST', `${WEBHOOK}/replays`, { deliveryId: 'x' }, INVALID, '/deliveryId'],
  ['POST', `${WEBHOOK}/replays`, { failedSince: 'yesterday' }, INVALID, '/failedSince'],
  ['POST', `${WEBHOOK}/replays`, { failedSince: '2026-02-30T00:00:00Z' }, INVALID, '/failedSince'],
  ['POST', `${WEBHOOK}/replays`, { failedSince: '0000-01-01T00:00:00Z' }, INVALID, '/failedSince'],
  ['POST', `${WEBHOOK}/replays`, { failedSince: '2026-06-30T23:59:60Z' }, INVALID, '/failedSince'],
  ['POST', `${WEBHOOK}/replays`, { failedSince: '2026-09-01T00:00:00+02' }, INVALID, '/failedSince'],
  ['POST', '/v1/webhooks/not-an-id/ping', undefined, INVALID, 'webhookId'],
  ofJob({ url: URL_1 }, '/webhook/secret'),
  ofJob({ secret: SECRET }, '/webhook/url'),
  ofJob({ url: URL_1, secret: 'hunter2' }, '/webhook/secret'),
  ofJob({ url: URL_1, secret: SECRET, events: ['x'] }, '/webhook/events/0'),
  ofJob({ url: URL_1, secret: SECRET, clusters: [] }, '/webhook/clusters'),
  ofJob('https://portal.example.com/', '/webhook'),
]

t.test('reports each invalid webhook field with its path and calls no module', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const [method, url, payload, code, ...places] of ROWS) {
    const answer = await app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload: payload as object }),
    })
    const what = `${method} ${url} ${JSON.stringify(payload)?.slice(0, 80)}`
    t.equal(answer.statusCode, 400, `${what}: ${answer.payload.slice(0, 200)}`)
    const problem = answer.json()
    t.equal(problem.code, code, what)
    const found = (problem.errors as { pointer?: string; parameter?: string }[]).map(
      ({ pointer, parameter }) => pointer ?? parameter,
    )
    t.strictSame([...new Set(found)], places, what)
    t.notOk(answer.payload.includes('hunter2'), 'a secret is not repeated')
  }
  t.strictSame(rooms.calls, [])
})

t.test('a scheme is accepted in any letter case', async (t) => {
  const { app } = await fakeApp(t)
  for (const url of ['HTTPS://portal.example.com/hooks', 'hTtP://10.0.0.1/'])
    t.equal(
      (await app.inject({ method: 'POST', url: '/v1/webhooks', payload: { url } })).statusCode,
      201,
      url,
    )
})

t.test('passes valid requests on unchanged', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const failedSince of ['2026-09-01T00:00:00Z', '2026-09-01T02:00:00.5+02:00', '1999-12-31T23:59:59Z'])
    t.equal(
      (await app.inject({ method: 'POST', url: `${WEBHOOK}/replays`, payload: { failedSince } })).statusCode,
      202,
      failedSince,
    )
  const nothing = { description: null, events: null, clusters: null }
  t.equal((await app.inject({ method: 'PATCH', url: WEBHOOK, payload: nothing })).statusCode, 200)
  const asMade = { description: null, events: EVENT_TYPES, clusters: [] }
  t.match(rooms.calls.at(-1)?.slice(0, 3), ['changeWebhook', WEBHOOK_ID, asMade])
  const webhook = { url: URL_1, secret: SECRET, events: ['job.failed'] }
  await app.inject({ method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID, webhook } })
  const owner = { id: 'anonymous', appId: null, groups: [] }
  t.match(rooms.calls.at(-1), ['accept', { webhook: { ...webhook, owner } }])
})
