import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import t from 'tap'
import { type AuditEntry, GENESIS_HASH } from '../../../src/core/audit/audit.ts'
import { createAudit } from '../../../src/database/audit/audit.ts'
import { appendAudit } from '../../../src/database/audit/audit-log.ts'
import { verifyAudit } from '../../../src/database/audit/verify-audit.ts'
import type { Queries } from '../../../src/database/engine/database.ts'
import { MIGRATIONS, migrate } from '../../../src/database/migrations/migrate.ts'
import { insertJob } from '../../../src/database/stores/job-store.ts'
import { insertPlan } from '../../../src/database/stores/plan-store.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
const cluster = (name: string) => ({ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg_a', name })
const keyOf = (name: string, group = 'rg_a') =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/${group}/providers/microsoft.containerservice/managedclusters/${name}`

let count = 0
const anId = () => `01990000-0000-7000-8000-${String(++count).padStart(12, '0')}`

function anEntry(given: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: '2026-09-01T00:00:00.123Z',
    actor: { id: 'ann-id', kind: 'user', name: 'ann', appId: 'portal' },
    operation: 'createPlan',
    address: '192.0.2.7',
    userAgent: 'portal/1 "ümläut" 🚀',
    requestId: 'r-1',
    clusterId: keyOf('one'),
    planId: '01990000-0000-7000-8000-0000000000AB',
    jobId: null,
    webhookId: null,
    reason: 'CHG-1',
    outcome: 'allowed',
    code: null,
    ...given,
  }
}

const append = (db: Queries, given: Partial<AuditEntry> = {}) =>
  db.transaction().execute((trx) => appendAudit(trx, anId(), anEntry(given)))

/** Alters the table as a client with every permission on the database could. */
async function tamper(db: Queries, statement: string): Promise<void> {
  await sql`alter table audit_log disable trigger all`.execute(db)
  await sql.raw(statement).execute(db)
  await sql`alter table audit_log enable trigger all`.execute(db)
}

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    t.test('chains rows even if many are appended at the same time', async (t) => {
      const { kysely: db } = await openMigrated(engine.open(t))
      t.strictSame(await verifyAudit(db), { intact: true, rows: 0, hash: GENESIS_HASH, firstRow: 1 })
      const rows = await Promise.all(Array.from({ length: 12 }, (_, n) => append(db, { reason: `${n}` })))
      const chain = rows.toSorted((a, b) => a.sequence - b.sequence)
      t.strictSame(
        chain.map((row) => row.sequence),
        chain.map((_row, index) => index + 1),
      )
      for (const [index, row] of chain.entries())
        t.equal(row.previousHash, chain[index - 1]?.hash ?? GENESIS_HASH)
      t.match(await verifyAudit(db), { intact: true, rows: 12, hash: chain.at(-1)?.hash })
    })

    t.test('a transaction that rolls back leaves no row and no gap', async (t) => {
      const { kysely: db } = await openMigrated(engine.open(t))
      await append(db)
      const lost = db.transaction().execute(async (trx) => {
        await appendAudit(trx, anId(), anEntry())
        throw new Error('rolled back')
      })
      await t.rejects(lost, { message: 'rolled back' })
      t.equal((await append(db)).sequence, 2)
      t.match(await verifyAudit(db), { intact: true, rows: 2 })
    })

    t.test('a row cannot be altered or deleted, even with direct SQL', async (t) => {
      const { kysely: db } = await openMigrated(engine.open(t))
      await append(db)
      for (const statement of [
        "update audit_log set reason = 'x'",
        'delete from audit_log',
        'truncate audit_log',
      ])
        await t.rejects(sql.raw(statement).execute(db), { message: /append-only/ }, statement)
      t.match(await verifyAudit(db), { intact: true, rows: 1 })
    })

    t.test('tampering is detected at the first changed row', async (t) => {
      const changes = [
        "reason = 'another'",
        "actor_id = 'somebody'",
        "actor_name = 'somebody'",
        'actor_app_id = null',
        "actor_kind = 'application'",
        "at = at + interval '1 millisecond'",
        "operation = 'getPlan'",
        "outcome = 'refused'",
        "code = 'X'",
        'cluster_key = null',
        'plan_id = null',
        "job_id = '01990000-0000-7000-8000-000000000001'",
        "webhook_id = '01990000-0000-7000-8000-000000000001'",
        "address = '192.0.2.8'",
        "user_agent = ''",
        "request_id = ''",
        "id = '01990000-0000-7000-8000-00000000ffff'",
        "hash = repeat('0', 64)",
      ]
      for (const change of changes) {
        const { kysely: db } = await forged(`update audit_log set ${change} where sequence = 3`)
        t.match(
          await verifyAudit(db),
          { intact: false, row: 3, fault: 'its content has changed since it was appended' },
          change,
        )
      }
      const relinked = await forged("update audit_log set previous_hash = repeat('0', 64) where sequence = 3")
      t.match(await verifyAudit(relinked.kysely), { intact: false, row: 3, fault: /previous hash is not/ })
      const shortened = await forged('delete from audit_log where sequence = 3')
      t.match(await verifyAudit(shortened.kysely), { intact: false, row: 3, fault: /missing.*next row is 4/ })
      const beheaded = await forged('delete from audit_log where sequence = 1')
      t.match(await verifyAudit(beheaded.kysely), { intact: false, row: 1 })
    })

    t.test('rows that name a webhook are bound to it, and those from before hold', async (t) => {
      const database = await engine.open(t, 'template_empty')
      const { kysely: db } = database
      await migrate(database, MIGRATIONS.slice(0, 6))
      // As it was written when no row could name a webhook.
      const [id, at, before] = [
        '01990000-0000-7000-8000-0000000000aa',
        '2026-09-01T00:00:00.123Z',
        GENESIS_HASH,
      ]
      const content = [
        1,
        1,
        id,
        at,
        null,
        'pingWebhook',
        'allowed',
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        'r',
      ]
      const hash = createHash('sha256')
        .update(`${before}\n${JSON.stringify(content)}`)
        .digest('hex')
      await sql`insert into audit_log (sequence, id, at, operation, outcome, request_id, previous_hash, hash)
        values (1, ${id}, ${at}, 'pingWebhook', 'allowed', 'r', ${before}, ${hash})`.execute(db)
      await migrate(database)
      t.match(await verifyAudit(db), { intact: true, rows: 1, hash })
      const webhookId = '01990000-0000-7000-8000-0000000000BB'
      const row = await append(db, { webhookId, clusterId: null, planId: null })
      t.equal(row.webhookId, webhookId.toLowerCase(), 'as it is stored')
      await append(db)
      t.match(await verifyAudit(db), { intact: true, rows: 3 })
      const audit = createAudit({ database, now: () => new Date(), newId: anId })
      const { items } = await audit.list({ limit: 10, cursor: null, webhookId })
      t.match(items, [{ sequence: 2, webhookId: webhookId.toLowerCase() }])
      t.equal(items.length, 1)
      for (const value of ['null', "'01990000-0000-7000-8000-0000000000cc'"]) {
        await tamper(db, `update audit_log set webhook_id = ${value} where sequence = 2`)
        t.match(
          await verifyAudit(db),
          { intact: false, row: 2, fault: /changed since it was appended/ },
          value,
        )
      }
    })

    let shared: Awaited<ReturnType<typeof openMigrated>> | null = null
    /** Five sound rows in one database for all of these, and then this done to them. */
    async function forged(statement: string) {
      shared ??= await openMigrated(engine.open(t))
      const { kysely: db } = shared
      await tamper(db, 'truncate audit_log')
      for (let n = 0; n < 5; n++) await append(db, { reason: `${n}` })
      await tamper(db, statement)
      return shared
    }

    t.test('a stored hash reveals rows that were removed from the end', async (t) => {
      const { kysely: db } = await openMigrated(engine.open(t))
      const rows = [await append(db), await append(db), await append(db)]
      const hash = rows[2]?.hash ?? ''
      t.match(await verifyAudit(db, hash), { intact: true })
      t.match(await verifyAudit(db, rows[0]?.hash), { intact: true }, 'an older one will do')
      await tamper(db, 'delete from audit_log where sequence = 3')
      t.match(await verifyAudit(db), { intact: true, rows: 2 }, 'the chain alone does not tell')
      t.match(await verifyAudit(db, hash), { intact: false, row: 3, fault: new RegExp(hash) })
    })

    t.test('is listed newest first, by every filter, in full pages of what may be seen', async (t) => {
      const database = await openMigrated(engine.open(t))
      const { kysely: db } = database
      const audit = createAudit({ database, now: () => new Date(), newId: anId })
      const bob = { id: 'bob-id', kind: 'application', name: 'bob', appId: 'bob-app' } as const
      const jobId = anId()
      await append(db, { at: '2026-09-01T00:00:00.000Z' })
      await append(db, { at: '2026-09-01T01:00:00.000Z', actor: bob, operation: 'createJob', jobId })
      await append(db, { at: '2026-09-01T02:00:00.000Z', clusterId: keyOf('two') })
      await append(db, { at: '2026-09-01T03:00:00.000Z', clusterId: null, planId: null, actor: null })
      await append(db, { at: '2026-09-01T04:00:00.000Z', clusterId: keyOf('one', 'rgxa') })
      const found = async (query: object) =>
        (await audit.list({ limit: 10, cursor: null, ...query })).items.map((row) => row.sequence)
      t.strictSame(await found({}), [5, 4, 3, 2, 1])
      t.strictSame(await found({ actor: 'bob-id' }), [2])
      t.strictSame(await found({ actor: 'bob' }), [2])
      t.strictSame(await found({ operation: 'createJob' }), [2])
      t.strictSame(await found({ jobId }), [2])
      t.strictSame(await found({ planId: '01990000-0000-7000-8000-0000000000ab' }), [5, 3, 2, 1])
      t.strictSame(await found({ cluster: cluster('ONE') }), [2, 1])
      t.strictSame(await found({ from: '2026-09-01T01:00:00Z', to: '2026-09-01T03:00:00Z' }), [3, 2])
      t.strictSame(await found({ from: '2026-09-01T05:00:00+02:00' }), [5, 4])
      const on = { subscriptionId: SUBSCRIPTION, clusterName: '*' }
      t.strictSame(await found({ reach: [{ ...on, resourceGroup: 'RG_A' }] }), [3, 2, 1], '_ is no wildcard')
      t.strictSame(await found({ reach: [] }), [])
      t.strictSame(await found({ reach: [{ ...on, resourceGroup: '*', clusterName: 'T*' }] }), [3])
      t.strictSame(
        await found({ reach: [{ ...on, subscriptionId: '*', resourceGroup: 'rg*' }] }),
        [5, 3, 2, 1],
      )

      const reach = [{ ...on, resourceGroup: 'rg_a' }]
      const first = await audit.list({ limit: 2, cursor: null, reach })
      await append(db)
      const second = await audit.list({ limit: 2, cursor: first.next, reach })
      t.strictSame(
        [first, second].map((page) => page.items.map((row) => row.sequence)),
        [[3, 2], [1]],
      )
      t.equal(second.next, null)
    })

    t.test('the record of a created job shows the Azure request IDs of the job', async (t) => {
      const database = await openMigrated(engine.open(t))
      const { kysely: db } = database
      const audit = createAudit({ database, now: () => new Date(), newId: anId })
      const plan = planFor(aSnapshot(), 'managedNATGateway')
      await insertPlan(db, plan)
      const [jobId, at] = [anId(), new Date()]
      const row = {
        id: jobId,
        plan_id: plan.id,
        cluster_key: keyOf('one'),
        status: 'Running',
        created_at: at,
        created_by: 'tester',
        created_by_id: null,
        from_type: 'loadBalancer',
        to_type: 'managedNATGateway',
      } as const
      await insertJob(db, { ...row, labels: [], next_tick_at: null, view: '{}' }, [
        { type: 'accepted' },
        { type: 'writeRefused', fault: { requestId: 'arm-1' } },
        { type: 'writeAccepted', requestId: 'arm-2' },
        { type: 'faulted', fault: { requestId: null } },
        { type: 'operationEnded', requestId: 'arm-2' },
      ])
      await append(db, { operation: 'createJob', jobId })
      await append(db, { operation: 'createJob', jobId: null, outcome: 'refused', code: 'PLAN_STALE' })
      await append(db, { operation: 'cancelJob', jobId })
      const { items } = await audit.list({ limit: 10, cursor: null })
      t.strictSame(
        items.map((each) => each.armRequestIds),
        [[], [], ['arm-1', 'arm-2']],
      )
      t.match(items[2], {
        actor: { name: 'ann' },
        userAgent: /🚀/,
        reason: 'CHG-1',
        at: '2026-09-01T00:00:00.123Z',
      })
    })
  })
}
