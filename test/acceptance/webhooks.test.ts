import { createHmac } from 'node:crypto'
import { Webhook as Verifier } from 'standardwebhooks'
import t from 'tap'
import document from '../../openapi/openapi.json' with { type: 'json' }
import { documentValidator } from '../routes/support/document.ts'
import { type Received, receiverServer } from '../webhooks/support/receiver-server.ts'
import { demoCluster, execute, makePlan, planFor } from './support/requests.ts'
import { ended, type Loose, listOf, ownService, service, until } from './support/service.ts'

const LOCAL = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' }
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`

/** As a receiver does it: with the official library, over the bytes that came. */
function opened(secret: string, { body, headers }: Received): Loose {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers
  return new Verifier(secret).verify(body, {
    'webhook-id': String(id),
    'webhook-timestamp': String(at),
    'webhook-signature': String(signature),
  }) as Loose
}

// One service for all: each test has its own receiver, and clusters that no other test moves.
const planner = await ownService(t, LOCAL)

/** Subscriptions that send there. */
async function subscriptionsTo(url: string): Promise<Loose[]> {
  return listOf((await planner.get('/v1/webhooks')).body.items).filter((each) => String(each.url) === url)
}

const typesOf = (messages: Loose[]) => messages.map(({ type }) => String(type))

t.test('sends nothing to local receivers unless the operator allows them', async (t) => {
  const planner = await service(t)
  const receiver = await receiverServer(t)
  const { port } = new URL(receiver.url)
  const inside = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '169.254.169.254',
    '10.0.0.1',
  ]
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  for (const host of inside) {
    const url = `https://${host}:${port}/`
    const refused = await planner.post('/v1/webhooks', { url })
    t.match([refused.status, String(refused.body.code)], [400, 'WEBHOOK_URL_REFUSED'], host)
    t.match(refused.body, { facts: { reason: 'ADDRESS_REFUSED' }, errors: [{ pointer: '/url' }] })
    const order = {
      planId: plan.id,
      acknowledge: plan.acknowledgementsRequired,
      webhook: { url, secret: SECRET },
    }
    const job = await planner.post('/v1/jobs', order)
    t.match([job.status, String(job.body.code)], [400, 'WEBHOOK_URL_REFUSED'], host)
    t.match(job.body, { errors: [{ pointer: '/webhook/url' }] })
  }
  t.strictSame(listOf((await planner.get('/v1/webhooks')).body.items), [])
  t.match((await planner.get(`/v1/plans/${plan.id}`)).body, { status: 'applicable' }, 'no job was begun')
  t.equal(receiver.received.length, 0)
})

t.test('notifies a portal of a job from acceptance to end, as documented', async (t) => {
  const receiver = await receiverServer(t)
  const made = await planner.post('/v1/webhooks', { url: receiver.url })
  t.equal(made.status, 201)
  t.equal(made.headers.get('location'), `/v1/webhooks/${made.body.id}`)
  const secret = String(made.body.secret)
  const read = await planner.get(`/v1/webhooks/${made.body.id}`)
  t.notOk(read.text.includes(secret), 'the secret is told once')

  const job = await execute(planner, await makePlan(planner, planFor('lb-managed', 'managedNATGateway')))
  const last = await ended(planner, String(job.id))
  await receiver.reaches(7)
  const messages = receiver.received.map((each) => opened(secret, each))
  const { faultsOfSchema } = documentValidator(document as never)
  for (const message of messages) t.strictSame(faultsOfSchema('WebhookMessage', message), [])
  const inOrder = messages.toSorted(
    (a, b) => Number(a.data?.entry?.sequence) - Number(b.data?.entry?.sequence),
  )
  t.strictSame(typesOf(inOrder), [
    'job.accepted',
    'job.started',
    ...Array(4).fill('job.step.succeeded'),
    'job.succeeded',
  ])
  t.strictSame(inOrder.at(-1)?.data?.job, last, 'the last one is what a poll says')
  const log = listOf((await planner.get(`/v1/jobs/${job.id}/events`)).body.items)
  for (const { data } of inOrder)
    t.strictSame(data?.entry, log[Number(data?.entry?.sequence) - 1], 'each is an entry of the log')

  const deliveries = await until(
    async () => listOf((await planner.get(`/v1/webhooks/${made.body.id}/deliveries`)).body.items),
    (items) => items.every(({ status }) => String(status) === 'delivered'),
  )
  t.strictSame(
    deliveries.map(({ id }) => String(id)).toSorted(),
    receiver.received.map(({ headers }) => String(headers['webhook-id'])).toSorted(),
  )
  t.match((await planner.get('/metrics')).text, /egress_webhook_attempts_total\{outcome="DELIVERED"\} 7/)
})

