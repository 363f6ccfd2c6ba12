import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { listStuck } from '../src/admin/list-stuck.ts'
import { purge } from '../src/admin/purge.ts'
import { replayDeliveries } from '../src/admin/replay.ts'
import type { Session } from '../src/admin/session.ts'
import { unlockCluster } from '../src/admin/unlock.ts'
import { verifyDatabase, verifyFile } from '../src/admin/verify.ts'
import { readConfig } from '../src/config.ts'
import { createAudit } from '../src/database/audit/audit.ts'
import type { Database } from '../src/database/engine/database.ts'
import { lockFolder } from '../src/database/engine/folder-lock.ts'
import { claimDueDeliveries, insertDeliveries } from '../src/database/stores/delivery-store.ts'
import { acquireClusterLock, lockHolder } from '../src/database/stores/job-store.ts'
import { insertWebhook } from '../src/database/stores/webhook-store.ts'
import { aStoredJob } from './database/support/stored-job.ts'
import { JobHarness } from './jobs/support/job-harness.ts'
import { everyEngine } from './support/databases.ts'

const REASON = 'INC-7: the worker is gone'

/** A session as a command has it, on a database of the test; `lines` is what it printed. */
function aSession(database: Database, now = new Date()): { session: Session; lines: string[] } {
  const lines: string[] = []
  const print = (line: string) => void lines.push(line)
  return {
    lines,
    session: { config: readConfig({}), database, now: () => now, newId: () => uuidv7(), print },
  }
}

const auditOf = async ({ kysely: db }: Database, operation: string) =>
  db.selectFrom('audit_log').selectAll().where('operation', '=', operation).orderBy('sequence').execute()

