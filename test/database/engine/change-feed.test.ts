import { sql } from 'kysely'
import t, { type Test } from 'tap'
import type { Logger } from '../../../src/core/lib/logger.ts'
import { type ChangeFeed, openChangeFeed } from '../../../src/database/engine/change-feed.ts'
import { type Database, openDatabase } from '../../../src/database/engine/database.ts'
import { insertApproval, markApprovalWithdrawn } from '../../../src/database/stores/approval-store.ts'
import { appendEvents, jobVersion } from '../../../src/database/stores/job-store.ts'
import { closePlan } from '../../../src/database/stores/plan-store.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'
import { aStoredJob, nextAppend } from '../support/stored-job.ts'

const SILENT: Pick<Logger, 'warn'> = { warn() {} }

async function feedOf(t: Test, database: Database, logger = SILENT): Promise<ChangeFeed> {
  const feed = await openChangeFeed(database, logger)
  t.teardown(() => feed.close())
  return feed
}

/** Counts the calls of a watcher, and waits for a number of them. */
function counter() {
  let count = 0
  let wake = () => {}
  return {
    tick: () => {
      count++
      wake()
    },
    get count() {
      return count
    },
    async reaches(wanted: number) {
      while (count < wanted) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const db = database.kysely

    t.test('notifies the listeners of a job of a change when it commits, and not before', async (t) => {
      const feed = await feedOf(t, database)
      const [id, other] = [await aStoredJob(db), await aStoredJob(db)]
      const [mine, others] = [counter(), counter()]
      feed.watch(id.toUpperCase(), mine.tick)
      feed.watch(other, others.tick)
      const before = mine.count
      await db.transaction().execute(async (trx) => {
        await appendEvents(trx, nextAppend(id, 1))
        t.equal(mine.count, before)
      })
      await mine.reaches(before + 1)
      t.equal(others.count, 0)
      t.match(await jobVersion(db, id), { log_length: 2 }, 'who is told can read it')
    })

    t.test(
      'notifies the listeners of a plan of an approval, its withdrawal, and the end of the plan',
      async (t) => {
        const feed = await feedOf(t, database)
        const jobId = await aStoredJob(db)
        const { plan_id: planId } = await db
          .selectFrom('jobs')
          .select('plan_id')
          .where('id', '=', jobId)
          .executeTakeFirstOrThrow()
        await db.updateTable('plans').set({ state: 'open' }).where('id', '=', planId).execute()
        const mine = counter()
        feed.watch(planId, mine.tick)
        const by = { id: 'bob-id', name: 'bob' }
        const at = '2026-09-01T00:00:00.000Z'
        const approval = { id: planId, planId, at, by, reason: null, withdrawnAt: null, withdrawnBy: null }
        await insertApproval(db, approval)
        await mine.reaches(1)
        await markApprovalWithdrawn(db, approval.id, new Date(at), by)
        await mine.reaches(2)
        await closePlan(db, planId, 'discarded')
        await mine.reaches(3)
      },
    )

    t.test('a rolled-back change and an append without events notify no watcher', async (t) => {
      const feed = await feedOf(t, database)
      const [id, last] = [await aStoredJob(db), await aStoredJob(db)]
      const [mine, end] = [counter(), counter()]
      feed.watch(id, mine.tick)
      feed.watch(last, end.tick)
      const failing = db.transaction().execute(async (trx) => {
        await appendEvents(trx, nextAppend(id, 1))
        throw new Error('no')
      })
      await t.rejects(failing, { message: 'no' })
      await appendEvents(db, { ...nextAppend(id, 1), events: [] })
      t.match(await jobVersion(db, id), { log_length: 1 })
      // Watchers are notified in the order of commits: the others would already have been notified.
      await appendEvents(db, nextAppend(last, 1))
      await end.reaches(1)
      t.equal(mine.count, 0)
    })

    t.test(
      'does not notify a listener that has ended, and still notifies others of the same job',
      async (t) => {
        const feed = await feedOf(t, database)
        const id = await aStoredJob(db)
        const [one, two] = [counter(), counter()]
        const unwatch = feed.watch(id, one.tick)
        feed.watch(id, two.tick)
        unwatch()
        unwatch()
        await appendEvents(db, nextAppend(id, 1))
        await two.reaches(1)
        t.equal(one.count, 0)
      },
    )

    if (database.databaseUrl === null) return
    const url = database.databaseUrl

    t.test('notifies another process', async (t) => {
      const replica = await openDatabase({ dataDir: null, databaseUrl: url })
      t.teardown(() => replica.close())
      const feed = await feedOf(t, replica)
      const id = await aStoredJob(db)
      const told = counter()
      feed.watch(id, told.tick)
      await appendEvents(db, nextAppend(id, 1))
      await told.reaches(1)
      t.pass()
    })

    t.test(
      'reconnects after a lost connection, and every watcher checks once for missed changes',
      async (t) => {
        const warnings: string[] = []
        const logger = { warn: (_facts: object, message: string) => void warnings.push(message) }
        const feed = await feedOf(t, database, logger)
        const id = await aStoredJob(db)
        const told = counter()
        feed.watch(id, told.tick)
        const killed = await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where query like 'listen job_changes%' and datname = current_database()`.execute(db)
        t.not(killed.rows.length, 0)
        await appendEvents(db, nextAppend(id, 1))
        await told.reaches(1)
        t.not(warnings.length, 0, 'the operator can see it')
        const seen = told.count
        await appendEvents(db, nextAppend(id, 2))
        await told.reaches(seen + 1)
      },
    )

    t.test('starts without a server, and stops', async (t) => {
      const nowhere = await openDatabase({ dataDir: null, databaseUrl: 'postgres://x@127.0.0.1:1/x' })
      t.teardown(() => nowhere.close())
      const feed = await openChangeFeed(nowhere, SILENT)
      await t.resolves(feed.close())
    })
  })
}
