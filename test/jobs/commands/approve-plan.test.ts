import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { Origin } from '../../../src/core/audit/audit.ts'
import type { PlanMessage } from '../../../src/core/webhooks/messages.ts'
import { createAudit } from '../../../src/database/audit/audit.ts'
import { verifyAudit } from '../../../src/database/audit/verify-audit.ts'
import type { Database, Queries } from '../../../src/database/engine/database.ts'
import { closePlan, insertPlan } from '../../../src/database/stores/plan-store.ts'
import { createApprovals } from '../../../src/jobs/commands/approve-plan.ts'
import type { JobOrder } from '../../../src/jobs/jobs.ts'
import { databaseEngines, openMigrated } from '../../support/databases.ts'
import { untilHeld } from '../support/fleet.ts'
import { anId, JobHarness, type Scenario } from '../support/job-harness.ts'

const NOBODY = '01990000-0000-7000-8000-00000000dead'

/** A call of this operation by a person with this name. */
function by(name: string, operation = 'approvePlan'): Origin {
  const actor = { id: `${name}-id`, kind: 'user', name, appId: 'portal' } as const
  return { actor, operation, address: '192.0.2.7', userAgent: 'test', requestId: 'r-1' }
}

/** A cluster of its own on which jobs need an approval, and a plan of Ann's for it. */
async function protectedRoom(database: Database, needsApproval = () => true, scenario: Scenario = 'plain') {
  const messages: PlanMessage[] = []
  const announce = async (_trx: Queries, _clusterKey: string, message: PlanMessage) =>
    void messages.push(message)
  const room = new JobHarness(database, scenario, { needsApproval, announce })
  const approvals = createApprovals(room.deps)
  const audit = createAudit({ database, now: room.deps.now, newId: anId })
  const plan = async (given: { expiresAt?: string; approveUntil?: Date } = {}): Promise<Plan> => {
    const made = { ...(await room.plan(given)), id: anId(), createdBy: 'ann' }
    await insertPlan(database.kysely, made, 'ann-id', given.approveUntil)
    return made
  }
  const execute = (made: Plan, who: string, given: Partial<JobOrder> = {}) => {
    const order = {
      ...given,
      planId: made.id,
      acknowledge: made.acknowledgementsRequired,
      reason: 'CHG-2',
      by: who,
    }
    return room.jobs.accept(order, { origin: by(who, 'createJob') })
  }
  const written = async (planId: string) =>
    (await audit.list({ planId, limit: 100, cursor: null })).items
      .map(({ operation, actor, outcome, reason }) => [operation, actor?.name, outcome, reason])
      .toReversed()
  return { room, approvals, plan, execute, written, messages }
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
        approval: 'approved',
        approvableUntil: made.expiresAt,
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

    t.test('withdraws an approval, also more than once', async (t) => {
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
      t.strictSame(
        (await written(made.id)).map(([operation]) => operation),
        ['approvePlan', 'withdrawApproval', 'withdrawApproval'],
      )
    })

    t.test('announces each approval and each withdrawal once, with the state after it', async (t) => {
      const { approvals, plan, messages } = await protectedRoom(database)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      await approvals.approve(made.id, null, { origin: by('bob') })
      for (let time = 0; time < 2; time++) await approvals.withdraw(made.id, approval.id, by('bob'))
      t.match(messages, [
        { type: 'plan.approved', data: { plan: { id: made.id, approval: 'approved' }, approval } },
        {
          type: 'plan.approval.withdrawn',
          data: { plan: { approval: 'pending' }, approval: { withdrawnBy: { name: 'bob' } } },
        },
      ])
      t.equal(messages.length, 2)
    })

    t.test('cancels a job whose last approval is withdrawn before its cutover', async (t) => {
      for (const [where, isEnough] of [
        ['before its first step', () => true],
        ['between two steps', null],
      ] as const) {
        const { room, approvals, plan, execute, written } = await protectedRoom(database)
        const made = await plan()
        const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
        const job = await execute(made, 'ann')
        if (isEnough === null) await room.runOne()
        await approvals.withdraw(made.id, approval.id, by('bob', 'withdrawApproval'))
        await room.run()
        t.match(await room.jobs.get(job.id), { status: 'Canceled', error: null }, where)
        t.match(await room.jobs.get(job.id), { cancellation: { by: 'bob', withdrawnApproval: approval.id } })
        t.equal(room.arm.puts.length, 0)
        const log = await room.jobs.log(job.id, 0, 100)
        t.match(log.find(({ type }) => type === 'cancelRequested')?.message, /bob withdrew the last valid/)
        t.match(await approvals.list(made.id), { given: false, items: [{ withdrawnBy: { name: 'bob' } }] })
        t.strictSame((await written(made.id)).at(-1), ['withdrawApproval', 'bob', 'allowed', null])
        await t.resolves(approvals.withdraw(made.id, approval.id, by('bob')), 'repeating is no error')
      }
    })

    t.test('cancels a held job immediately when its last approval is withdrawn', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      const job = await execute(made, 'ann', { holdBeforeCutOver: true })
      await untilHeld(room, job.id)
      await approvals.withdraw(made.id, approval.id, by('cy'))
      t.match(await room.jobs.get(job.id), { status: 'Canceled', hold: { status: 'Ended' } })
      t.equal(room.arm.puts.length, 0)
    })

    t.test('does not withdraw an approval once the cutover has begun or the job has ended', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      const job = await execute(made, 'ann')
      const refusal = { code: 'PLAN_IN_USE', facts: { planId: made.id, jobId: job.id } }
      const attempt = () => approvals.withdraw(made.id, approval.id, by('bob'))
      room.arm.at('pollOperation', 1, () => t.rejects(attempt(), refusal))
      await room.run()
      t.ok(room.arm.isSpent)
      t.equal((await room.jobs.get(job.id)).status, 'Succeeded')
      await t.rejects(attempt(), refusal)
      t.match(await approvals.list(made.id), { given: true })
    })

    t.test('does not write the cutover if the approval is withdrawn while the worker reads', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      const job = await execute(made, 'ann')
      room.arm.at('read', 1, () => approvals.withdraw(made.id, approval.id, by('bob')))
      await room.run()
      t.match(await room.jobs.get(job.id), { status: 'Canceled' })
      t.equal(room.arm.puts.length, 0)
    })

    t.test('continues a job that has another approval, until that one is withdrawn too', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database, () => true, 'ranges')
      const made = await plan()
      const first = await approvals.approve(made.id, null, { origin: by('bob') })
      const second = await approvals.approve(made.id, null, { origin: by('cy') })
      const job = await execute(made, 'ann')
      await room.runOne()
      await approvals.withdraw(made.id, first.approval.id, by('bob'))
      t.match(await room.jobs.get(job.id), { status: 'Running', timestamps: { cancelRequestedAt: null } })
      await approvals.withdraw(made.id, second.approval.id, by('cy'))
      await room.run()
      t.match(await room.jobs.get(job.id), { status: 'Canceled' })
    })

    t.test('cancels the job when both approvals are withdrawn at the same time', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database)
      const made = await plan()
      const first = await approvals.approve(made.id, null, { origin: by('bob') })
      const second = await approvals.approve(made.id, null, { origin: by('cy') })
      const job = await execute(made, 'ann')
      await Promise.all([
        approvals.withdraw(made.id, first.approval.id, by('bob')),
        approvals.withdraw(made.id, second.approval.id, by('cy')),
      ])
      t.match(await room.jobs.get(job.id), { status: 'Canceled' })
    })

    t.test('continues a job that requires no approval', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database, () => false)
      const made = await plan()
      const { approval } = await approvals.approve(made.id, null, { origin: by('bob') })
      const job = await execute(made, 'ann')
      await approvals.withdraw(made.id, approval.id, by('bob'))
      await room.run()
      t.match(await room.jobs.get(job.id), { status: 'Succeeded' })
    })

    t.test('rejects an approval after the approval window, and executes a plan approved in it', async (t) => {
      const { room, approvals, plan, execute } = await protectedRoom(database)
      const approveUntil = new Date(room.clock.getTime() + 60_000)
      const [approved, late] = [await plan({ approveUntil }), await plan({ approveUntil })]
      t.match(await approvals.list(late.id), {
        approval: 'pending',
        approvableUntil: approveUntil.toISOString(),
      })
      await approvals.approve(approved.id, null, { origin: by('bob') })
      room.advance(60_000)
      await t.rejects(approvals.approve(late.id, null, { origin: by('bob') }), {
        code: 'APPROVAL_WINDOW_CLOSED',
        facts: { approvableUntil: approveUntil.toISOString() },
      })
      t.match(await approvals.list(late.id), { approval: 'required' })
      t.match(await execute(approved, 'ann'), { status: 'NotStarted' })
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