for (const engine of await everyEngine())
  t.test(`on ${engine.name}`, async (t) => {
    const database = await engine.open(t)
    const { kysely: db } = database

    t.test('lists and unlocks a cluster whose job does not continue, with reason and audit', async (t) => {
      const room = new JobHarness(database)
      const job = await room.accept()
      const key = job.cluster.id.toLowerCase()
      const late = aSession(database, new Date(room.clock.getTime() + 600_000))
      await listStuck(late.session)
      t.match(late.lines, ['Jobs whose tick is late: 1', new RegExp(`${job.id}.*${key}`), /: 0/, /: 0/])
      const early = aSession(database, room.clock).session
      const unlock = { cluster: job.cluster.id, reason: REASON, force: false }
      await t.rejects(unlockCluster(early, unlock), { message: /is NotStarted and not late.*--force/ })
      t.equal(await lockHolder(db, key), job.id)
      await unlockCluster(late.session, unlock)
      t.equal(await lockHolder(db, key), null)
      const ended = await room.jobs.get(job.id)
      t.match(ended, { status: 'Failed', error: { code: 'ENDED_BY_OPERATOR', message: new RegExp(REASON) } })
      t.match((await room.jobs.log(job.id, 0, 10)).at(-1), { type: 'ended' })
      t.match(await auditOf(database, 'adminUnlockCluster'), [
        { job_id: job.id, cluster_key: key, reason: REASON, outcome: 'allowed', actor_id: /^local:/ },
      ])
      await t.rejects(unlockCluster(late.session, unlock), { message: /No job holds the lock/ })
    })

    t.test('unlocks a job that is not late by force, and a lock whose job has ended', async (t) => {
      const room = new JobHarness(database)
      const job = await room.accept()
      const { session } = aSession(database, room.clock)
      await unlockCluster(session, { cluster: job.cluster.id, reason: REASON, force: true })
      t.match(await room.jobs.get(job.id), { status: 'Failed' })
      const ended = await aStoredJob(db, { next_tick_at: null })
      await acquireClusterLock(db, 'left', ended, new Date())
      const listing = aSession(database)
      await listStuck(listing.session)
      t.match(listing.lines.join('\n'), /locked by a job that has ended: 1\n {2}left/)
      await unlockCluster(session, { cluster: 'LEFT', reason: REASON, force: false })
      t.equal(await lockHolder(db, 'left'), null)
      t.equal((await auditOf(database, 'adminUnlockCluster')).length, 3)
    })

    t.test('replays failed messages, which the next search for lost attempts finds', async (t) => {
      const webhookId = uuidv7()
      const owner = { id: 'ann', appId: null, groups: [] }
      const given = { url: 'https://portal.example/secret', description: null, events: [], clusters: [] }
      const createdAt = new Date().toISOString()
      const by = { createdBy: 'ann', owner, secret: 'x', createdAt }
      await insertWebhook(db, { id: webhookId, jobId: null, ...given, ...by })
      const message = { webhookId, jobId: null, clusterKey: null, body: '{}', type: 'job.failed' as const }
      const [old, recent] = [uuidv7(), uuidv7()]
      await insertDeliveries(db, [
        { ...message, id: old, createdAt: new Date(0) },
        { ...message, id: recent, createdAt: new Date() },
      ])
      await db.updateTable('webhook_deliveries').set({ status: 'failed', next_attempt_at: null }).execute()
      const { session, lines } = aSession(database)
      await listStuck(session)
      t.match(
        lines.join('\n'),
        new RegExp(`${webhookId} {2}enabled {2}0 late, 2 failed {2}portal\\.example$`),
      )
      await replayDeliveries(session, { webhookId, since: new Date(1) })
      t.equal(lines.at(-1), '1 message will be sent again.')
      const due = await claimDueDeliveries(db, new Date(session.now().getTime() - 60_000), new Date(), {
        limit: 10,
        after: null,
      })
      t.strictSame(due, [{ deliveryId: recent, tries: 0 }])
      t.match(await auditOf(database, 'adminReplayDeliveries'), [{ webhook_id: webhookId }])
      await db.updateTable('webhooks').set({ status: 'disabled' }).execute()
      const again = { webhookId, since: new Date(1) }
      await t.rejects(replayDeliveries(session, again), { message: /is disabled/ })
      await t.rejects(replayDeliveries(session, { ...again, webhookId: uuidv7() }), { message: /No webhook/ })
    })

    t.test('purges with an export of the audit log, which verifies with the rest', async (t) => {
      const path = join(t.testdir(), 'audit.jsonl')
      const later = new Date(Date.now() + 100 * 86_400_000)
      const { session, lines } = aSession(database, later)
      await t.rejects(purge(session, { days: null, auditFile: null, compact: false }), {
        message: /Set RETENTION_DAYS/,
      })
      const rows = (await db.selectFrom('audit_log').select('sequence').execute()).length
      await purge(session, { days: 30, auditFile: path, compact: true })
      t.match(lines, [
        /^Deleted \d+ jobs, \d+ plans, \d+ campaigns and \d+ webhook deliveries\.$/,
        new RegExp(`^Exported audit records up to ${rows}, .* Deleted ${rows - 1} of them\\.$`),
        /^Keep the file: its SHA-256 hash is [\da-f]{64}\.$/,
        /^The size of the database changed from \d+ MB to \d+ MB\.$/,
      ])
      t.match(await auditOf(database, 'adminPurgeAudit'), [{ reason: /audit\.jsonl, SHA-256 [\da-f]{64}/ }])
      await verifyDatabase(session, null)
      t.match(
        lines.at(-1),
        new RegExp(`intact: ${rows + 1} rows, of which those before ${rows} are in exported`),
      )
      await verifyFile(path, null, session.print)
      t.match(lines.at(-1), new RegExp(`audit\\.jsonl is intact: ${rows} rows, last hash`))
      await t.rejects(verifyFile(`${path}.none`, null, session.print), { message: /does not exist\.$/ })
      await writeFile(`${path}.text`, 'hello\n')
      await t.rejects(verifyFile(`${path}.text`, null, session.print), {
        message: /text contains a line that is not of an export/,
      })
      const audit = createAudit({ database, now: session.now, newId: session.newId })
      t.equal((await audit.list({ limit: 10, cursor: null })).items.length, 2)
      await purge(aSession(database).session, { days: 30, auditFile: `${path}.2`, compact: false })
      const much = aSession(database, new Date(later.getTime() + 3 * 86_400_000))
      const again = purge(much.session, { days: 1, auditFile: path, compact: false })
      await t.rejects(again, { message: /audit\.jsonl cannot be used\. The file exists already\.$/ })
      await sql`alter table audit_log disable trigger all`.execute(db)
      await db.updateTable('audit_log').set({ reason: 'x' }).where('sequence', '>', rows).execute()
      await t.rejects(verifyDatabase(session, null), { message: /is broken\. The first invalid row/ })
    })
  })

