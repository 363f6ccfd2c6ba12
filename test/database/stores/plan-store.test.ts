import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { PlanStatus, PlanVerdict } from '../../../src/contract/plan-status.ts'
import { inScope } from '../../../src/core/access/access-policy.ts'
import { countPlan, type NewPlan } from '../../../src/core/planner/planner.ts'
import { insertApproval } from '../../../src/database/stores/approval-store.ts'
import {
  closePlan,
  currentStatus,
  insertPlan,
  listPlanRows,
  type PlanRow,
  planDocument,
  planRow,
} from '../../../src/database/stores/plan-store.ts'
import { planState, planText, toPlanSummary } from '../../../src/database/stores/plan-view.ts'
import { ClusterScopes } from '../../../src/database/stores/visible-clusters.ts'
import { aCluster, aSnapshot, SUBSCRIPTION } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

const engines = await everyEngine()

const NOW = new Date('2026-09-01T00:30:00Z')
const MUCH_LATER = new Date('2026-09-02T00:00:00Z')
const NOBODY = '01990000-0000-7000-8000-ffffffffffff'

let count = 0
function aPlan(given: Partial<NewPlan> = {}, name = 'demo'): NewPlan {
  const id = `01990000-0000-7000-8000-${String(++count).padStart(12, '0')}`
  return { ...planFor(aSnapshot({ cluster: aCluster({ name }) }), 'managedNATGateway'), id, ...given }
}

t.test('the present status', async (t) => {
  const table: [PlanVerdict, 'open' | 'executed' | 'discarded' | 'stale', Date, PlanStatus][] = [
    ['applicable', 'open', NOW, 'applicable'],
    ['applicable', 'open', MUCH_LATER, 'expired'],
    ['blocked', 'open', MUCH_LATER, 'blocked'],
    ['noChange', 'open', MUCH_LATER, 'noChange'],
    ['applicable', 'executed', MUCH_LATER, 'executed'],
    ['applicable', 'discarded', MUCH_LATER, 'discarded'],
    ['applicable', 'stale', NOW, 'stale'],
    ['blocked', 'discarded', NOW, 'discarded'],
  ]
  const expires_at = new Date('2026-09-01T01:00:00Z')
  for (const [made_status, state, now, status] of table)
    t.equal(currentStatus({ made_status, state, expires_at }, now), status, `${made_status} ${state}`)
  t.equal(
    currentStatus({ made_status: 'applicable', state: 'open', expires_at }, expires_at),
    'expired',
    'at the very moment',
  )
})

