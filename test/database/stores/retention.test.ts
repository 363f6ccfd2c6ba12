import { sql } from 'kysely'
import t from 'tap'
import { initialCampaign } from '../../../src/core/campaign/campaign-state.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import type { JobsTable } from '../../../src/database/engine/tables.ts'
import { insertApproval } from '../../../src/database/stores/approval-store.ts'
import { insertCampaign, saveCampaign } from '../../../src/database/stores/campaign-store.ts'
import { CLEANUP_LOCK_KEY, deleteExpired, startCleanup } from '../../../src/database/stores/cleanup.ts'
import { insertDeliveries } from '../../../src/database/stores/delivery-store.ts'
import { acquireClusterLock } from '../../../src/database/stores/job-store.ts'
import { insertPlan } from '../../../src/database/stores/plan-store.ts'
import { insertWebhook } from '../../../src/database/stores/webhook-store.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { everyEngine } from '../../support/databases.ts'
import { anId, aStoredJob } from '../support/stored-job.ts'

const NOW = new Date('2027-06-01T00:00:00Z')
const DAYS = 30
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000)
const PLAN = planFor(aSnapshot(), 'managedNATGateway')

const finished = (days: number | null): Partial<JobsTable> => ({
  status: 'Succeeded',
  next_tick_at: null,
  view: JSON.stringify({
    // A text of a caller and the time of a step look alike, and are not the end of the job.
    reason: '"timestamps":{"finishedAt":"2000-01-01T00:00:00.000Z"}',
    steps: [{ finishedAt: '2000-01-01T00:00:00.000Z' }],
    timestamps: { acceptedAt: 'x', finishedAt: days === null ? null : daysAgo(days).toISOString() },
  }),
})

