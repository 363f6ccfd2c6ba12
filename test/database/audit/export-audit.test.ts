import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { appendAudit } from '../../../src/database/audit/audit-log.ts'
import {
  deleteExportedRows,
  exportAudit,
  lastOldRow,
  verifyExport,
} from '../../../src/database/audit/export-audit.ts'
import { verifyAudit } from '../../../src/database/audit/verify-audit.ts'
import type { Queries } from '../../../src/database/engine/database.ts'
import { everyEngine } from '../../support/databases.ts'
import { anId, aStoredJob, NOW } from '../support/stored-job.ts'

const day = (count: number) => new Date(NOW.getTime() + count * 86_400_000)

const append = (db: Queries, at: Date, jobId: string | null = null) =>
  db.transaction().execute((trx) =>
    appendAudit(trx, anId(), {
      at: at.toISOString(),
      actor: null,
      operation: 'createJob',
      outcome: 'allowed',
      code: null,
      clusterId: null,
      planId: null,
      jobId,
      webhookId: null,
      reason: 'ümläut "\u2028"',
      address: null,
      userAgent: null,
      requestId: 'r',
    }),
  )

/** Exports what is older than this day, and deletes it. */
async function purge(db: Queries, before: Date, path: string) {
  const last = await lastOldRow(db, before)
  if (last === null) throw new Error('nothing to export')
  const anchor = await exportAudit(db, last, path, NOW)
  await db.insertInto('audit_anchors').values(anchor).execute()
  return { anchor, deleted: await deleteExportedRows(db) }
}

for (const engine of await everyEngine())
  t.test(`on ${engine.name}`, async (t) => {
    const { kysely: db } = await engine.open(t)
    const folder = t.testdir()
    for (let count = 0; count < 20; count++) await append(db, day(count))

    t.test('nothing can be deleted before it is exported', async (t) => {
      t.equal(await deleteExportedRows(db), 0)
      await t.rejects(sql`delete from audit_log where sequence = 1`.execute(db), { message: /append-only/ })
      const invented = { sequence: 9, hash: 'x', exported_at: NOW, file_name: 'x', file_hash: 'x' }
      await t.rejects(db.insertInto('audit_anchors').values(invented).execute(), { message: /no row/ })
    })

    t.test(
      'exported rows are deleted, the chain continues from the anchor, and the file verifies',
      async (t) => {
        const path = join(folder, 'first.jsonl')
        const { anchor, deleted } = await purge(db, day(10), path)
        t.match(anchor, { sequence: 10, file_name: 'first.jsonl' })
        t.equal(deleted, 9, 'the row of the anchor stays')
        t.match(await verifyAudit(db), { intact: true, rows: 20, firstRow: 10 })
        t.match(await verifyAudit(db, anchor.hash), { intact: true }, 'the hash of the anchor is known')
        t.match(await verifyExport(path, null), { intact: true, rows: 10, firstRow: 1, hash: anchor.hash })
        await append(db, day(20))
        t.match(await verifyAudit(db), { intact: true, rows: 21 })
        await t.rejects(exportAudit(db, anchor, path, NOW), { code: 'EEXIST' }, 'no file is overwritten')
      },
    )

    t.test('a second export continues the first', async (t) => {
      const first = (await readFile(join(folder, 'first.jsonl'), 'utf8')).trim().split('\n')
      const path = join(folder, 'second.jsonl')
      const { anchor } = await purge(db, day(15), path)
      t.equal(anchor.sequence, 15)
      t.match(await verifyExport(path, null), { intact: true, rows: 15, firstRow: 10 })
      t.equal((await readFile(path, 'utf8')).split('\n')[1], first.at(-1), 'the files overlap by one row')
      const [, known = '{}'] = first
      const { hash } = JSON.parse(known) as { hash: string }
      t.match(await verifyAudit(db, hash), { intact: false, fault: /unless it was exported/ })
      t.match(await verifyExport(join(folder, 'first.jsonl'), hash), { intact: true })
    })

    t.test('records of unfinished jobs, and everything after them, stay', async (t) => {
      const jobId = await aStoredJob(db, { next_tick_at: NOW })
      await append(db, day(21), jobId)
      await append(db, day(22))
      t.match(await lastOldRow(db, day(100)), { sequence: 21 })
      await db.updateTable('jobs').set({ next_tick_at: null }).where('id', '=', jobId).execute()
      t.match(await lastOldRow(db, day(100)), { sequence: 23 })
    })

    t.test('a file that was changed, shortened or is something else does not verify', async (t) => {
      const lines = (await readFile(join(folder, 'first.jsonl'), 'utf8')).trim().split('\n')
      const path = join(folder, 'changed.jsonl')
      const verdict = async (changed: string[]) => {
        await writeFile(path, `${changed.join('\n')}\n`)
        return verifyExport(path, null)
      }
      t.match(await verdict(lines.map((line) => line.replace('"r"', '"s"'))), { intact: false, row: 1 })
      t.match(await verdict(lines.toSpliced(4, 1)), { intact: false, row: 4, fault: /missing/ })
      t.match(await verdict(lines.slice(0, -1)), { intact: false, row: 10 })
      t.match(await verdict(lines.toSpliced(1, 1)), { intact: true, firstRow: 2 }, 'a file may begin later')
      await t.rejects(verdict(['{}']), /not an export/)
      await t.rejects(verdict(lines.slice(1)), /not an export/)
    })

    t.test('rows that are missing without an export are found', async (t) => {
      const tamper = async (statement: string) => {
        await sql`alter table audit_log disable trigger all`.execute(db)
        await sql.raw(statement).execute(db)
        await sql`alter table audit_log enable trigger all`.execute(db)
      }
      await tamper('delete from audit_log where sequence <= 16')
      t.match(await verifyAudit(db), { intact: false, row: 15, fault: /next row is 17/ })
      await tamper('delete from audit_log')
      t.match(await verifyAudit(db), { intact: false, row: 15, fault: /although it was exported/ })
    })
  })