for (const engine of engines) {
  t.test(`on ${engine.name}`, async (t) => {
    const { kysely: db } = await openMigrated(engine.open(t))

    t.test('a stored plan is returned unchanged, with its current status', async (t) => {
      const made = aPlan({ reason: 'quotes " and \\ and ümläut 🚀' })
      await insertPlan(db, made)
      const read = async (now: Date) => {
        const row = await planDocument(db, made.id)
        if (row === null) throw new Error('no plan')
        const state = planState(row, now, undefined)
        const text = planText(row, state)
        t.match(JSON.parse(text), state)
        return JSON.parse(text)
      }
      const noApproval = { approval: null, approvableUntil: null }
      t.strictSame(await read(NOW), JSON.parse(JSON.stringify({ ...made, ...noApproval })))
      t.match(await read(MUCH_LATER), { status: 'expired' })
      t.equal(await planDocument(db, NOBODY), null)
      t.equal(await planRow(db, NOBODY), null)
    })

    t.test('filters by approval as the state of each plan says', async (t) => {
      const PENDING = { createdAt: '2026-09-01T00:00:00.000Z', expiresAt: '2026-09-01T01:00:00.000Z' }
      const early = new Date('2026-09-01T00:10:00Z')
      const plans = [
        aPlan(PENDING, 'guarded'),
        aPlan(PENDING, 'guarded'),
        aPlan({ ...PENDING, status: 'blocked' }, 'guarded'),
        aPlan({ ...PENDING, status: 'noChange' }, 'guarded'),
        aPlan(PENDING, 'open'),
      ]
      for (const state of ['executed', 'discarded', 'stale'] as const) {
        const closed = aPlan(PENDING, 'guarded')
        plans.push(closed)
        await insertPlan(db, closed)
        await closePlan(db, closed.id, state)
      }
      for (const [index, made] of plans.slice(0, 5).entries())
        await insertPlan(db, made, null, index === 1 ? early : null)
      const approved = aPlan(PENDING, 'open')
      await insertPlan(db, approved)
      const by = { id: 'bob-id', name: 'bob' }
      const approval = { id: NOBODY, planId: approved.id, at: NOW.toISOString(), by, reason: null }
      await insertApproval(db, { ...approval, withdrawnAt: null, withdrawnBy: null })
      const scope = [{ subscriptionId: SUBSCRIPTION, resourceGroup: '*', clusterName: 'guarded' }]
      const needsApproval = (key: string) => inScope(scope, key)
      const required = await new ClusterScopes(db).resolve(scope)
      const all = { limit: 100, after: null }
      const counts: Record<string, number> = {}
      for (const now of [new Date('2026-09-01T00:05:00Z'), NOW, MUCH_LATER]) {
        const rows = await listPlanRows(db, all, now, required)
        for (const { status, approval, approvableUntil } of rows.map((row) =>
          planState(row, now, needsApproval),
        ))
          t.equal(
            approvableUntil !== null,
            (status === 'applicable' && approval !== null) || approval === 'approved',
            status,
          )
        for (const wanted of ['required', 'pending', 'approved'] as const) {
          const expected = rows.filter((row) => planState(row, now, needsApproval).approval === wanted)
          const found = await listPlanRows(db, { ...all, approval: wanted }, now, required)
          t.strictSame(
            found.map(({ id }) => id),
            expected.map(({ id }) => id),
            `${wanted} at ${now.toISOString()}`,
          )
          counts[`${wanted} ${now.getUTCHours()}:${now.getUTCMinutes()}`] = found.length
        }
      }
      t.match(counts, { 'pending 0:5': 2, 'pending 0:30': 1, 'pending 0:0': 0, 'approved 0:0': 1 })
    })

    t.test('a plan is closed once', async (t) => {
      const made = aPlan()
      await insertPlan(db, made)
      t.equal(await closePlan(db, made.id, 'discarded'), true)
      t.equal(await closePlan(db, made.id, 'executed', NOBODY), false)
      t.match(await planRow(db, made.id), { state: 'discarded', job_id: null })
    })

    t.test('lists newest first, in pages that nothing new disturbs', async (t) => {
      const plans = Array.from({ length: 5 }, () => aPlan({}, 'paged'))
      for (const made of plans) await insertPlan(db, made)
      const cluster = { subscriptionId: SUBSCRIPTION.toUpperCase(), resourceGroup: 'RG-DEMO', name: 'Paged' }
      const seen: string[] = []
      let after: string | null = null
      for (let hasMore = true; hasMore; ) {
        const rows = await listPlanRows(db, { cluster, limit: 2, after }, NOW)
        hasMore = rows.length > 2
        const page = rows.slice(0, 2).map((row) => row.id)
        seen.push(...page)
        after = page.at(-1) ?? null
        await insertPlan(db, aPlan({}, 'paged'))
      }
      t.strictSame(seen, plans.map((made) => made.id).reverse())
    })

    t.test('filters by the shown status', async (t) => {
      const cluster = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name: 'filtered' }
      const open = aPlan({}, 'filtered')
      const old = aPlan({ expiresAt: '2026-09-01T00:10:00.000Z' }, 'filtered')
      const blocked = aPlan({ status: 'blocked' }, 'filtered')
      const noChange = aPlan({ status: 'noChange' }, 'filtered')
      const closed = {
        executed: aPlan({}, 'filtered'),
        discarded: aPlan({}, 'filtered'),
        stale: aPlan({}, 'filtered'),
      }
      for (const made of [open, old, blocked, noChange, ...Object.values(closed)]) await insertPlan(db, made)
      for (const [state, made] of Object.entries(closed))
        await closePlan(db, made.id, state as keyof typeof closed)
      const wanted: Record<PlanStatus, Plan> = {
        applicable: open,
        expired: old,
        blocked,
        noChange,
        ...closed,
      }
      for (const [status, made] of Object.entries(wanted) as [PlanStatus, Plan][]) {
        const rows = await listPlanRows(db, { cluster, status, limit: 10, after: null }, NOW)
        t.strictSame(
          rows.map((row) => [row.id, currentStatus(row, NOW)]),
          [[made.id, status]],
        )
      }
      const several = await listPlanRows(
        db,
        { cluster, status: ['blocked', 'applicable', 'stale'], limit: 10, after: null },
        NOW,
      )
      t.strictSame(
        several.map(({ id }) => id),
        [open.id, blocked.id, closed.stale.id].sort().reverse(),
      )
    })

    t.test('a filter by labels finds plans that have all of them', async (t) => {
      const [first, second] = [
        aPlan({ labels: { team: 'payments', 'example.com/wave': '1' } }, 'labeled'),
        aPlan({ labels: { team: 'search', empty: '' } }, 'labeled'),
      ]
      for (const made of [first, second, aPlan({}, 'labeled')]) await insertPlan(db, made)
      const idsWith = async (...labels: string[]) =>
        (await listPlanRows(db, { labels, limit: 10, after: null }, NOW)).map(({ id }) => id)
      t.strictSame(await idsWith('team'), [first.id, second.id].sort().reverse())
      t.strictSame(await idsWith('team=payments'), [first.id])
      t.strictSame(await idsWith('team', 'empty='), [second.id])
      t.strictSame(await idsWith('team=search', 'example.com/wave'), [])
      t.strictSame(await idsWith('payments'), [], 'a value is no name')
      const rows = await listPlanRows(db, { labels: ['empty'], limit: 1, after: null }, NOW)
      t.match(toPlanSummary(rows[0] as PlanRow, NOW, undefined), {
        labels: { team: 'search', empty: '' },
        counts: countPlan(second),
      })
    })

    t.test('a summary of a plan of an earlier version has no numbers', async (t) => {
      const made = aPlan({}, 'without-numbers')
      await insertPlan(db, made)
      await db.updateTable('plans').set({ counts: null }).where('id', '=', made.id).execute()
      const summary = toPlanSummary((await planRow(db, made.id)) as PlanRow, NOW, undefined)
      t.notOk('counts' in summary || 'labels' in summary)
    })
  })
}