async function idsOf({ kysely: db }: Database, table: 'jobs' | 'plans'): Promise<string[]> {
  const rows = await db.selectFrom(table).select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/** A finished job of the same cluster, so that an older one is not the newest. */
const aNewerJob = (db: Database['kysely'], clusterKey: string) =>
  aStoredJob(db, { ...finished(0), cluster_key: clusterKey })

for (const engine of await everyEngine())
  t.test(`on ${engine.name}`, async (t) => {
    const database = await engine.open(t)
    const { kysely: db } = database
    t.beforeEach(() => sql`truncate plans, webhooks cascade`.execute(db).then(() => {}))
    const clean = (retentionDays: number | null = DAYS) =>
      deleteExpired(database, { now: NOW, retentionDays, isAlone: true })

    t.test('deletes old finished jobs with all their data and keeps unfinished jobs', async (t) => {
      const old = await aStoredJob(db, { ...finished(31), cluster_key: 'a' })
      const recent = await aStoredJob(db, { ...finished(29), cluster_key: 'a' })
      await aNewerJob(db, 'a')
      const newest = await aStoredJob(db, { ...finished(400), cluster_key: 'b' })
      await aStoredJob(db, { ...finished(null), cluster_key: 'b', status: 'Running', next_tick_at: NOW })
      const running = await aStoredJob(db, {
        ...finished(null),
        status: 'Running',
        next_tick_at: daysAgo(300),
      })
      const locked = await aStoredJob(db, { ...finished(90), cluster_key: 'c' })
      await aNewerJob(db, 'c')
      await acquireClusterLock(db, 'c', locked, daysAgo(100))
      const unsent = await aStoredJob(db, { ...finished(90), cluster_key: 'd' })
      await aNewerJob(db, 'd')
      const by = {
        createdBy: 'ann',
        owner: { id: 'ann', appId: null, groups: [] },
        createdAt: daysAgo(95).toISOString(),
      }
      const webhook = {
        url: 'https://portal.example/',
        description: null,
        events: [],
        clusters: [],
        secret: 'x',
      }
      const subscription = anId()
      await insertWebhook(db, { id: subscription, jobId: null, ...webhook, ...by })
      const message = { webhookId: subscription, clusterKey: 'd', createdAt: daysAgo(90), body: '{}' }
      await insertDeliveries(db, [{ ...message, id: anId(), jobId: unsent, type: 'job.failed' }])
      await insertWebhook(db, { id: anId(), jobId: old, ...webhook, ...by, createdAt: NOW.toISOString() })
      const [planOfOld] = await db.selectFrom('jobs').select('plan_id').where('id', '=', old).execute()
      const approval = { id: anId(), planId: planOfOld?.plan_id ?? '', at: NOW.toISOString(), reason: null }
      await insertApproval(db, {
        ...approval,
        by: { id: 'bob', name: 'bob' },
        withdrawnAt: null,
        withdrawnBy: null,
      })
      const before = await idsOf(database, 'jobs')
      const plansBefore = await idsOf(database, 'plans')

      t.match(await clean(null), { jobs: 0, plans: 0 }, 'nothing without a retention time')
      t.match(await clean(), { jobs: 1, plans: 1 })
      t.strictSame(
        await idsOf(database, 'jobs'),
        before.filter((id) => id !== old),
      )
      t.strictSame(
        await idsOf(database, 'plans'),
        plansBefore.filter((id) => id !== planOfOld?.plan_id),
      )
      const kept = await db.selectFrom('job_events').select('job_id').distinct().execute()
      t.equal(kept.length, before.length - 1)
      for (const id of [recent, newest, running, locked, unsent]) t.ok(before.includes(id))
      t.strictSame(await db.selectFrom('webhooks').select('id').execute(), [{ id: subscription }])
      t.match(await clean(), { jobs: 0, plans: 0 })
    })

    if (engine.name === 'a server')
      t.test('leaves the rest to another process that deletes, or takes turns with it', async (t) => {
        const expired = { expiresAt: daysAgo(31).toISOString() }
        await insertPlan(db, { ...PLAN, id: anId(), createdAt: daysAgo(40).toISOString(), ...expired })
        const { promise: end, resolve: endBatch } = Promise.withResolvers<void>()
        const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
        const other = db.transaction().execute(async (trx) => {
          await sql`select pg_advisory_xact_lock(${sql.lit(CLEANUP_LOCK_KEY)})`.execute(trx)
          begin()
          await end
        })
        await begun
        t.match(await clean(), { plans: 0 })
        const purge = deleteExpired(database, { now: NOW, retentionDays: DAYS, waits: true })
        endBatch()
        t.match(await purge, { plans: 1 })
        await other
      })

    t.test('deletes plans without a job a retention time after they expired', async (t) => {
      const aPlan = async (created: number, expires: number) => {
        const id = anId()
        const [createdAt, expiresAt] = [daysAgo(created).toISOString(), daysAgo(expires).toISOString()]
        await insertPlan(db, { ...PLAN, id, createdAt, expiresAt })
        return id
      }
      const old = []
      for (let count = 0; count < 60; count++) old.push(await aPlan(40 + (count % 7), 31))
      const kept = [await aPlan(40, 29), await aPlan(90, -1), await aPlan(20, 19)]
      const stored = await aStoredJob(db, { ...finished(null), next_tick_at: NOW })
      const [ofJob] = await db.selectFrom('jobs').select('plan_id').where('id', '=', stored).execute()
      t.match(await clean(), { jobs: 0, plans: 60 })
      t.strictSame(await idsOf(database, 'plans'), [...kept, ofJob?.plan_id ?? ''].toSorted())
    })

    t.test(
      'deletes ended campaigns with their members and logs, and keeps the jobs of the others',
      async (t) => {
        const store = async (endedDaysAgo: number | null, members: number) => {
          const id = anId()
          const state = {
            ...initialCampaign([{}]),
            finishedAt: endedDaysAgo === null ? null : daysAgo(endedDaysAgo).toISOString(),
            status: endedDaysAgo === null ? ('Running' as const) : ('Succeeded' as const),
          }
          const request = { name: 'c', select: {}, waves: [{}] }
          const campaign = {
            id,
            name: 'c',
            createdAt: daysAgo(99),
            createdBy: 'tester',
            actor: null,
            request,
            state,
          }
          const rows = Array.from({ length: members }, (_, position) => ({
            id: anId(),
            cluster_key: `${id}/${position}`,
            cluster_id: 'x',
            subscription_id: 's',
            position,
            wave: 0,
            target_rule: null,
          }))
          await insertCampaign(db, campaign, rows)
          const events = [{ type: 'planned', memberId: null, message: 'x' }]
          await saveCampaign(db, { id, logLength: 0 }, { state, events, nextCheckAt: null, at: daysAgo(99) })
          return { id, rows }
        }
        await store(31, 1_200)
        const recent = await store(29, 1)
        const running = await store(null, 1)
        const member = running.rows[0]
        const job = await aStoredJob(db, { ...finished(90), cluster_key: member?.cluster_key ?? '' })
        await aNewerJob(db, member?.cluster_key ?? '')
        await db
          .updateTable('campaign_members')
          .set({ job_id: job })
          .where('id', '=', member?.id ?? '')
          .execute()
        t.match(await clean(), { campaigns: 1, jobs: 0 })
        const left = async (table: 'campaign_members' | 'campaign_events') => {
          const rows = await db.selectFrom(table).select('campaign_id').orderBy('campaign_id').execute()
          return rows.map((row) => row.campaign_id)
        }
        t.strictSame(await left('campaign_members'), [recent.id, running.id])
        t.strictSame(await left('campaign_events'), [recent.id, running.id])
        const { rows } = await sql<{ id: string }>`select id from campaigns order by id`.execute(db)
        t.strictSame(
          rows.map(({ id }) => id),
          [recent.id, running.id],
        )
      },
    )

    t.test('a log of a job cannot be rewritten, and is deleted only by the retention', async (t) => {
      await aStoredJob(db)
      for (const statement of ["update job_events set body = '{}'", 'delete from job_events'])
        await t.rejects(sql.raw(statement).execute(db), { message: /append-only/ })
      const update = db.transaction().execute(async (trx) => {
        await sql`select set_config('egress_planner.retention', 'on', true)`.execute(trx)
        await sql`update job_events set body = '{}'`.execute(trx)
      })
      await t.rejects(update, { message: /append-only/ })
    })

    t.test('every table that refers to a plan or a job is emptied with it', async (t) => {
      const { rows } = await sql<{ name: string }>`
        select conrelid::regclass::text as name from pg_constraint
        where contype = 'f' and confdeltype <> 'c' and confrelid in ('jobs'::regclass, 'plans'::regclass)
        order by 1`.execute(db)
      // A lock keeps its job. Other tables need a deletion in stores/retention.ts, or `on delete cascade`.
      const handled = ['cluster_locks', 'job_events', 'jobs', 'plan_approvals', 'webhooks']
      t.strictSame(
        rows.map(({ name }) => name),
        handled,
      )
    })

    t.test('two processes do not delete at the same time, and a stop ends the deletion', async (t) => {
      for (let count = 0; count < 30; count++)
        await aStoredJob(db, { ...finished(90), cluster_key: `c${count}`, id: anId() })
      for (let count = 0; count < 30; count++) await aNewerJob(db, `c${count}`)
      const both = await Promise.all([clean(), clean()])
      t.equal(both[0].jobs + both[1].jobs <= 30, true)
      await clean()
      t.equal((await idsOf(database, 'jobs')).length, 30)
      const lines: object[] = []
      const logger = { error: (facts: object) => void lines.push(facts), info: () => {} }
      const cleanup = startCleanup({ database, now: () => NOW, retentionDays: DAYS, logger })
      await cleanup.stop()
      t.strictSame(lines, [])
    })
  })
