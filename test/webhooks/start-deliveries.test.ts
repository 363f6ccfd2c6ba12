import t from 'tap'
import { MAX_ATTEMPTS } from '../../src/core/webhooks/delivery-rules.ts'
import type { AttemptRef } from '../../src/database/stores/delivery-store.ts'
import { deleteOldDeliveries } from '../../src/database/stores/retention.ts'
import { EXAMPLE_JOB } from '../../src/routes/examples/jobs.ts'
import { attemptDelivery } from '../../src/webhooks/attempt-delivery.ts'
import { DeliveryLanes, orderLostDeliveries } from '../../src/webhooks/start-deliveries.ts'
import { databaseEngines, openMigrated } from '../support/databases.ts'
import { receiverServer } from './support/receiver-server.ts'
import { START, verified, WebhookFixture } from './support/webhook-fixture.ts'

const DAY_MS = 86_400_000

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))

    t.test('reports each job event once to each webhook that selects it', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      const { id, secret } = await room.subscribe(receiver.url)
      await room.subscribe(receiver.url, { events: ['job.failed'] })
      await room.end('Succeeded')
      await room.run()
      t.equal(receiver.received.length, 1)
      const [got] = receiver.received
      const message = got && (verified(secret, got) as { type: string; data: { job: object } })
      t.match(message, { type: 'job.succeeded', data: { job: EXAMPLE_JOB, entry: { sequence: 4 } } })
      const [delivery] = await room.deliveries(id)
      t.match(delivery, {
        id: got?.headers['webhook-id'],
        status: 'delivered',
        type: 'job.succeeded',
        jobId: EXAMPLE_JOB.id,
        nextAttemptAt: null,
        attempts: [{ outcome: 'DELIVERED', status: 204 }],
      })
      t.equal(delivery?.attempts.length, 1)
    })

    t.test('a message and its event are stored in one transaction', async (t) => {
      const room = new WebhookFixture(database)
      const { id } = await room.subscribe('http://127.0.0.1:1/')
      const failing = room.end.bind(room)
      room.lane.order = async () => {
        throw new Error('the queue is gone')
      }
      await t.rejects(failing('Succeeded'), /the queue is gone/)
      t.strictSame(await room.deliveries(id), [])
    })

    t.test('retries an undelivered message with the same ID, on schedule', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      let failures = 3
      receiver.answer = (response) => response.writeHead(failures-- > 0 ? 503 : 200).end()
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      const starts: number[] = []
      while (await room.step()) starts.push(room.clock.getTime() - START.getTime())
      t.strictSame(room.outcomes, ['REFUSED', 'REFUSED', 'REFUSED', 'DELIVERED'])
      const seconds = starts.map((ms) => Math.round(ms / 1_000))
      t.strictSame(seconds, [0, 5, 305, 2_105])
      t.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1)
      t.equal(new Set(receiver.received.map(({ body }) => body)).size, 1)
      const stamps = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']))
      t.ok(
        stamps.every((each, index) => index === 0 || each > (stamps[index - 1] ?? 0)),
        'each attempt has its own time',
      )
      t.match(await room.deliveries(id), [{ status: 'delivered', attempts: { length: 4 } }])
    })

    t.test('respects the Retry-After of a receiver', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      receiver.answer = (response) => response.writeHead(429, { 'retry-after': '90' }).end()
      await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.step()
      const next = room.lane.take()
      t.ok((next?.at.getTime() ?? 0) >= START.getTime() + 90_000)
    })

    t.test(
      'gives up a message after all attempts, and disables a webhook without any delivery',
      async (t) => {
        const room = new WebhookFixture(database)
        const receiver = await receiverServer(t)
        receiver.answer = (response) => response.writeHead(500).end()
        const { id } = await room.subscribe(receiver.url)
        await room.end('Failed')
        await room.run()
        t.equal(receiver.received.length, MAX_ATTEMPTS)
        t.ok(room.clock.getTime() - START.getTime() > 3 * DAY_MS)
        t.match(await room.deliveries(id), [{ status: 'failed', nextAttemptAt: null }])
        t.match(await room.webhooks.get(id, room.by.owner.id), {
          status: 'disabled',
          disabledBecause: 'FAILING',
        })
        await room.end('Failed')
        t.equal(room.lane.length, 0, 'nothing is sent to it any more')
      },
    )

    t.test('a failed message does not disable a webhook that receives others', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      receiver.answer = (response, { body }) =>
        response.writeHead(body.includes('job.failed') ? 500 : 200).end()
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.step()
      room.advance(1_000)
      await room.end('Succeeded')
      await room.run()
      t.match(await room.deliveries(id), [{ status: 'delivered' }, { status: 'failed' }])
      t.match(await room.webhooks.get(id, room.by.owner.id), { status: 'enabled' })
    })

    t.test('410 disables a webhook immediately, and pending messages are not sent', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      receiver.answer = (response) => response.writeHead(410).end()
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.end('Succeeded')
      await room.run()
      t.equal(receiver.received.length, 1)
      t.strictSame(room.outcomes, ['GONE', 'DISABLED'])
      t.match(await room.deliveries(id), [{ status: 'failed' }, { status: 'failed' }])
      t.match(await room.webhooks.get(id, room.by.owner.id), { status: 'disabled', disabledBecause: 'GONE' })
    })

    t.test('replays failed messages after the receiver is fixed', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      receiver.answer = (response) => response.writeHead(410).end()
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.run()
      const [first] = receiver.received
      const since = { failedSince: START.toISOString() }
      await t.rejects(room.webhooks.replay(id, since, room.by), { code: 'WEBHOOK_DISABLED' })
      await room.webhooks.change(id, { status: 'enabled' }, room.by)
      receiver.answer = (response) => response.writeHead(200).end()
      t.strictSame(await room.webhooks.replay(id, since, room.by), { replayed: 1 })
      await room.run()
      t.equal(receiver.received[1]?.headers['webhook-id'], first?.headers['webhook-id'])
      t.equal(receiver.received[1]?.body, first?.body)
      t.match(await room.deliveries(id), [{ status: 'delivered', attempts: { length: 2 } }])
      t.strictSame(
        await room.webhooks.replay(id, since, room.by),
        { replayed: 0 },
        'it has not failed any more',
      )
      const [{ id: deliveryId } = { id: '' }] = await room.deliveries(id)
      t.strictSame(
        await room.webhooks.replay(id, { deliveryId }, room.by),
        { replayed: 1 },
        'one can be had again',
      )
      await room.run()
      t.equal(receiver.received.length, 3)
    })

    t.test('sends a replay of a pending message immediately and only once', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      let failures = 1
      receiver.answer = (response) => response.writeHead(failures-- > 0 ? 503 : 200).end()
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.step()
      const [{ id: deliveryId } = { id: '' }] = await room.deliveries(id)
      await room.webhooks.replay(id, { deliveryId }, room.by)
      await room.run()
      t.equal(receiver.received.length, 2)
    })

    t.test('a repeated order makes one recorded attempt and one next order', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      receiver.answer = (response) => response.writeHead(503).end()
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      const order = room.lane.take()?.attempt
      if (order === undefined) throw new Error('an attempt is ordered')
      await Promise.all([attemptDelivery(room.deps, order), attemptDelivery(room.deps, order)])
      t.equal(room.lane.length, 1, 'the next attempt is ordered once')
      const asked = receiver.received.length
      await attemptDelivery(room.deps, order)
      t.equal(receiver.received.length, asked, 'what is recorded is not done again')
      t.match(await room.deliveries(id), [{ status: 'pending', attempts: { length: 1 } }])
    })

    t.test('a receiver that hangs delays no other receiver', async (t) => {
      const room = new WebhookFixture(database)
      const [slow, quick] = [await receiverServer(t), await receiverServer(t)]
      const answers: (() => void)[] = []
      slow.answer = (response) => void answers.push(() => response.writeHead(204).end())
      await room.subscribe(slow.url, { events: ['job.failed'] })
      await room.subscribe(quick.url, { events: ['job.succeeded'] })
      for (let times = 0; times < 8; times++) await room.end('Failed')
      await room.end('Succeeded')
      const lanes = new DeliveryLanes(room.deps)
      const orders: AttemptRef[] = []
      for (let next = room.lane.take(); next !== null; next = room.lane.take()) orders.push(next.attempt)
      // As one worker of the queue: each order is taken after the one before.
      for (const order of orders) await lanes.take(order)
      await Promise.all([slow.reaches(4), quick.reaches(1)])
      t.equal(slow.received.length, 4, 'the others wait for their turn')
      t.equal(room.lane.length, 0, 'and the queue is not told of them again')
      const waiting = orders.filter(({ deliveryId }) => lanes.isWaiting(deliveryId))
      t.equal(waiting.length, 4)
      for (const order of waiting) await lanes.take(order)
      slow.answer = (response) => response.writeHead(204).end()
      for (const answer of answers) answer()
      await slow.reaches(8)
      await lanes.stop()
      const ids = slow.received.map(({ headers }) => headers['webhook-id'])
      t.strictSame([ids.length, new Set(ids).size], [8, 8], 'each once, although ordered twice')
    })

    t.test('a stop waits for attempts in progress and leaves the rest to be found', async (t) => {
      const room = new WebhookFixture(database)
      const slow = await receiverServer(t)
      const answers: (() => void)[] = []
      slow.answer = (response) => void answers.push(() => response.writeHead(204).end())
      const { id } = await room.subscribe(slow.url)
      for (let times = 0; times < 5; times++) await room.end('Failed')
      const lanes = new DeliveryLanes(room.deps)
      for (let next = room.lane.take(); next !== null; next = room.lane.take()) await lanes.take(next.attempt)
      await slow.reaches(4)
      const stopped = lanes.stop()
      for (const answer of answers) answer()
      await stopped
      const statuses = (await room.deliveries(id)).map(({ status }) => status).toSorted()
      t.strictSame(statuses, ['delivered', 'delivered', 'delivered', 'delivered', 'pending'])
      slow.answer = (response) => response.writeHead(204).end()
      await orderLostDeliveries(room.deps, room.clock)
      await room.run()
      t.equal(slow.received.length, 5)
    })

    t.test('a failure to record an attempt is reported to the queue', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      await room.subscribe(receiver.url)
      await room.end('Failed')
      const order = room.lane.take()?.attempt
      if (order === undefined) throw new Error('an attempt is ordered')
      receiver.answer = (response) => response.writeHead(503).end()
      room.lane.order = async () => {
        throw new Error('the queue is gone')
      }
      await t.rejects(new DeliveryLanes(room.deps).take(order), /the queue is gone/)
    })

    t.test('an attempt whose order got lost is found', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      await room.subscribe(receiver.url)
      await room.end('Failed')
      room.lane.take()
      await orderLostDeliveries(room.deps, new Date(room.clock.getTime() - 1))
      t.equal(room.lane.length, 0, 'not before it is late')
      await orderLostDeliveries(room.deps, room.clock)
      await room.run()
      t.equal(receiver.received.length, 1)
    })

    t.test('does not send or store messages about clusters that the owner may no longer see', async (t) => {
      let isAllowed = true
      const room: WebhookFixture = new WebhookFixture(database, {
        mayRead: (owner) => isAllowed && owner.id === room.by.owner.id,
      })
      const receiver = await receiverServer(t)
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      isAllowed = false
      await room.end('Succeeded')
      await room.run()
      t.equal(receiver.received.length, 0)
      t.strictSame(room.outcomes, ['NOT_ALLOWED'])
      t.match(await room.deliveries(id), [{ type: 'job.failed', status: 'failed' }])
      t.equal((await room.deliveries(id)).length, 1)
    })

    t.test('deletes old messages, and keeps those in delivery', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.run()
      await room.end('Succeeded')
      await deleteOldDeliveries(database.kysely, new Date(room.clock.getTime() + DAY_MS), null, 100)
      t.match(await room.deliveries(id), [{ type: 'job.succeeded', status: 'pending' }])
      t.equal((await room.deliveries(id)).length, 1)
      t.ok(await room.webhooks.get(id, room.by.owner.id), 'a subscription stays')
      await room.run()
    })

    t.test('nothing that is logged holds a secret, a body or more of a URL than its host', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      receiver.answer = (response) => response.writeHead(500).end()
      const { secret } = await room.subscribe(`${receiver.url}?sig=token-in-url`)
      await room.end('Failed')
      await room.step()
      const text = JSON.stringify(room.logged)
      t.match(text, /webhook message not delivered/)
      t.match(text, new URL(receiver.url).host)
      for (const hidden of [secret, 'token-in-url', '/hook', EXAMPLE_JOB.reason ?? EXAMPLE_JOB.planId])
        t.notOk(text.includes(hidden), hidden)
    })
  })
}
