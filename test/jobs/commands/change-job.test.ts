import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import type { Origin } from '../../../src/core/audit/audit.ts'
import type { Precondition } from '../../../src/core/lib/errors.ts'
import { createAudit } from '../../../src/database/audit/audit.ts'
import { closePlan, planRow } from '../../../src/database/stores/plan-store.ts'
import { planState } from '../../../src/database/stores/plan-view.ts'
import { createJobs } from '../../../src/jobs/commands/create-jobs.ts'
import type { Jobs } from '../../../src/jobs/jobs.ts'
import { createPlanning } from '../../../src/planning/create-planning.ts'
import { ANY_POLICY } from '../../support/a-plan.ts'
import {
  databaseEngines,
  openEmptyDatabase,
  openMigrated,
  withInterleavedWork,
} from '../../support/databases.ts'
import type { Point } from '../../support/fake-arm.ts'
import { untilHeld } from '../support/fleet.ts'
import { endedTruly, JobHarness, type Scenario, START, switches } from '../support/job-harness.ts'

const engines = await databaseEngines()

const database = await openMigrated(openEmptyDatabase(t))

t.test('asks Azure to abort only on request, once, and reports what remains', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester' }))
  room.arm.at('pollOperation', 2, async () => {
    t.equal(room.arm.calls.filter((call) => call === 'abort').length, 0, 'a plain cancellation lets it run')
    await room.jobs.cancel(id, { by: 'tester', abort: true })
  })
  await room.run()
  t.ok(room.arm.isSpent)
  t.equal(room.arm.calls.filter((call) => call === 'abort').length, 1)
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Canceled', error: { code: 'OPERATION_ABORTED', step: 'change-outbound-type' } })
  t.equal(room.arm.puts.length, 1)
})

t.test('warns after an aborted cutover that the new addresses are not authorized', async (t) => {
  const room = new JobHarness(database, 'late')
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester', abort: true }))
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
  t.ok(job.warnings.some((each) => /locked out of the API server.*az aks update/.test(each)))
})

t.test('keeps the outcome of an operation that ended before the abort', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  room.arm.at('abort', 1, () =>
    Promise.reject(new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message: 'It has ended.' })),
  )
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester', abort: true }))
  await room.run()
  t.ok(room.arm.isSpent)
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Canceled', error: null })
  t.ok(job.warnings.some((each) => each.includes('OperationNotAllowed')))
  t.ok(job.warnings.some((each) => each.includes('did not revert its completed steps')))
})

t.test('retries an abort request that failed', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('abort', 1, () =>
    Promise.reject(new ArmFault({ kind: 'transient', code: 'ServiceUnavailable', message: 'Busy.' })),
  )
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester', abort: true }))
  await room.run()
  t.equal(room.arm.calls.filter((call) => call === 'abort').length, 2)
  t.match(await endedTruly(t, room, id), { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
})

/** Asks for the cancellation in the middle of the call, while the tick waits for Azure. */
async function canceledDuring(scenario: Scenario, point: Point, nth: number) {
  const room = new JobHarness(database, scenario)
  const { id } = await room.accept()
  room.arm.at(point, nth, () => room.jobs.cancel(id, { by: 'tester' }))
  await room.run()
  return { room, id }
}

t.test('cancels a job that has not started immediately, without a write', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  const canceled = await room.jobs.cancel(id, { by: 'tester' })
  t.match(canceled, { status: 'Canceled', warnings: [], actions: { cancel: false } })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.ok(job.steps.every((each) => each.status === 'Canceled'))
  t.equal(room.arm.puts.length, 0)
})

async function stateOf(planId: string, now: Date) {
  const row = await planRow(database.kysely, planId)
  if (row === null) throw new Error('no plan')
  const { status, jobId } = planState(row, now, undefined)
  return { status, jobId }
}

