import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { Origin } from '../../../src/core/audit/audit.ts'
import { createAudit } from '../../../src/database/audit/audit.ts'
import { verifyAudit } from '../../../src/database/audit/verify-audit.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import { closePlan, insertPlan } from '../../../src/database/stores/plan-store.ts'
import { createApprovals } from '../../../src/jobs/commands/approve-plan.ts'
import { databaseEngines, openMigrated } from '../../support/databases.ts'
import { anId, JobHarness } from '../support/job-harness.ts'

const NOBODY = '01990000-0000-7000-8000-00000000dead'

/** A call of this operation by a person with this name. */
function by(name: string, operation = 'approvePlan'): Origin {
  const actor = { id: `${name}-id`, kind: 'user', name, appId: 'portal' } as const
  return { actor, operation, address: '192.0.2.7', userAgent: 'test', requestId: 'r-1' }
}

/** A cluster of its own on which jobs need an approval, and a plan of Ann's for it. */
async function protectedRoom(database: Database, needsApproval = () => true) {
  const room = new JobHarness(database, 'plain', { needsApproval })
  const approvals = createApprovals(room.deps)
  const audit = createAudit({ database, now: room.deps.now, newId: anId })
  const plan = async (given: { expiresAt?: string } = {}): Promise<Plan> => {
    const made = { ...(await room.plan(given)), id: anId(), createdBy: 'ann' }
    await insertPlan(database.kysely, made, 'ann-id')
    return made
  }
  const execute = (made: Plan, who: string) => {
    const order = { planId: made.id, acknowledge: made.acknowledgementsRequired, reason: 'CHG-2', by: who }
    return room.jobs.accept(order, { origin: by(who, 'createJob') })
  }
  const written = async (planId: string) =>
    (await audit.list({ planId, limit: 100, cursor: null })).items
      .map(({ operation, actor, outcome, reason }) => [operation, actor?.name, outcome, reason])
      .toReversed()
  return { room, approvals, plan, execute, written }
}

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    t.afterEach(async () => {
      t.match(await verifyAudit(database.kysely), { intact: true })
    })

    t.test('requires the approval of a second person, and shows it in the job', async (t) => {
      const { room, approvals, plan, execute, written } = await protectedRoom(database)
      const made = await plan()
      const missing = { code: 'APPROVAL_MISSING', facts: { planId: made.id, given: 0 } }
      await t.rejects(execute(made, 'ann'), missing)
      t.match(await approvals.list(made.id), { required: true, given: false, items: [] })
      const { approval, isNew } = await approvals.approve(made.id, 'CHG-1', { origin: by('bob') })
      t.equal(isNew, true)
      t.match(approval, {
        planId: made.id,
        by: { id: 'bob-id', name: 'bob' },
        reason: 'CHG-1',
        withdrawnAt: null,
      })
      t.strictSame(await approvals.list(made.id), {
        planId: made.id,
        required: true,
        given: true,
        expiresAt: made.expiresAt,
        items: [approval],
      })
      const job = await execute(made, 'ann')
      t.strictSame(job.approvals, [{ id: approval.id, by: 'bob', at: approval.at }])
      await room.run()
      const ended = await room.jobs.get(job.id)
      t.match(ended, { status: 'Succeeded', approvals: job.approvals })
      t.strictSame(await written(made.id), [
        ['approvePlan', 'bob', 'allowed', 'CHG-1'],
        ['createJob', 'ann', 'allowed', 'CHG-2'],
      ])
    })

    t.test('does not count approvals by the author or the executor', async (t) => {
      const { approvals, plan, execute } = await protectedRoom(database)
      const made = await plan()
      await t.rejects(approvals.approve(made.id, null, { origin: by('ann') }), {
        code: 'APPROVAL_NOT_INDEPENDENT',
        facts: { planId: made.id, createdBy: 'ann' },
      })
      await approvals.approve(made.id, null, { origin: by('bob') })
      await t.rejects(execute(made, 'bob'), { code: 'APPROVAL_MISSING', facts: { given: 1 } })
      t.equal((await execute(made, 'cy')).approvals.length, 1)
    })

    t.test('recognizes the author by ID after a change of name', async (t) => {
      const { approvals, plan } = await protectedRoom(database)
      const made = await plan()
      const renamed = { ...by('x'), actor: { ...by('x').actor, id: 'ann-id', name: 'ann.married' } } as Origin
      await t.rejects(approvals.approve(made.id, null, { origin: renamed }), {
        code: 'APPROVAL_NOT_INDEPENDENT',
      })
    })

    t.test('recognizes the author in another letter case of the ID', async (t) => {
      const { approvals, plan } = await protectedRoom(database)
      const made = await plan()
      const shouting = { ...by('x'), actor: { ...by('x').actor, id: 'ANN-ID', name: 'x' } } as Origin
      await t.rejects(approvals.approve(made.id, null, { origin: shouting }), {
        code: 'APPROVAL_NOT_INDEPENDENT',
      })
    })

    t.test('records one approval per person, and another one after a withdrawal', async (t) => {
      const { approvals, plan } = await protectedRoom(database)
      const made = await plan()
      const both = await Promise.all(
        [1, 2].map(() => approvals.approve(made.id, null, { origin: by('bob') })),
      )
      t.strictSame(both.map((each) => each.isNew).toSorted(), [false, true])
      t.equal(both[0]?.approval.id, both[1]?.approval.id)
      await approvals.withdraw(made.id, both[0]?.approval.id ?? '', by('bob', 'withdrawApproval'))
      t.equal((await approvals.approve(made.id, null, { origin: by('bob') })).isNew, true)
      t.equal((await approvals.list(made.id)).items.length, 2)
    })

    t.test('withdraws an approval until a job executes the plan', async (t) => {
      const { approvals, plan, execute, written } = await protectedRoom(database)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      const withdraw = () => approvals.withdraw(made.id, approval.id, by('cy', 'withdrawApproval'))
      await t.rejects(approvals.withdraw(made.id, NOBODY, by('cy')), { code: 'APPROVAL_NOT_FOUND' })
      await t.rejects(approvals.withdraw(NOBODY, approval.id, by('cy')), { code: 'PLAN_NOT_FOUND' })
      await withdraw()
      await t.resolves(withdraw(), 'twice is no error')
      t.match(await approvals.list(made.id), { given: false, items: [{ withdrawnBy: { name: 'cy' } }] })
      await t.rejects(execute(made, 'ann'), { code: 'APPROVAL_MISSING', facts: { given: 1 } })
      const again = await approvals.approve(made.id, null, { origin: by('dee') })
      const job = await execute(made, 'ann')
      await t.rejects(approvals.withdraw(made.id, again.approval.id, by('dee')), {
        code: 'PLAN_IN_USE',
        facts: { jobId: job.id },
      })
      t.strictSame(
        (await written(made.id)).map(([operation]) => operation),
        ['approvePlan', 'withdrawApproval', 'withdrawApproval', 'approvePlan', 'createJob'],
      )
    })

    t.test('does not count an approval that is withdrawn while the cluster is read', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      room.arm.at('getCluster', 1, () => approvals.withdraw(made.id, approval.id, by('bob')))
      await t.rejects(execute(made, 'ann'), { code: 'APPROVAL_MISSING' })
      t.ok(room.arm.isSpent)
    })

    t.test('rejects the approval of a plan that cannot be executed', async (t) => {
      const { room, approvals, plan } = await protectedRoom(database)
      const attempt = (made: Plan) => approvals.approve(made.id, null, { origin: by('bob') })
      await t.rejects(attempt(await plan({ expiresAt: room.clock.toISOString() })), { code: 'PLAN_EXPIRED' })
      for (const [state, code] of [
        ['discarded', 'PLAN_DISCARDED'],
        ['stale', 'PLAN_STALE'],
        ['executed', 'PLAN_ALREADY_EXECUTED'],
      ] as const) {
        const made = await plan()
        await closePlan(database.kysely, made.id, state)
        await t.rejects(attempt(made), { code })
      }
      await t.rejects(approvals.approve(NOBODY, null, { origin: by('bob') }), { code: 'PLAN_NOT_FOUND' })
      await t.rejects(approvals.list(NOBODY), { code: 'PLAN_NOT_FOUND' })
    })

    t.test('records and shows an approval where none is required', async (t) => {
      const { approvals, plan, execute } = await protectedRoom(database, () => false)
      const made = await plan()
      t.match(await approvals.list(made.id), { required: false, given: false })
      await approvals.approve(made.id, null, { origin: by('bob') })
      t.equal((await execute(made, 'ann')).approvals.length, 1)
    })

    t.test('audits every cancellation request with its job', async (t) => {
      const { room, plan, execute, written } = await protectedRoom(database, () => false)
      const made = await plan()
      const job = await execute(made, 'ann')
      await room.runOne()
      for (const who of ['ann', 'bob'])
        await room.jobs.cancel(job.id, { by: who }, { origin: by(who, 'cancelJob') })
      await room.run()
      t.strictSame(await written(made.id), [
        ['createJob', 'ann', 'allowed', 'CHG-2'],
        ['cancelJob', 'ann', 'allowed', null],
        ['cancelJob', 'bob', 'allowed', null],
      ])
    })

    t.test('writes no audit record of acceptance for a rejected job', async (t) => {
      const { plan, execute, written } = await protectedRoom(database)
      const made = await plan()
      await t.rejects(execute(made, 'ann'))
      t.strictSame(await written(made.id), [])
    })
  })
}
