import { sql } from 'kysely'
import t from 'tap'
import {
  acquireClusterLock,
  appendEvents,
  claimUnfinishedJobs,
  insertJob,
  jobEvents,
  jobRow,
  jobText,
  jobVersion,
  listJobViews,
  lockHolder,
  polledJob,
  releaseClusterLock,
  StaleRevisionError,
} from '../../../src/database/stores/job-store.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'
import { aStoredJob as aJob, anId, jobColumns, NOW, nextAppend } from '../support/stored-job.ts'

const NOBODY = '01990000-0000-7000-8000-ffffffffffff'

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    const { kysely: db } = await openMigrated(engine.open(t))

    t.test('the log grows, and the view with it', async (t) => {
      const id = await aJob(db)
      await appendEvents(db, nextAppend(id, 1))
      await appendEvents(db, { ...nextAppend(id, 2), events: [{ n: 3 }, { n: 4 }] })
      t.strictSame(await jobEvents(db, id), [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }])
      t.strictSame(await jobEvents(db, id, 1, 2), [{ n: 2 }, { n: 3 }])
      t.match(await jobRow(db, id), { revision: 3, status: 'Running' })
      t.equal(await jobText(db, id), '{"v":3}')
      t.strictSame(await jobVersion(db, id), {
        log_length: 4,
        status: 'Running',
        hold_status: null,
        begins_at: null,
      })
      t.strictSame(await polledJob(db, id), {
        log_length: 4,
        status: 'Running',
        hold_status: null,
        begins_at: null,
        view: '{"v":3}',
      })
      for (const read of [jobText, jobRow, jobVersion, polledJob]) t.equal(await read(db, NOBODY), null)
    })

    t.test('a look that finds nothing changes nothing that callers see', async (t) => {
      const id = await aJob(db)
      await appendEvents(db, { ...nextAppend(id, 1), events: [], status: 'NotStarted', view: '{"other":1}' })
      t.strictSame(await polledJob(db, id), {
        log_length: 1,
        status: 'NotStarted',
        hold_status: null,
        begins_at: null,
        view: '{"v":0}',
      })
      t.match(await jobRow(db, id), { revision: 2 })
    })

    t.test('fences one of two appends to the same revision, which leaves no trace', async (t) => {
      const id = await aJob(db)
      const tries = await Promise.allSettled(
        [1, 2].map(() => db.transaction().execute((trx) => appendEvents(trx, nextAppend(id, 1)))),
      )
      const refused = tries.filter((each) => each.status === 'rejected')
      t.equal(refused.length, 1)
      t.ok(refused[0]?.reason instanceof StaleRevisionError)
      t.strictSame(await jobEvents(db, id), [{ n: 1 }, { n: 2 }])
    })

    t.test('the log cannot be rewritten, even with direct SQL', async (t) => {
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
      await t.rejects(insertJob(db, jobColumns(plan_id, { id: anId() }), []))
    })

    t.test('a plan has any number of canceled jobs beside it', async (t) => {
      const canceled = await aJob(db, { status: 'Canceled' })
      const plan_id = (await jobRow(db, canceled))?.plan_id ?? ''
      const id = anId()
      await insertJob(db, jobColumns(plan_id, { id }), [])
      await t.rejects(insertJob(db, jobColumns(plan_id, { id: anId() }), []))
      const found = await listJobViews(db, { planId: plan_id, limit: 9, after: null })
      t.strictSame(
        found.map((each) => each.id),
        [id, canceled],
      )
    })

    t.test('an overdue job is claimed once, by the first worker', async (t) => {
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
      await appendEvents(db, nextAppend(ids[1] ?? '', 1))
      const newest = [...ids].reverse()
      const page = async (limit: number, after: string | null) =>
        (await listJobViews(db, { cluster, limit, after })).map((each) => each.id)
      t.strictSame(await page(1, null), newest.slice(0, 2), 'one more than a page')
      t.strictSame(await page(2, newest[1] ?? ''), newest.slice(2))
      const running = await listJobViews(db, { cluster, status: 'Running', limit: 2, after: null })
      t.strictSame(running, [{ id: ids[1], view: '{"v":2}' }])
      const several = { cluster, status: ['Running', 'NotStarted'] as const, limit: 2, after: null }
      t.equal((await listJobViews(db, several)).length, 3)
      const labeled = await aJob(db, { cluster_key, labels: ['wave', 'wave=1'] })
      const found = await listJobViews(db, { labels: ['wave=1'], limit: 2, after: null })
      t.strictSame(
        found.map(({ id }) => id),
        [labeled],
      )
    })

    t.test('views are filtered by creator, types and time', async (t) => {
      const at = (minute: number) => new Date(NOW.getTime() + minute * 60_000)
      const cluster_key = 'filtered'
      const makers = { created_by: 'ada', created_by_id: 'ada-id' }
      const early = await aJob(db, { cluster_key, ...makers, created_at: at(1_000) })
      const late = await aJob(db, { cluster_key, created_at: at(1_010), from_type: 'none', to_type: 'block' })
      const found = async (filter: Omit<Parameters<typeof listJobViews>[1], 'limit' | 'after'>) =>
        (await listJobViews(db, { createdAfter: at(999), ...filter, limit: 9, after: null })).map(
          (each) => each.id,
        )
      t.strictSame(await found({}), [late, early])
      t.strictSame(await found({ createdBy: 'ada' }), [early])
      t.strictSame(await found({ createdBy: 'ada-id' }), [early])
      t.strictSame(await found({ createdBy: 'nobody' }), [])
      t.strictSame(await found({ from: 'none' }), [late])
      t.strictSame(await found({ from: 'none', to: 'loadBalancer' }), [])
      t.strictSame(await found({ createdAfter: at(1_010) }), [late], 'from this moment on')
      t.strictSame(await found({ createdBefore: at(1_010) }), [early], 'without this moment')
    })

    t.test('the lock has one holder, and only the holder can release it', async (t) => {
      const [one, other] = [await aJob(db), await aJob(db)]
      t.equal(await acquireClusterLock(db, 'locked', one, NOW), null)
      t.equal(await acquireClusterLock(db, 'locked', other, NOW), one, 'the loser is told who holds it')
      await releaseClusterLock(db, 'locked', other)
      t.equal(await lockHolder(db, 'locked'), one)
      await releaseClusterLock(db, 'locked', one)
      t.equal(await lockHolder(db, 'locked'), null)
      t.equal(await acquireClusterLock(db, 'locked', other, NOW), null)
    })

    t.test('one of many simultaneous callers gets the lock', async (t) => {
      const ids = [await aJob(db), await aJob(db), await aJob(db), await aJob(db)]
      const answers = await Promise.all(
        ids.map((id) => db.transaction().execute((trx) => acquireClusterLock(trx, 'wanted', id, NOW))),
      )
      t.equal(answers.filter((each) => each === null).length, 1)
      const holder = await lockHolder(db, 'wanted')
      for (const answer of answers) if (answer !== null) t.equal(answer, holder)
    })
  })
}