t.test('notifies a bot of its own job only, signed with its own secret', async (t) => {
  const receiver = await receiverServer(t)
  const plan = await makePlan(planner, planFor('lb-managed-ranges', 'managedNATGateway'))
  const other = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway'))
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const bad = await planner.post('/v1/jobs', {
    ...order,
    webhook: { url: receiver.url, secret: `whsec_${'A'.repeat(33)}` },
  })
  t.match([bad.status, String(bad.body.code)], [400, 'WEBHOOK_SECRET_INVALID'])
  const webhook = { url: receiver.url, secret: SECRET, events: ['job.succeeded', 'job.failed'] }
  const accepted = await planner.post('/v1/jobs', { ...order, webhook })
  t.equal(accepted.status, 202)
  t.notOk(accepted.text.includes(SECRET))
  const { id: otherId } = await execute(planner, other)
  await ended(planner, String(otherId))
  await ended(planner, String(accepted.body.id))
  await receiver.reaches(1)
  t.match(opened(SECRET, receiver.received[0] as Received), {
    type: 'job.succeeded',
    data: { job: { id: String(accepted.body.id) } },
  })
  t.strictSame(await subscriptionsTo(receiver.url), [], 'it is no subscription')
  const ofJob = (await planner.get(`/v1/webhooks?jobId=${accepted.body.id}`)).body
  t.match(listOf(ofJob.items), [{ jobId: accepted.body.id, url: receiver.url, status: 'enabled' }])
  t.equal(receiver.received.length, 1)
})

t.test('an unavailable receiver gets its missed messages by retries and by replay', async (t) => {
  const receiver = await receiverServer(t)
  let answers = 0
  receiver.answer = (response) => response.writeHead(answers++ === 0 ? 503 : 204).end()
  const { body: webhook } = await planner.post('/v1/webhooks', { url: receiver.url })
  const { body: ping } = await planner.post(`/v1/webhooks/${webhook.id}/ping`)
  const path = `/v1/webhooks/${webhook.id}/deliveries/${ping.id}`
  const delivered = await until(
    async () => (await planner.get(path)).body,
    ({ status }) => String(status) === 'delivered',
    40_000,
  )
  t.match(
    listOf(delivered.attempts).map(({ outcome }) => String(outcome)),
    ['REFUSED', 'DELIVERED'],
  )
  const replayed = await planner.post(`/v1/webhooks/${webhook.id}/replays`, { deliveryId: ping.id })
  t.match([replayed.status, replayed.body], [202, { replayed: 1 }])
  await receiver.reaches(3)
  const [first, , third] = receiver.received
  t.equal(first?.headers['webhook-id'], third?.headers['webhook-id'])
  t.equal(first?.body, third?.body)
})

t.test('creates one webhook with one secret for repeated requests with one key', async (t) => {
  const ask = () =>
    planner.post('/v1/webhooks', { url: 'http://127.0.0.1:1/once' }, { 'idempotency-key': 'hook-1' })
  const [first, second] = [await ask(), await ask()]
  t.equal(second.headers.get('idempotency-replayed'), 'true')
  t.strictSame(second.body, first.body)
  t.equal((await subscriptionsTo('http://127.0.0.1:1/once')).length, 1)
})

t.test('a signature can be verified without a library', async (t) => {
  const receiver = await receiverServer(t)
  const { body: webhook } = await planner.post('/v1/webhooks', {
    url: receiver.url,
    clusters: [{ subscriptionId: demoCluster('x').subscriptionId }],
  })
  await planner.post(`/v1/webhooks/${webhook.id}/ping`)
  await receiver.reaches(1)
  const { headers, body } = receiver.received[0] as Received
  const key = Buffer.from(String(webhook.secret).replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  t.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
})

// The last two, because they stop it and start others on its data.

t.test('sends nothing to receivers that are no longer allowed after a restart', async (t) => {
  const receiver = await receiverServer(t)
  const made = await planner.post('/v1/webhooks', { url: receiver.url })
  await planner.process.stop()
  const after = await ownService(t, planner.storage)
  const pinged = await after.post(`/v1/webhooks/${made.body.id}/ping`)
  t.equal(pinged.status, 202)
  const delivery = await until(
    async () => (await after.get(String(pinged.headers.get('location')))).body,
    ({ attempts }) => listOf(attempts).length > 0,
  )
  t.match(delivery, { status: 'pending', attempts: [{ outcome: 'ADDRESS_REFUSED', status: null }] })
  t.equal(receiver.received.length, 0)
})

t.test('a process that is killed during a delivery sends that message again, and no other', async (t) => {
  const receiver = await receiverServer(t)
  const first = await ownService(t, { ...LOCAL, ...planner.storage })
  const { body: webhook } = await first.post('/v1/webhooks', { url: receiver.url })
  const taken = Promise.withResolvers<void>()
  receiver.answer = () => taken.resolve()
  await first.post(`/v1/webhooks/${webhook.id}/ping`)
  await taken.promise
  await first.process.kill()
  receiver.answer = (response) => response.writeHead(204).end()
  const second = await ownService(t, { ...LOCAL, ...planner.storage })
  await receiver.reaches(2)
  const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
  t.equal(ids[0], ids[1], 'the receiver can know that it has it already')
  const deliveries = await until(
    async () => listOf((await second.get(`/v1/webhooks/${webhook.id}/deliveries`)).body.items),
    ([delivery]) => String(delivery?.status) === 'delivered',
    40_000,
  )
  t.equal(deliveries.length, 1)
  t.equal(receiver.received.length, 2)
})
