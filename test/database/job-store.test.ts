import { sql } from 'kysely'
import t from 'tap'
import { lockHolder, releaseClusterLock, takeClusterLock } from '../../src/database/cluster-lock.ts'
import type { Queries } from '../../src/database/database.ts'
import {
  appendEvents,
  claimUnfinishedJobs,
  Fenced,
  insertJob,
  jobEvents,
  jobRow,
  jobText,
  listJobViews,
} from '../../src/database/job-store.ts'
import { insertPlan } from '../../src/database/plan-store.ts'
import { aSnapshot } from '../support/a-cluster.ts'
import { planFor } from '../support/a-plan.ts'
import { engines, migrated } from '../support/postgres.ts'

const NOW = new Date('2026-09-01T00:00:00Z')
const NOBODY = '01990000-0000-7000-8000-ffffffffffff'
const PLAN = planFor(aSnapshot(), 'managedNATGateway')

let count = 0
const anId = () => `01990000-0000-7000-8000-${String(++count).padStart(12, '0')}`

async function aJob(
  db: Queries,
  given: { cluster_key?: string; next_tick_at?: Date | null } = {},
): Promise<string> {
  const [id, planId] = [anId(), anId()]
  await insertPlan(db, { ...PLAN, id: planId })
  const row = { id, plan_id: planId, cluster_key: 'one', status: 'NotStarted', created_at: NOW } as const
  await insertJob(db, { ...row, next_tick_at: NOW, view: '{"v":0}', ...given }, [{ n: 1 }])
  return id
}

const append = (jobId: string, revision: number, n: number) => ({
  jobId,
  revision,
  length: n - 1,
  events: [{ n }],
  status: 'Running' as const,
  view: `{"v":${n}}`,
  nextTickAt: NOW,
})

for (const engine of await engines(t)) {
  t.test(`on ${engine.name}`, async (t) => {
    const { kysely: db } = await migrated(engine.open(t))

    t.test('the log grows, and the view with it', async (t) => {
      const id = await aJob(db)
      await appendEvents(db, append(id, 1, 2))
      await appendEvents(db, { ...append(id, 2, 3), events: [{ n: 3 }, { n: 4 }] })
      t.strictSame(await jobEvents(db, id), [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }])
      t.strictSame(await jobEvents(db, id, 1, 2), [{ n: 2 }, { n: 3 }])
      t.match(await jobRow(db, id), { revision: 3, status: 'Running' })
      t.equal(await jobText(db, id), '{"v":3}')
      t.equal(await jobText(db, NOBODY), null)
      t.equal(await jobRow(db, NOBODY), null)
    })

    t.test('of two who append to the same revision one is fenced, and leaves nothing', async (t) => {
      const id = await aJob(db)
      const tries = await Promise.allSettled(
        [2, 2].map((n) => db.transaction().execute((trx) => appendEvents(trx, append(id, 1, n)))),
      )
      const refused = tries.filter((each) => each.status === 'rejected')
      t.equal(refused.length, 1)
      t.ok(refused[0]?.reason instanceof Fenced)
      t.strictSame(await jobEvents(db, id), [{ n: 1 }, { n: 2 }])
    })

    t.test('the log cannot be rewritten, not even by hand', async (t) => {
      const id = await aJob(db)
      for (const statement of [
        sql`update job_events set body = '{}' where job_id = ${id}`,
        sql`delete from job_events where job_id = ${id}`,
      ])
        await t.rejects(statement.execute(db), { message: /append-only/ })
      t.strictSame(await jobEvents(db, id), [{ n: 1 }])
    })

    t.test('a plan has one job at most', async (t) => {
      const id = await aJob(db)
      const plan_id = (await jobRow(db, id))?.plan_id ?? ''
      const row = { id: anId(), plan_id, cluster_key: 'two', status: 'NotStarted', created_at: NOW } as const
      await t.rejects(insertJob(db, { ...row, next_tick_at: null, view: '{}' }, []))
    })

    t.test('overdue jobs are claimed once, by whoever comes first', async (t) => {
      await claimUnfinishedJobs(db, null, new Date(NOW.getTime() + 1_000_000))
      const late = await aJob(db, { next_tick_at: NOW })
      await aJob(db, { next_tick_at: null })
      const soon = await aJob(db, { next_tick_at: new Date(NOW.getTime() + 60_000) })
      const before = new Date(NOW.getTime() + 30_000)
      const claims = await Promise.all([1, 2, 3].map(() => claimUnfinishedJobs(db, before, before)))
      t.strictSame(claims.flat(), [{ id: late, revision: 1 }])
      const all = (await claimUnfinishedJobs(db, null, before)).map((each) => each.id)
      t.ok(all.includes(late) && all.includes(soon), 'at the start every unfinished one')
    })

    t.test('views are listed newest first, by status and by cluster', async (t) => {
      const cluster = { subscriptionId: 'S', resourceGroup: 'G', name: 'C' }
      const cluster_key =
        '/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/c'
      const ids = [
        await aJob(db, { cluster_key }),
        await aJob(db, { cluster_key }),
        await aJob(db, { cluster_key }),
      ]
      await appendEvents(db, append(ids[1] ?? '', 1, 2))
      const first = await listJobViews(db, { cluster, limit: 2, cursor: null })
      const second = await listJobViews(db, { cluster, limit: 2, cursor: first.next })
      t.strictSame(
        [...first.items, ...second.items].map((each) => each.id),
        [...ids].reverse(),
      )
      t.equal(second.next, null)
      const running = await listJobViews(db, { cluster, status: 'Running', limit: 2, cursor: null })
      t.strictSame(running.items, [{ id: ids[1], view: '{"v":2}' }])
    })

    t.test('the lock has one holder, who alone gives it back', async (t) => {
      const [one, other] = [await aJob(db), await aJob(db)]
      t.equal(await takeClusterLock(db, 'locked', one, NOW), null)
      t.equal(await takeClusterLock(db, 'locked', other, NOW), one, 'the loser is told who holds it')
      await releaseClusterLock(db, 'locked', other)
      t.equal(await lockHolder(db, 'locked'), one)
      await releaseClusterLock(db, 'locked', one)
      t.equal(await lockHolder(db, 'locked'), null)
      t.equal(await takeClusterLock(db, 'locked', other, NOW), null)
    })

    t.test('of many who take the lock at once one gets it', async (t) => {
      const ids = [await aJob(db), await aJob(db), await aJob(db), await aJob(db)]
      const answers = await Promise.all(
        ids.map((id) => db.transaction().execute((trx) => takeClusterLock(trx, 'wanted', id, NOW))),
      )
      t.equal(answers.filter((each) => each === null).length, 1)
      const holder = await lockHolder(db, 'wanted')
      for (const answer of answers) if (answer !== null) t.equal(answer, holder)
    })
  })
}