t.test('reports errors in the command line, the data folder, and a running service', async (t) => {
  const admin = (settings: Record<string, string>, ...args: string[]) =>
    promisify(execFile)(process.execPath, ['src/admin.ts', ...args], {
      env: { ...process.env, ...settings },
    }).then(
      ({ stdout }) => ({ code: 0, text: String(stdout) }),
      (error) => ({ code: Number(error.code), text: String(error.stderr) }),
    )
  const DATA_DIR = t.testdir({ database: {} })
  const ID = uuidv7()
  const lock = await lockFolder(DATA_DIR)
  t.teardown(() => lock.release())
  const results = await Promise.all([
    admin({}),
    admin({}, 'erase'),
    admin({}, 'help'),
    admin({}, 'purge', '--help'),
    admin({}, 'unlock', '/subscriptions/x'),
    admin({}, 'purge', '--days', '0'),
    admin({}, 'purge', '90'),
    admin({}, 'purge', '--file', 'x'),
    admin({}, 'replay', 'nonsense'),
    admin({}, 'verify-audit', 'deadbeef'),
    admin({}, 'replay', ID, '--since=-271821-04-20'),
    admin({}, 'replay', ID, '--since', '9999-01-01'),
    admin({}, 'verify-audit', '--file', join(DATA_DIR, 'none.jsonl')),
    admin({}, 'verify-audit', '--file', DATA_DIR),
    admin({ DATA_DIR: t.testdirName }, 'stuck', '--nothing'),
    admin({ DATA_DIR: join(DATA_DIR, 'none') }, 'stuck'),
    admin({ DATA_DIR }, 'stuck'),
    admin({ PORT: 'x' }, 'stuck'),
  ])
  t.match(results, [
    { code: 64, text: /^A command is missing\.\n\nUsage: npm run admin/ },
    { code: 64, text: /^Unknown command: erase\./ },
    { code: 0, text: /^Usage: npm run admin/ },
    { code: 0, text: /^Usage: npm run admin/ },
    { code: 64, text: /^unlock needs --reason/ },
    { code: 64, text: /^--days must be/ },
    { code: 64, text: /^purge does not take the argument 90\./ },
    { code: 64, text: /^purge does not take the option --file\./ },
    { code: 64, text: /^The ID of a webhook is a UUID\./ },
    { code: 64, text: /^A hash has 64 hexadecimal digits\./ },
    { code: 64, text: /^--since must be a time in the past/ },
    { code: 64, text: /^--since must be a time in the past/ },
    { code: 1, text: /^The file .*none\.jsonl cannot be used\. The file or its folder does not exist\.\n$/ },
    { code: 1, text: /^The file .* cannot be used\. It is a folder\.\n$/ },
    { code: 64, text: /--nothing/ },
    { code: 1, text: /^No database exists in .*none\./ },
    {
      code: 1,
      text: /^Another process uses .*Stop the service, run the command, and start the service again\.\n$/,
    },
    { code: 1, text: /^PORT must be/ },
  ])
})
