import { CompiledQuery, createQueryId, type KyselyPlugin, type RootOperationNode } from 'kysely'
import t from 'tap'
import type { Queries } from '../../../src/database/engine/database.ts'
import { claimDueDeliveries, insertDeliveries } from '../../../src/database/stores/delivery-store.ts'
import { deleteOldDeliveries, deleteOldJobWebhooks } from '../../../src/database/stores/retention.ts'
import { insertWebhook } from '../../../src/database/stores/webhook-store.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'
import { anId, aStoredJob, NOW } from '../support/stored-job.ts'

const LATER = new Date(NOW.getTime() + 1_000)
const OWNER = { id: 'ann', appId: null, groups: [] }

async function deleteOld(db: Queries, before: Date): Promise<void> {
  await deleteOldDeliveries(db, before, null, 100)
  await deleteOldJobWebhooks(db, before, null, 100)
}

for (const engine of await everyEngine())
  t.test(`on ${engine.name}`, async (t) => {
    const { kysely: db } = await openMigrated(engine.open(t))

    /** A webhook; of this job, or a subscription. */
    async function aWebhook(jobId: string | null): Promise<string> {
      const id = anId()
      const given = { url: 'https://portal.example.com/', description: null, events: [], clusters: [] }
      const by = { createdBy: 'ann', owner: OWNER, secret: 'whsec_x', createdAt: NOW.toISOString() }
      await insertWebhook(db, { id, jobId, ...given, ...by })
      return id
    }

    async function aMessage(webhookId: string, status: 'pending' | 'failed'): Promise<void> {
      const message = { id: anId(), webhookId, jobId: null, clusterKey: null, createdAt: NOW, body: '{}' }
      await insertDeliveries(db, [{ ...message, type: 'job.failed' }])
      await db.updateTable('webhook_deliveries').set({ status }).where('id', '=', message.id).execute()
    }

    t.test('the webhook of a job goes with its last message, and not before', async (t) => {
      const [ended, running] = [await aStoredJob(db, { next_tick_at: null }), await aStoredJob(db)]
      const subscription = await aWebhook(null)
      const silent = await aWebhook(ended)
      const through = await aWebhook(ended)
      await aMessage(through, 'failed')
      const underWay = await aWebhook(ended)
      await aMessage(underWay, 'failed')
      await aMessage(underWay, 'pending')
      const early = await aWebhook(running)
      await deleteOld(db, NOW)
      const left = async () =>
        (await db.selectFrom('webhooks').select('id').orderBy('id').execute()).map(({ id }) => id)
      t.strictSame(await left(), [subscription, silent, through, underWay, early], 'not before their time')
      await deleteOld(db, LATER)
      t.strictSame(await left(), [subscription, underWay, early])
      const messages = await db.selectFrom('webhook_deliveries').select(['webhook_id', 'status']).execute()
      t.strictSame(messages, [{ webhook_id: underWay, status: 'pending' }])
    })

    t.test('a bounded number of due attempts is claimed at a time, the oldest message first', async (t) => {
      const webhookId = await aWebhook(null)
      const ids = [3, 1, 2].map((seconds) => ({ id: anId(), due: new Date(NOW.getTime() - seconds * 1_000) }))
      for (const { id, due } of ids) {
        const message = { id, webhookId, jobId: null, clusterKey: null, createdAt: due, body: '{}' }
        await insertDeliveries(db, [{ ...message, type: 'job.failed' }])
      }
      const [first = '', second = '', third = ''] = ids.map(({ id }) => id)
      const before = new Date(NOW.getTime() - 1)
      const claim = async (now: Date, after: string | null) =>
        (await claimDueDeliveries(db, before, now, { limit: 2, after })).map(({ deliveryId }) => deliveryId)
      t.strictSame(await claim(before, null), [first, second])
      t.strictSame(await claim(before, second), [third], 'the next page, even if the clock stands still')
      t.strictSame(await claim(NOW, null), [first, second], 'still due at the time of the first claim')
      t.strictSame(await claim(NOW, null), [third])
      t.strictSame(await claim(NOW, null), [], 'not twice')
      await db.deleteFrom('webhooks').where('id', '=', webhookId).execute()
    })

    t.test('does not scan all messages for each webhook', async (t) => {
      const seen: RootOperationNode[] = []
      const look: KyselyPlugin = {
        transformQuery({ node }) {
          if (node.kind === 'DeleteQueryNode') seen.push(node)
          return node
        },
        transformResult: async ({ result }) => result,
      }
      await deleteOld(db.withPlugin(look), NOW)
      t.equal(seen.length, 2)
      for (const node of seen) {
        const { sql, parameters } = db.getExecutor().compileQuery(node, createQueryId())
        const { rows } = await db.executeQuery<Record<string, string>>(
          CompiledQuery.raw(`explain ${sql}`, [...parameters]),
        )
        t.notMatch(rows.map((row) => row['QUERY PLAN']).join('\n'), /SubPlan/)
      }
    })
  })