t.test('frees the plan of a job that is canceled before it begins, until the plan expires', async (t) => {
  const room = new JobHarness(database)
  const plan = await room.plan()
  const notBefore = new Date(START.getTime() + 600_000).toISOString()
  const schedule = { notBefore, window: null, giveUpAt: null }
  const first = await room.accept(plan, { schedule })
  const stateAt = (now: Date) => stateOf(plan.id, now)
  t.strictSame(await stateAt(START), { status: 'executed', jobId: first.id })
  await t.rejects(room.accept(plan), { code: 'PLAN_ALREADY_EXECUTED', facts: { jobId: first.id } })
  await room.jobs.cancel(first.id, { by: 'tester' })
  t.strictSame(await stateAt(START), { status: 'applicable', jobId: null })
  t.strictSame(await stateAt(new Date(plan.expiresAt)), { status: 'expired', jobId: null })
  await t.rejects(room.accept(plan, { onlyOnce: true }), {
    code: 'PLAN_ALREADY_EXECUTED',
    facts: { jobId: first.id },
  })
  const second = await room.accept(plan)
  t.strictSame(await stateAt(START), { status: 'executed', jobId: second.id })
  await t.rejects(room.jobs.cancel(first.id, { by: 'tester' }), { code: 'JOB_ALREADY_FINISHED' })
  await room.run()
  t.match(await endedTruly(t, room, second.id), { status: 'Succeeded' })
  const { items } = await room.jobs.list({ planId: plan.id, limit: 10, cursor: null })
  t.strictSame(
    items.map(({ id, status }) => [id, status]),
    [
      [second.id, 'Succeeded'],
      [first.id, 'Canceled'],
    ],
  )
  t.match(await room.jobs.getOutcome(first.id), { stage: 'confirmed', job: { status: 'Canceled' } })
})

t.test(
  'accepts one job of a plan with onlyOnce, also after the job was canceled and the plan was closed',
  async (t) => {
    const room = new JobHarness(database)
    const plan = await room.plan()
    const other = await room.plan()
    const first = await room.accept(plan, { onlyOnce: true })
    await room.jobs.cancel(first.id, { by: 'tester' })
    const repeat = () => room.accept(plan, { onlyOnce: true })
    const rejection = { code: 'PLAN_ALREADY_EXECUTED', facts: { planId: plan.id, jobId: first.id } }
    await t.rejects(repeat(), rejection)
    for (const state of ['stale', 'discarded'] as const) {
      await database.kysely.updateTable('plans').set({ state }).where('id', '=', plan.id).execute()
      await t.rejects(repeat(), rejection, state)
    }
    const next = await room.accept(other, { onlyOnce: true })
    await room.jobs.cancel(next.id, { by: 'tester' })
    const again = await room.accept(other)
    await t.rejects(
      room.accept(other, { onlyOnce: true }),
      { ...rejection, facts: { jobId: again.id } },
      'the latest job',
    )
  },
)

t.test('keeps the plan of a job that is canceled after it began', async (t) => {
  const { room, id } = await canceledDuring('plain', 'read', 1)
  const { planId } = await endedTruly(t, room, id)
  t.strictSame(await stateOf(planId, START), { status: 'executed', jobId: id })
})

t.test('stops the job where it is when no write is in flight', async (t) => {
  for (const [point, nth] of [
    ['getCluster', 1],
    ['read', 1],
  ] as const) {
    const { room, id } = await canceledDuring('plain', point, nth)
    t.match(await endedTruly(t, room, id), { status: 'Canceled' }, point)
    t.equal(room.arm.puts.length, 0, point)
  }
})

