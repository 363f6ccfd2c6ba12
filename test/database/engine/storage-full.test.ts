import fs from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../../src/database/engine/database.ts'
import { isStorageFull } from '../../../src/database/engine/storage-full.ts'

t.test('recognizes a full disk of either engine, also as a cause', async (t) => {
  for (const code of ['53100', 'ENOSPC', 'EDQUOT']) {
    const error = Object.assign(new Error('no space'), { code })
    t.ok(isStorageFull(error), code)
    t.ok(isStorageFull(new Error('outer', { cause: error })), code)
  }
  for (const other of [new Error('other'), Object.assign(new Error('x'), { code: '53200' }), null, 'ENOSPC'])
    t.notOk(isStorageFull(other))
})

t.test('the embedded database reports a full disk as such, loses nothing and continues', async (t) => {
  const database = await openDatabase({ dataDir: join(t.testdir(), 'database'), databaseUrl: null })
  t.teardown(() => database.close())
  const insert = () =>
    sql`insert into entries select repeat(md5(n::text), 100) from generate_series(1, 500) n`.execute(
      database.kysely,
    )
  await sql`create table entries (content text)`.execute(database.kysely)
  await insert()
  const { writeSync } = fs
  fs.writeSync = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', errno: -28 })
  }
  const failed = await insert().then(
    () => null,
    (error: unknown) => error,
  )
  fs.writeSync = writeSync
  t.ok(isStorageFull(failed), String(failed))
  await insert()
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from entries`.execute(
    database.kysely,
  )
  t.strictSame(rows, [{ count: 1_000 }])
})
