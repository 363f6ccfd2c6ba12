import t from 'tap'
import type { Origin } from '../../../src/core/audit/audit.ts'
import { createAudit } from '../../../src/database/audit/audit.ts'
import { verifyAudit } from '../../../src/database/audit/verify-audit.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import {
  type AccessLinks,
  createAccessLinks,
  MAX_SHARE_LINKS,
} from '../../../src/database/links/access-links.ts'
import { deleteExpiredLinks, type LinkTarget } from '../../../src/database/stores/link-store.ts'
import { anId } from '../../jobs/support/job-harness.ts'
import { databaseEngines, openMigrated } from '../../support/databases.ts'
import { aStoredJob } from '../support/stored-job.ts'

const START = new Date('2026-09-01T00:00:00.000Z')
const KEY = '/subscriptions/s/cluster'
const OWNER = { id: 'ann-id', appId: null, groups: ['group-1'] }
const CALL = { address: '192.0.2.7', userAgent: 'test', requestId: 'r-1' }
const ANN: Origin = {
  ...CALL,
  actor: { id: 'ann-id', kind: 'user', name: 'ann', appId: null },
  operation: 'createPlanShareLink',
}
const READER: Origin = { ...CALL, actor: null, operation: 'getPlan' }

/** Links of a new plan and job, on a clock that the test moves. */
async function newRoom(database: Database, maxShareMinutes = 1_440) {
  const jobId = await aStoredJob(database.kysely)
  const { plan_id: planId } = await database.kysely
    .selectFrom('jobs')
    .select('plan_id')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  const time = { now: START }
  const deps = { database, now: () => time.now, newId: anId }
  const replica = (max = maxShareMinutes): AccessLinks => createAccessLinks({ ...deps, maxShareMinutes: max })
  const links = replica()
  const order = (target: LinkTarget) => ({
    target,
    clusterKey: KEY,
    by: { name: 'ann', owner: OWNER },
    origin: ANN,
  })
  const share = (target: LinkTarget = { planId }, expiresInMinutes = 60) =>
    links.share(order(target), { expiresInMinutes, reason: 'CHG-1' })
  const opens = async (
    secret: string,
    target: LinkTarget = { planId },
    kind = 'shareLink' as const,
    by = links,
  ) => (await by.open(secret, kind, target, READER)) !== null
  const audit = createAudit(deps)
  const written = async () => {
    const { items } = await audit.list({ planId, limit: 100, cursor: null })
    return items.map(({ operation, actor, reason }) => [operation, actor?.name ?? null, reason]).toReversed()
  }
  return { jobId, planId, time, links, replica, order, share, opens, written }
}

