import t from 'tap'
import { EVENT_TYPES } from '../../src/contract/webhook.ts'
import type { Origin } from '../../src/core/audit/audit.ts'
import { campaignMessages, planMessage } from '../../src/core/webhooks/messages.ts'
import { verifyAudit } from '../../src/database/audit/verify-audit.ts'
import { EXAMPLE_CAMPAIGN_EVENT } from '../../src/routes/examples/campaigns.ts'
import { EXAMPLE_CHANGE } from '../../src/routes/examples/inventory.ts'
import { EXAMPLE_APPROVAL } from '../../src/routes/examples/jobs.ts'
import { EXAMPLE_CAMPAIGN_SUMMARY } from '../../src/routes/operations/list-campaigns.ts'
import { EXAMPLE_PLAN_SUMMARY } from '../../src/routes/operations/list-plans.ts'
import { MAX_SUBSCRIPTIONS } from '../../src/webhooks/create-webhooks.ts'
import { announceCampaign, announcePlan, createInventoryWebhooks } from '../../src/webhooks/job-webhooks.ts'
import { databaseEngines, openMigrated } from '../support/databases.ts'
import { receiverServer } from './support/receiver-server.ts'
import { CLUSTER_KEY, verified, WebhookFixture } from './support/webhook-fixture.ts'