t.test('completes the operation of a PUT that is in flight before canceling', async (t) => {
  for (const point of ['send', 'answer', 'pollOperation'] as const) {
    const { room, id } = await canceledDuring('plain', point, 1)
    const job = await endedTruly(t, room, id)
    t.match(job, { status: 'Canceled', error: null }, point)
    t.strictSame(
      job.steps.map((each) => each.status),
      ['Succeeded', 'Succeeded', 'Canceled', 'Canceled'],
      point,
    )
    t.match(
      job.warnings,
      [/“Change the outbound type .*It did not complete the step “Verify .*” or any later step/],
      point,
    )
    t.equal(switches(room.arm), 1, point)
    const types = (await room.jobs.log(id, 0, 100)).map((each) => each.type)
    t.ok(types.includes('writeAccepted'), `${point}: the answer is recorded`)
    t.notOk(types.includes('writeAdopted'), `${point}: and did not have to be guessed`)
  }
})

t.test("does not reconcile another process's PUT before its response when canceling", async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  room.arm.at('send', 1, async () => {
    await room.jobs.cancel(id, { by: 'tester' })
    const looks = room.arm.calls.length
    for (const { order } of room.queue.takeDue(room.clock)) await room.anotherProcess().run(order, false)
    t.equal(room.arm.calls.length, looks, 'nobody looks yet')
  })
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Canceled' })
  t.equal(switches(room.arm), 1)
})

t.test('cancels a job whose PUT is rejected or gets no response', async (t) => {
  for (const kind of ['conflict', 'transient'] as const) {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    room.arm.at('send', 1, async () => {
      await room.jobs.cancel(id, { by: 'tester' })
      throw new ArmFault({ kind, code: 'Tested', message: 'No.' })
    })
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Canceled' }, kind)
    t.equal(room.arm.puts.length, 0, kind)
  }
})

t.test('ends a wait immediately when canceled', async (t) => {
  const room = new JobHarness(database, 'ranges')
  const { id } = await room.accept()
  const isWaiting = async () => (await room.jobs.get(id)).currentStep === 'await-range-propagation'
  for (let ticks = 0; ticks < 50 && !(await isWaiting()); ticks++) await room.runOne()
  const before = room.clock.getTime()
  await room.jobs.cancel(id, { by: 'tester' })
  await room.run({ isEnough: () => room.queue.length === 0 })
  const job = await endedTruly(t, room, id)
  t.equal(job.status, 'Canceled')
  t.equal(new Date(job.timestamps.finishedAt ?? 0).getTime(), before, 'at once')
  t.match(job.warnings, [/did not revert its completed steps: “Add .* to the authorized IP ranges/])
})

t.test(
  'accepts a repeated cancellation, and rejects one after the end with JOB_ALREADY_FINISHED',
  async (t) => {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    room.arm.at('pollOperation', 1, async () => {
      const first = await room.jobs.cancel(id, { by: 'one' })
      room.advance(1_000)
      t.strictSame(await room.jobs.cancel(id, { by: 'other' }), first)
    })
    await room.run()
    await endedTruly(t, room, id)
    await t.rejects(room.jobs.cancel(id, { by: 'tester' }), { code: 'JOB_ALREADY_FINISHED' })
    await t.rejects(room.jobs.cancel('01990000-0000-7000-8000-ffffffffffff', { by: 'tester' }), {
      code: 'JOB_NOT_FOUND',
    })
  },
)

t.test('completes a job that is canceled during its last write', async (t) => {
  const { room, id } = await canceledDuring('late', 'send', 2)
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Succeeded', progress: { done: 5, total: 5 } })
})

const ORIGIN: Origin = {
  actor: { id: 'ann-id', kind: 'user', name: 'ann', appId: null },
  operation: 'test',
  address: null,
  userAgent: null,
  requestId: 'r-1',
}

/** Lets one version through, and keeps those that it was asked about. */
function only(wanted: string): { precondition: Precondition; asked: string[] } {
  const asked: string[] = []
  const precondition = (version: string) => {
    asked.push(version)
    if (version !== wanted) throw new Error('another version')
  }
  return { precondition, asked }
}