for (const engine of await databaseEngines())
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const db = database.kysely
    t.afterEach(async () => {
      t.match(await verifyAudit(db), { intact: true })
    })

    t.test('opens its plan with the access of its creator, on every replica', async (t) => {
      const { planId, links, replica, share, opens } = await newRoom(database)
      const { link, secret } = await share()
      t.match(link, {
        planId,
        jobId: null,
        createdBy: 'ann',
        reason: 'CHG-1',
        revokedAt: null,
        lastOpenedAt: null,
      })
      const opened = { id: link.id, kind: 'shareLink', createdBy: 'ann', owner: OWNER }
      t.strictSame(await links.open(secret, 'shareLink', { planId: planId.toUpperCase() }, READER), opened)
      t.ok(await opens(secret, { planId }, 'shareLink', replica()), 'another process, or after a restart')
      t.match(await links.list({ planId }), [{ id: link.id, lastOpenedAt: START.toISOString() }])
    })

    t.test('stores and audits the ID of a link, and never its secret', async (t) => {
      const { planId, links, order, share, opens, written, time } = await newRoom(database)
      const { link, secret } = await share()
      for (let time = 0; time < 3; time++) t.ok(await opens(secret))
      time.now = new Date(START.getTime() + 61_000)
      t.ok(await opens(secret))
      await links.revoke(
        { ...order({ planId }), origin: { ...ANN, operation: 'revokePlanShareLink' } },
        link.id,
      )
      const named = `share link ${link.id}`
      t.strictSame(await written(), [
        ['createPlanShareLink', 'ann', `${named}: CHG-1`],
        ['getPlan', null, named],
        ['getPlan', null, named],
        ['revokePlanShareLink', 'ann', named],
      ])
      const tables = [
        await db.selectFrom('access_links').selectAll().execute(),
        await db.selectFrom('audit_log').selectAll().execute(),
      ]
      t.notOk(JSON.stringify(tables).includes(secret))
      t.notOk(JSON.stringify(await links.list({ planId })).includes(secret))
    })

    t.test(
      'does not open after expiry, after revocation, another resource, or with a changed secret',
      async (t) => {
        const { jobId, planId, time, links, order, share, opens } = await newRoom(database)
        const other = await newRoom(database)
        const { link, secret } = await share()
        t.notOk(await opens(secret, { planId: other.planId }), 'another plan')
        t.notOk(await opens(secret, { jobId }), 'the job of the plan')
        t.notOk(await opens(secret, { jobId: planId }), 'a job with the ID of the plan')
        for (const guess of [
          '',
          'aeps_',
          `${secret}A`,
          secret.slice(0, -1),
          secret.toUpperCase(),
          `aept_${secret.slice(5)}`,
          link.id,
        ])
          t.notOk(await opens(guess), guess)
        t.equal(await links.open(secret, 'eventTicket', { planId }, READER), null, 'a link is no ticket')
        time.now = new Date(START.getTime() + 60 * 60_000 - 1)
        t.ok(await opens(secret), 'until it expires')
        time.now = new Date(START.getTime() + 60 * 60_000)
        t.notOk(await opens(secret), 'at its expiry')
        time.now = START
        await t.rejects(links.revoke(order({ jobId }), link.id), { code: 'SHARE_LINK_NOT_FOUND' })
        await t.rejects(links.revoke(order({ planId: other.planId }), link.id), {
          code: 'SHARE_LINK_NOT_FOUND',
        })
        t.ok(await opens(secret), 'a revocation through another resource has no effect')
        for (let time = 0; time < 2; time++) await links.revoke(order({ planId }), link.id)
        t.notOk(await opens(secret), 'a replay after the revocation')
        t.match(await links.list({ planId }), [
          { id: link.id, revokedBy: 'ann', revokedAt: START.toISOString() },
        ])
      },
    )

    t.test('opens one event stream of its job with a ticket, within a minute', async (t) => {
      const { jobId, planId, time, links, order } = await newRoom(database)
      const ticketOf = async () => (await links.issueTicket(order({ jobId }))).ticket
      const opens = async (ticket: string, target: LinkTarget = { jobId }) =>
        (await links.open(ticket, 'eventTicket', target, READER)) !== null
      const ticket = await ticketOf()
      t.notOk(await opens(ticket, { jobId: planId }), 'another job')
      t.equal(await links.open(ticket, 'shareLink', { jobId }, READER), null, 'a ticket is no share link')
      const both = await Promise.all([opens(ticket), opens(ticket)])
      t.strictSame(both.toSorted(), [false, true], 'once')
      const late = await ticketOf()
      time.now = new Date(START.getTime() + 60_000)
      t.notOk(await opens(late), 'after a minute')
      t.strictSame(await links.list({ jobId }), [], 'tickets are not in the list of share links')
    })

    t.test('a clock that is set back does not extend a ticket', async (t) => {
      const { jobId, time, order } = await newRoom(database)
      let elapsedMs = 0
      const deps = { database, now: () => time.now, newId: anId, maxShareMinutes: 60 }
      const links = createAccessLinks({ ...deps, elapsedSince: () => elapsedMs })
      const { ticket } = await links.issueTicket(order({ jobId }))
      time.now = new Date(START.getTime() - 3_600_000)
      elapsedMs = 60_001
      t.equal(await links.open(ticket, 'eventTicket', { jobId }, READER), null)
      elapsedMs = 59_999
      t.ok(await links.open(ticket, 'eventTicket', { jobId }, READER))
    })

    t.test('limits lifetime and number, and can be disabled by the operator', async (t) => {
      const { planId, replica, order, share, opens } = await newRoom(database, 30)
      await t.rejects(share(), { code: 'SHARE_LINK_TOO_LONG', facts: { maxMinutes: 30 } })
      const { link } = await replica().share(order({ planId }), { reason: null })
      t.equal(link.expiresAt, '2026-09-01T00:30:00.000Z', 'the default is not longer than the maximum')
      const { secret } = await share({ planId }, 30)
      for (let count = 2; count < MAX_SHARE_LINKS; count++) await share({ planId }, 5)
      await t.rejects(share({ planId }, 5), { code: 'SHARE_LINK_LIMIT_REACHED' })
      const disabled = replica(0)
      await t.rejects(disabled.share(order({ planId }), { reason: null }), { code: 'SHARE_LINKS_DISABLED' })
      t.notOk(await opens(secret, { planId }, 'shareLink', disabled), 'existing links do not open either')
    })

    t.test('deletes links that have expired', async (t) => {
      const { planId, links, share, opens } = await newRoom(database)
      const { secret } = await share()
      await share({ planId }, 5)
      await deleteExpiredLinks(db, new Date(START.getTime() + 6 * 60_000))
      t.equal((await links.list({ planId })).length, 1)
      t.ok(await opens(secret))
    })
  })