const ORIGIN: Origin = {
  actor: { id: 'owner', kind: 'user', name: 'tester', appId: null },
  operation: 'createWebhook',
  address: '192.0.2.7',
  userAgent: null,
  requestId: 'r-1',
}
const URL_1 = 'http://127.0.0.1:1/hook'

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))

    t.test('a webhook returns its secret once and receives all messages by default', async (t) => {
      const room = new WebhookFixture(database)
      const { secret, ...made } = await room.subscribe(URL_1)
      t.match(secret, /^whsec_/)
      t.match(made, { url: URL_1, events: EVENT_TYPES, clusters: [], status: 'enabled', jobId: null })
      t.strictSame(await room.webhooks.get(made.id, room.by.owner.id), made)
      const { items } = await room.webhooks.list({ ownerId: room.by.owner.id, limit: 10, cursor: null })
      t.strictSame(items, [made])
      t.notOk(JSON.stringify(items).includes('whsec_'))
    })

    t.test(
      'reports changes of visible clusters, and newer endpoints to everyone who selects them',
      async (t) => {
        const room = new WebhookFixture(database)
        const everything = await room.subscribe(URL_1)
        const pattern = { subscriptionId: '*', resourceGroup: '*', clusterName: 'another' }
        const other = await room.subscribe(URL_1, { clusters: [pattern] })
        await room.subscribe(URL_1, { events: ['job.failed'] })
        const change = { ...EXAMPLE_CHANGE, kind: 'rangesUncovered' as const }
        const list = { before: '2026-01-01', after: '2026-06-18' }
        const blind = new WebhookFixture(database, { mayRead: () => false })
        for (const { deps } of [room, blind])
          await database.kysely.transaction().execute(async (trx) => {
            const { clusterChanged, endpointsChanged } = createInventoryWebhooks(deps)
            await clusterChanged(trx, CLUSTER_KEY, change)
            await clusterChanged(trx, CLUSTER_KEY, { ...change, kind: 'converged' })
            if (deps === room.deps) await endpointsChanged(trx, room.clock, list)
          })
        const rows = await database.kysely
          .selectFrom('webhook_deliveries')
          .select(['webhook_id', 'type', 'cluster_key', 'body'])
          .where('webhook_id', 'in', [everything.id, other.id])
          .orderBy('id')
          .execute()
        t.strictSame(
          rows.map(({ webhook_id, type, cluster_key }) => [webhook_id, type, cluster_key]),
          [
            [everything.id, 'cluster.egress.uncovered', CLUSTER_KEY],
            [everything.id, 'endpoints.changed', null],
            [other.id, 'endpoints.changed', null],
          ],
        )
        t.match(JSON.parse(rows[0]?.body ?? '{}'), { data: { change, azure: 'simulated' } })
        t.match(JSON.parse(rows[1]?.body ?? '{}'), { data: { endpoints: list } })
      },
    )

    t.test(
      'reports approvals to subscriptions that select them, on clusters that their owner may read',
      async (t) => {
        const room = new WebhookFixture(database)
        const blind = new WebhookFixture(database, { mayRead: () => false })
        const selecting = await room.subscribe(URL_1, { events: ['plan.approved'] })
        const everything = await room.subscribe(URL_1)
        await room.subscribe(URL_1, { events: ['job.failed'] })
        const pattern = { subscriptionId: '*', resourceGroup: '*', clusterName: 'another' }
        await room.subscribe(URL_1, { clusters: [pattern] })
        const message = planMessage('plan.approved', room.clock, EXAMPLE_PLAN_SUMMARY, EXAMPLE_APPROVAL)
        for (const { deps } of [room, blind])
          await database.kysely.transaction().execute((trx) => announcePlan(trx, deps, CLUSTER_KEY, message))
        const rows = await database.kysely
          .selectFrom('webhook_deliveries')
          .selectAll()
          .where('type', '=', 'plan.approved')
          .execute()
        t.strictSame(rows.map((row) => row.webhook_id).toSorted(), [selecting.id, everything.id].toSorted())
        for (const row of rows) {
          t.match(row, { job_id: null, cluster_key: CLUSTER_KEY })
          t.strictSame(JSON.parse(row.body), JSON.parse(JSON.stringify(message)))
        }
      },
    )

    t.test('reports a campaign once to each subscription that reports one of its clusters', async (t) => {
      const room = new WebhookFixture(database)
      const everything = await room.subscribe(URL_1)
      const another = { subscriptionId: '*', resourceGroup: '*', clusterName: 'another' }
      await room.subscribe(URL_1, { clusters: [another] })
      const [message] = campaignMessages(EXAMPLE_CAMPAIGN_SUMMARY, [EXAMPLE_CAMPAIGN_EVENT])
      if (message === undefined) throw new Error('no message')
      await database.kysely
        .transaction()
        .execute((trx) => announceCampaign(trx, room.deps, [`${CLUSTER_KEY}-2`, CLUSTER_KEY], [message]))
      const rows = await database.kysely
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('type', '=', 'campaign.planned')
        .where('webhook_id', '=', everything.id)
        .execute()
      t.strictSame(
        rows.map(({ body }) => JSON.parse(body)),
        [JSON.parse(JSON.stringify(message))],
      )
      t.strictSame(
        campaignMessages(EXAMPLE_CAMPAIGN_SUMMARY, [{ ...EXAMPLE_CAMPAIGN_EVENT, type: 'memberChanged' }]),
        [],
      )
    })

    t.test('a webhook is visible only to its owner', async (t) => {
      const room = new WebhookFixture(database)
      const other = new WebhookFixture(database)
      const { id } = await room.subscribe(URL_1)
      const refusal = { code: 'WEBHOOK_NOT_FOUND', facts: { webhookId: id } }
      const { webhooks } = other
      await t.rejects(webhooks.get(id, other.by.owner.id), refusal)
      await t.rejects(webhooks.change(id, { status: 'disabled' }, other.by), refusal)
      await t.rejects(webhooks.remove(id, other.by), refusal)
      await t.rejects(webhooks.rotateSecret(id, 24, other.by), refusal)
      await t.rejects(webhooks.ping(id, other.by), refusal)
      await t.rejects(webhooks.replay(id, { failedSince: '2026-01-01T00:00:00Z' }, other.by), refusal)
      const query = { webhookId: id, ownerId: other.by.owner.id, limit: 1, cursor: null }
      await t.rejects(webhooks.listDeliveries(query), refusal)
      await t.rejects(webhooks.getDelivery({ ...query, deliveryId: id }), refusal)
      t.strictSame((await webhooks.list({ ownerId: other.by.owner.id, limit: 1, cursor: null })).items, [])
      t.match(await room.webhooks.get(id, room.by.owner.id), { status: 'enabled' })
    })

    t.test('rejects a forbidden URL before it stores anything', async (t) => {
      const room = new WebhookFixture(database, { allowedNetworks: [] })
      const refusal = {
        code: 'WEBHOOK_URL_REFUSED',
        pointers: ['/url'],
        facts: { reason: 'ADDRESS_REFUSED' },
      }
      await t.rejects(room.subscribe('https://portal.example/'), refusal)
      t.strictSame(
        (await room.webhooks.list({ ownerId: room.by.owner.id, limit: 1, cursor: null })).items,
        [],
      )
      const lenient = new WebhookFixture(database)
      const { id } = await lenient.subscribe(URL_1)
      lenient.deps.resolve = async () => ['10.0.0.1']
      await t.rejects(lenient.webhooks.change(id, { url: 'https://portal.example/' }, lenient.by), refusal)
      t.match(await lenient.webhooks.get(id, lenient.by.owner.id), { url: URL_1 })
    })

    t.test('changes the given members, and keeps the others', async (t) => {
      const room = new WebhookFixture(database)
      const { id } = await room.subscribe(URL_1, { description: 'before' })
      const clusters = [{ subscriptionId: '*', resourceGroup: 'rg-*', clusterName: '*' }]
      const changed = await room.webhooks.change(id, { clusters, events: ['job.failed'] }, room.by)
      t.match(changed, { url: URL_1, description: 'before', clusters, events: ['job.failed'] })
      t.match(await room.webhooks.change(id, { description: null }, room.by), { description: null, clusters })
      const disabled = await room.webhooks.change(id, { status: 'disabled' }, room.by)
      t.match(disabled, {
        status: 'disabled',
        disabledBecause: 'OWNER',
        disabledAt: room.clock.toISOString(),
      })
      await t.rejects(room.webhooks.ping(id, room.by), {
        code: 'WEBHOOK_DISABLED',
        facts: { because: 'OWNER' },
      })
      await room.end('Failed')
      t.equal(room.lane.length, 0)
      t.match(await room.webhooks.change(id, { status: 'enabled' }, room.by), {
        status: 'enabled',
        disabledBecause: null,
        disabledAt: null,
      })
    })

    t.test('a ping shows whether messages arrive', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      const { id, secret } = await room.subscribe(receiver.url, { events: ['job.failed'] })
      const pinged = await room.webhooks.ping(id, room.by)
      t.match(pinged, { type: 'webhook.ping', status: 'pending', jobId: null, attempts: [] })
      await room.run()
      const [got] = receiver.received
      t.match(got && verified(secret, got), {
        type: 'webhook.ping',
        data: { webhookId: id, azure: 'simulated' },
      })
      const ref = { webhookId: id, deliveryId: pinged.id, ownerId: room.by.owner.id }
      const read = await room.webhooks.getDelivery(ref)
      t.match(read, { status: 'delivered', payload: JSON.parse(got?.body ?? '{}') })
      t.match(
        await room.webhooks.getDelivery({ ...ref, reach: [] }),
        { id: pinged.id },
        'it is about no cluster',
      )
    })

    t.test('a new secret replaces the former secret after an overlap', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      const { id, secret: first } = await room.subscribe(receiver.url)
      const { secret: second, formerSecretValidUntil } = await room.webhooks.rotateSecret(id, 1, room.by)
      t.not(first, second)
      t.equal(formerSecretValidUntil, new Date(room.clock.getTime() + 3_600_000).toISOString())
      await room.webhooks.ping(id, room.by)
      await room.run()
      room.advance(3_600_000)
      t.equal((await room.webhooks.get(id, room.by.owner.id)).formerSecretValidUntil, null)
      await room.webhooks.ping(id, room.by)
      await room.run()
      const { secret: third } = await room.webhooks.rotateSecret(id, 0, room.by)
      await room.webhooks.ping(id, room.by)
      await room.run()
      const [during, after, leaked] = receiver.received
      if (during === undefined || after === undefined || leaked === undefined) throw new Error('three pings')
      t.ok(verified(first, during) && verified(second, during))
      t.ok(verified(second, after))
      t.throws(() => verified(first, after))
      t.ok(verified(third, leaked))
      t.throws(() => verified(second, leaked), 'without an overlap it is out at once')
    })

    t.test('deletes a webhook with its messages', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      await room.webhooks.remove(id, room.by)
      await room.run()
      t.equal(receiver.received.length, 0)
      await t.rejects(room.webhooks.get(id, room.by.owner.id), { code: 'WEBHOOK_NOT_FOUND' })
    })

    t.test('messages of clusters that the caller sees no more are not shown', async (t) => {
      const room = new WebhookFixture(database)
      const receiver = await receiverServer(t)
      const { id } = await room.subscribe(receiver.url)
      await room.end('Failed')
      const query = { webhookId: id, ownerId: room.by.owner.id, limit: 5, cursor: null }
      const reach = [{ subscriptionId: '*', resourceGroup: 'rg-other', clusterName: '*' }]
      t.equal((await room.webhooks.listDeliveries(query)).items.length, 1)
      t.equal((await room.webhooks.listDeliveries({ ...query, reach })).items.length, 0)
      const [{ id: deliveryId } = { id: '' }] = await room.deliveries(id)
      const hidden = { code: 'DELIVERY_NOT_FOUND' }
      await t.rejects(room.webhooks.getDelivery({ ...query, deliveryId, reach }), hidden)
      await t.rejects(room.webhooks.replay(id, { deliveryId }, { ...room.by, reach }), hidden)
      await room.run()
    })

    t.test('lists are paged, and one owner has no more than a number of webhooks', async (t) => {
      const room = new WebhookFixture(database)
      for (let made = 0; made < MAX_SUBSCRIPTIONS; made++) await room.subscribe(URL_1)
      await t.rejects(room.subscribe(URL_1), {
        code: 'WEBHOOK_LIMIT_REACHED',
        facts: { limit: MAX_SUBSCRIPTIONS },
      })
      const ownerId = room.by.owner.id
      const first = await room.webhooks.list({ ownerId, limit: 30, cursor: null })
      const second = await room.webhooks.list({ ownerId, limit: 30, cursor: first.next })
      t.strictSame([first.items.length, second.items.length, second.next], [30, 20, null])
      const ids = [...first.items, ...second.items].map(({ id }) => id)
      t.strictSame(ids, [...new Set(ids)].toSorted().toReversed())
      const stolen = { ownerId: 'somebody-else', limit: 30, cursor: first.next }
      t.strictSame(
        (await room.webhooks.list(stolen)).items,
        [],
        "a cursor shows nobody another one's webhooks",
      )
    })

    t.test('concurrent subscriptions do not exceed the limit', async (t) => {
      const room = new WebhookFixture(database)
      const tries = Array.from({ length: MAX_SUBSCRIPTIONS + 6 }, () =>
        room.subscribe(URL_1).then(
          () => 'made',
          () => 'refused',
        ),
      )
      const made = (await Promise.all(tries)).filter((each) => each === 'made')
      t.equal(made.length, MAX_SUBSCRIPTIONS)
    })

    t.test('every operation names its webhook in the audit', async (t) => {
      const room = new WebhookFixture(database)
      const { webhooks, by } = room
      const of = (operation: string) => ({ ...ORIGIN, operation })
      const asked = { url: URL_1, description: null, clusters: [] }
      const { id } = await webhooks.create(asked, by, of('createWebhook'))
      await webhooks.change(id, { status: 'enabled' }, by, of('updateWebhook'))
      await webhooks.rotateSecret(id, 1, by, of('rotateWebhookSecret'))
      await webhooks.ping(id, by, of('pingWebhook'))
      await webhooks.replay(id, { failedSince: '2026-01-01T00:00:00Z' }, by, of('replayDeliveries'))
      await webhooks.remove(id.toUpperCase(), by, of('deleteWebhook'))
      const query = database.kysely.selectFrom('audit_log').select('operation').where('webhook_id', '=', id)
      t.strictSame(
        (await query.orderBy('sequence').execute()).map(({ operation }) => operation),
        [
          'createWebhook',
          'updateWebhook',
          'rotateWebhookSecret',
          'pingWebhook',
          'replayDeliveries',
          'deleteWebhook',
        ],
      )
      t.match(await verifyAudit(database.kysely), { intact: true })
    })

    t.test('every change is in the audit, in the transaction that makes it', async (t) => {
      const room = new WebhookFixture(database)
      const asked = { url: URL_1, description: 'CHG-1', clusters: [] }
      await room.webhooks.create(asked, room.by, ORIGIN)
      const rows = await database.kysely.selectFrom('audit_log').selectAll().execute()
      t.match(rows.at(-1), { operation: 'createWebhook', outcome: 'allowed', reason: 'CHG-1' })
      const failing = async () => {
        throw new Error('the answer could not be kept')
      }
      await t.rejects(room.webhooks.create(asked, room.by, ORIGIN, failing))
      const after = await database.kysely.selectFrom('audit_log').selectAll().execute()
      t.equal(after.length, rows.length)
      const { items } = await room.webhooks.list({ ownerId: room.by.owner.id, limit: 5, cursor: null })
      t.equal(items.length, 1)
    })
  })
}
