import { sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../../src/database/engine/database.ts'
import { DatabaseUnavailableError } from '../../../src/database/engine/server-connections.ts'
import { type StopMode, startPostgresServer } from '../../support/postgres-server.ts'

const server = await startPostgresServer(t)

if (server === null) t.pass('no server can be taken away here')
else {
  const database = await openDatabase({ dataDir: null, databaseUrl: server.url })
  t.teardown(() => database.close())

  for (const mode of ['fast', 'immediate'] satisfies StopMode[])
    t.test(`a server that goes (${mode}) and comes back`, async (t) => {
      const inside = Promise.withResolvers<void>()
      const gone = Promise.withResolvers<void>()
      const caught = database.kysely
        .transaction()
        .execute(async (trx) => {
          await sql`create table half (id int)`.execute(trx)
          inside.resolve()
          await gone.promise
          await sql`select 1`.execute(trx)
        })
        .then(
          () => null,
          (error: unknown) => error,
        )
      await inside.promise
      await server.stop(mode)
      gone.resolve()
      t.type(await caught, DatabaseUnavailableError, 'a transaction that it was lost in')
      await t.rejects(database.ping(), DatabaseUnavailableError)
      await t.rejects(sql`select 1`.execute(database.kysely), DatabaseUnavailableError)
      await server.start()
      await t.resolves(database.ping(), 'new connections are made, and none of the lost ones is used')
      const found = await sql<{ name: string | null }>`select to_regclass('half')::text as name`.execute(
        database.kysely,
      )
      t.equal(found.rows[0]?.name, null, 'nothing of the transaction is left')
    })

  t.test('a connection that the server ends alone is replaced', async (t) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.kysely)
    const other = await openDatabase({ dataDir: null, databaseUrl: server.url })
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other.kysely)
    await other.close()
    const answers = await Promise.allSettled([database.ping(), database.ping()])
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    t.strictSame(
      reasons.filter((reason) => !(reason instanceof DatabaseUnavailableError)),
      [],
      'a request may only fail because the connection is lost',
    )
    await t.resolves(database.ping())
  })

  t.test('many connections that wait for each other are not an outage', async (t) => {
    // Longer altogether than a connection may take; each alone is quick.
    const asked = Array.from({ length: 65 }, () => sql`select pg_sleep(1)`.execute(database.kysely))
    const answers = await Promise.allSettled(asked)
    t.strictSame(
      answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : [])),
      [],
    )
  })

  t.test('an invalid statement is not an outage', async (t) => {
    const error = await sql`select nothing`.execute(database.kysely).catch((caught: unknown) => caught)
    t.type(error, Error)
    t.notOk(error instanceof DatabaseUnavailableError)
  })
}
