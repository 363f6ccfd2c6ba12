import { sql } from 'kysely'
import t from 'tap'
import {
  checkMigrated,
  DatabaseTooNewError,
  MIGRATIONS,
  migrate,
} from '../../../src/database/migrations/migrate.ts'
import { everyEngine } from '../../support/databases.ts'

const NEXT = (MIGRATIONS.at(-1)?.version ?? 0) + 1

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    t.test('many simultaneous processes migrate once', async (t) => {
      const database = await engine.open(t, 'template_empty')
      await Promise.all(Array.from({ length: 6 }, () => migrate(database)))
      const rows = await database.kysely.selectFrom('schema_migrations').selectAll().execute()
      t.strictSame(
        rows.map((row) => row.version),
        MIGRATIONS.map((each) => each.version),
      )
      await t.resolves(migrate(database), 'and again without harm')
    })

    t.test('rejects a database of a newer version, and changes nothing', async (t) => {
      const database = await engine.open(t, 'template_empty')
      await migrate(database)
      await t.resolves(checkMigrated(database))
      await database.kysely
        .insertInto('schema_migrations')
        .values({ version: 999, name: 'from-the-future', applied_at: new Date() })
        .execute()
      await t.rejects(migrate(database), DatabaseTooNewError)
      await t.rejects(migrate(database), { message: /database is 999.*newer version/ })
      await t.rejects(checkMigrated(database), DatabaseTooNewError, 'also while a process runs')
    })

    t.test(
      'a failed migration leaves no changes, and the remaining ones can run once it is fixed',
      async (t) => {
        const database = await engine.open(t, 'template_empty')
        const broken = { version: NEXT, name: 'broken', statements: ['create table half (id int)', 'no sql'] }
        await t.rejects(migrate(database, [...MIGRATIONS, broken]))
        const found = await sql<{ name: string | null }>`select to_regclass('half')::text as name`.execute(
          database.kysely,
        )
        t.equal(found.rows[0]?.name, null)
        const mended = { version: NEXT, name: 'mended', statements: ['create table whole (id int)'] }
        await t.resolves(migrate(database, [...MIGRATIONS, mended]))
      },
    )

    t.test('migrates jobs from before polling with any text', async (t) => {
      const database = await engine.open(t, 'template_empty')
      await migrate(database, MIGRATIONS.slice(0, 3))
      const [planId, jobId] = ['01990000-0000-7000-8000-000000000001', '01990000-0000-7000-8000-000000000002']
      // As version 3 had it: what the stores write now has more columns.
      const view = JSON.stringify({ id: jobId, createdBy: 'ada', warnings: ['\u0000', '\ud800'] })
      const statements = [
        sql`insert into plans (id, cluster_key, subscription_id, resource_group, cluster_name, from_type, to_type,
          made_status, created_at, expires_at, created_by, document)
          values (${planId}, 'c', 's', 'g', 'n', 'loadBalancer', 'none', 'applicable', now(), now(), 'bob', '{}')`,
        sql`insert into jobs (id, plan_id, cluster_key, status, revision, created_at, view)
          values (${jobId}, ${planId}, 'c', 'Succeeded', 5, now(), ${view})`,
        sql`insert into job_events (job_id, sequence, body) values
          (${jobId}, 1, '{"type":"accepted","by":"ada"}'), (${jobId}, 2, ${view})`,
      ]
      for (const statement of statements) await statement.execute(database.kysely)
      await migrate(database)
      const query = database.kysely.selectFrom('jobs').selectAll().where('id', '=', jobId)
      t.match(await query.executeTakeFirst(), {
        log_length: 2,
        created_by: 'ada',
        created_by_id: null,
        from_type: 'loadBalancer',
        to_type: 'none',
        revision: 5,
        view,
      })
    })

    t.test('a migrated job that ended during its hold no longer waits for a release', async (t) => {
      const database = await engine.open(t, 'template_empty')
      await migrate(database, MIGRATIONS.slice(0, 5))
      const viewOf = (hold: object | null) =>
        JSON.stringify({
          reason: '"hold":{"status":"Held"} \u0000',
          hold,
          warnings: ['"hold":{"status":"Held"}'],
        })
      const before = [
        ['Running', { status: 'Held', step: 's' }, 'Held'],
        ['NotStarted', { status: 'Ahead' }, 'Ahead'],
        ['Canceled', { status: 'Held', step: 's' }, 'Ended'],
        ['Failed', { status: 'Ahead' }, 'Ended'],
        ['Succeeded', { status: 'Released' }, 'Released'],
        ['Canceled', null, null],
      ] as const
      for (const [index, [status, hold]] of before.entries()) {
        const [planId, jobId] = [10 + index, 30 + index].map((n) => `01990000-0000-7000-8000-0000000000${n}`)
        await sql`insert into plans (id, cluster_key, subscription_id, resource_group, cluster_name, from_type, to_type,
          made_status, created_at, expires_at, created_by, document)
          values (${planId}, 'c', 's', 'g', 'n', 'loadBalancer', 'none', 'applicable', now(), now(), 'bob', '{}')`.execute(
          database.kysely,
        )
        await sql`insert into jobs (id, plan_id, cluster_key, status, revision, created_at, view, log_length, created_by,
          from_type, to_type) values (${jobId}, ${planId}, 'c', ${status}, 5, now(), ${viewOf(hold)}, 1, 'ada', 'none',
          'none')`.execute(database.kysely)
      }
      await migrate(database)
      const query = database.kysely.selectFrom('jobs').select(['hold_status', 'view']).orderBy('id')
      t.strictSame(
        await query.execute(),
        before.map(([, hold, wanted]) => ({
          hold_status: wanted,
          view: viewOf(hold === null ? null : { ...hold, status: wanted }),
        })),
      )
    })

    t.test('it answers to a ping while it is open', async (t) => {
      const database = await engine.open(t, 'template_empty')
      await t.resolves(database.ping())
      await database.close()
      await t.rejects(database.ping())
    })
  })
}

t.test('versions are integers in ascending order', async (t) => {
  const versions = MIGRATIONS.map((each) => each.version)
  t.strictSame(
    versions,
    [...new Set(versions)].toSorted((a, b) => a - b),
  )
  t.ok(versions.every((version) => Number.isInteger(version) && version > 0))
})