type Ask = (jobs: Jobs, id: string, precondition: Precondition) => Promise<unknown>
const ASKS: Record<'cancel' | 'release', Ask> = {
  cancel: (jobs, id, precondition) => jobs.cancel(id, { by: 'ann' }, { origin: ORIGIN, precondition }),
  release: (jobs, id, precondition) => jobs.release(id, { by: 'ann' }, { origin: ORIGIN, precondition }),
}

for (const engine of engines)
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const audit = createAudit({ database, now: () => new Date(), newId: () => uuidv7() })
    const rows = async (of: object) => (await audit.list({ limit: 10, cursor: null, ...of })).items.length

    for (const [name, ask] of Object.entries(ASKS)) {
      t.test(`${name} rejects a job that changes between the check and the effect`, async (t) => {
        const room = new JobHarness(database)
        const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
        const { version } = await room.jobs.getVersion(id)
        const late = { ...room.deps, database: withInterleavedWork(database, () => room.runOne()) }
        const { precondition, asked } = only(version)
        await t.rejects(ask(createJobs(late), id, precondition), { message: 'another version' })
        const now = await room.jobs.getVersion(id)
        t.not(now.version, version, 'it has moved on')
        t.strictSame(asked, [version, now.version], 'it was as read at the look, and not at the effect')
        const held = await untilHeld(room, id)
        t.match(held, { timestamps: { cancelRequestedAt: null }, hold: { releasedAt: null } })
        t.equal(await rows({ jobId: id }), 0, 'and nothing says that it was done')

        const { version: present } = await room.jobs.getVersion(id)
        await ask(room.jobs, id, only(present).precondition)
        t.equal(await rows({ jobId: id }), 1)
        if (name === 'release') await room.jobs.cancel(id, { by: 'ann' })
        await room.run()
      })

      t.test(`${name} succeeds when a worker only read the job meanwhile`, async () => {
        const room = new JobHarness(database)
        const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
        const job = await untilHeld(room, id)
        const { version } = await room.jobs.getVersion(id)
        const late = { ...room.deps, database: withInterleavedWork(database, () => room.runOne()) }
        const { precondition, asked } = only(version)
        await ask(createJobs(late), id, precondition)
        t.strictSame(asked, [version, version], 'a worker was faster, and had nothing to write')
        t.not((await room.jobs.get(id)).hold?.status, job.hold?.status)
        await room.run()
      })
    }

    t.test('does not execute a plan that changes between the check and the effect', async (t) => {
      const room = new JobHarness(database)
      const { id: planId } = await room.plan()
      const late = {
        ...room.deps,
        database: withInterleavedWork(database, () => closePlan(database.kysely, planId, 'discarded')),
      }
      const order = { planId, reason: null, by: 'ann' }
      const { acknowledgementsRequired: acknowledge } = await room.plan()
      const { precondition, asked } = only('applicable')
      const accepted = createJobs(late).accept({ ...order, acknowledge }, { origin: ORIGIN, precondition })
      await t.rejects(accepted, { message: 'another version' })
      t.strictSame(asked, ['applicable', 'discarded'])
      t.equal(await rows({ planId }), 0)
    })

    t.test('does not discard a plan that changes between the check and the effect', async (t) => {
      const room = new JobHarness(database)
      const { id: planId } = await room.plan()
      const others = () => closePlan(database.kysely, planId, 'stale')
      const { takeSnapshot, azure, now, newId } = room.deps
      const planning = createPlanning({
        database: withInterleavedWork(database, others),
        policy: ANY_POLICY,
        planTtlMinutes: 60,
        ...{ takeSnapshot, azure, now, newId },
      })
      const { precondition, asked } = only('applicable')
      await t.rejects(planning.discardPlan(planId, ORIGIN, precondition), { message: 'another version' })
      t.strictSame(asked, ['stale'], 'asked where the plan is locked, and only there')
      t.match(await planRow(database.kysely, planId), { state: 'stale' })
      t.equal(await rows({ planId }), 0)
      await planning.discardPlan(planId, ORIGIN, only('stale').precondition)
      t.equal(await rows({ planId }), 1)
    })
  })
