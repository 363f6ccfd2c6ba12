import type { Test } from 'tap'
import t from 'tap'
import type { Database } from '../../src/database/engine/database.ts'
import { createJobs } from '../../src/jobs/commands/create-jobs.ts'
import { sweep } from '../../src/jobs/worker/worker.ts'
import { databaseEngines, openMigrated } from '../support/databases.ts'
import { untilHeld } from './support/fleet.ts'
import { endedTruly, JobHarness, rangesOf, START, switches } from './support/job-harness.ts'

const HOUR_MS = 3_600_000
const SWITCH = 'change-outbound-type'

async function held(database: Database, ...given: [('plain' | 'late')?, Partial<JobHarness['deps']>?]) {
  const room = new JobHarness(database, ...given)
  const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
  return { room, id, job: await untilHeld(room, id) }
}

async function typesOf(room: JobHarness, id: string): Promise<string[]> {
  return (await room.jobs.log(id, 0, 100)).map(({ type }) => type)
}

const times = (types: string[], wanted: string) => types.filter((type) => type === wanted).length

/** Lets another hour of looks go by, and holds that none of them asked Azure anything. */
async function looksOn(t: Test, room: JobHarness, hours: number): Promise<void> {
  const calls = room.arm.calls.length
  const end = room.clock.getTime() + hours * HOUR_MS
  let ticks = 0
  while (room.clock.getTime() < end && ticks < 100) {
    await room.runOne()
    ticks++
  }
  t.ok(ticks <= hours + 2, `${ticks} ticks in ${hours} hours`)
  t.equal(room.arm.calls.length, calls, 'Azure is asked nothing meanwhile')
}

for (const engine of await databaseEngines()) {
  t.test(`hold before the cutover, on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))

    t.test('holds the job before the step that moves traffic until it is released', async (t) => {
      const { room, id, job } = await held(database)
      t.match(job, {
        status: 'Running',
        currentStep: null,
        progress: { done: 1, total: 4 },
        hold: { status: 'Held', step: SWITCH, releasedAt: null, releasedBy: null },
        actions: { cancel: true, release: true, rollbackPlan: false, cleanUpPlan: false },
      })
      t.equal(job.hold?.heldSince, room.clock.toISOString())
      await looksOn(t, room, 48)
      t.equal(room.arm.puts.length, 0)
      t.strictSame(await room.jobs.get(id), job, 'and nothing about it has changed')
      t.equal(times(await typesOf(room, id), 'held'), 1)
      const { nextTickAt } = await database.kysely
        .selectFrom('jobs')
        .select('next_tick_at as nextTickAt')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      t.ok(nextTickAt !== null && nextTickAt > room.clock, 'no tick is overdue')
      const ordered = room.queue.length
      await sweep(room.deps, new Date(room.clock.getTime() - 30_000))
      t.equal(room.queue.length, ordered, 'so it is not taken for one whose tick got lost')
      // Or processes of other rooms on this database would look at it for ever.
      await room.jobs.cancel(id, { by: 'tester' })
    })

    t.test('reads the cluster again and continues immediately after the release', async (t) => {
      const { room, id } = await held(database)
      await looksOn(t, room, 3)
      const at = room.clock.toISOString()
      const released = await room.jobs.release(id, { by: 'second person', reason: 'all told' })
      t.match(released, {
        status: 'Running',
        hold: { status: 'Released', releasedAt: at, releasedBy: 'second person' },
        actions: { release: false },
      })
      const looks = room.arm.calls.length
      await room.runOne()
      t.equal(room.clock.toISOString(), at, 'no hour goes by')
      t.ok(room.arm.calls.slice(looks).includes('listNetwork'), 'the network too is read afresh')
      t.equal(room.arm.puts.length, 0, 'before anything is written')
      await room.run()
      const job = await endedTruly(t, room, id)
      t.match(job, { status: 'Succeeded', hold: { status: 'Released' }, actions: { release: false } })
      t.equal(switches(room.arm), 1)
      const types = (await typesOf(room, id)).filter((type) =>
        ['held', 'released', 'rechecked', 'writeIntended'].includes(type),
      )
      t.strictSame(types, ['held', 'released', 'rechecked', 'writeIntended'])
    })

    t.test('does not stop a job that is released before its hold', async (t) => {
      const room = new JobHarness(database)
      const { id, hold, actions } = await room.accept(undefined, { holdBeforeCutOver: true })
      t.match(hold, { status: 'Ahead', step: SWITCH, heldSince: null })
      t.equal(actions.release, false, 'a button would be pressed too early')
      await room.jobs.release(id, { by: 'tester' })
      await room.run()
      const job = await endedTruly(t, room, id)
      t.match(job, { status: 'Succeeded', hold: { status: 'Released', heldSince: null } })
      t.equal(new Date(job.timestamps.finishedAt ?? 0) < new Date(START.getTime() + HOUR_MS), true)
      const types = await typesOf(room, id)
      t.equal(times(types, 'held') + times(types, 'rechecked'), 0)
    })

    t.test('accepts a release during a call to Azure without stopping or fencing the job', async (t) => {
      const room = new JobHarness(database)
      const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
      room.arm.at('getCluster', 1, () => room.jobs.release(id, { by: 'tester' }))
      await room.run()
      t.match(await endedTruly(t, room, id), { status: 'Succeeded', hold: { heldSince: null } })
      t.equal(switches(room.arm), 1)
    })

    t.test('fails the released job with PLAN_STALE when the cluster changed, without a write', async (t) => {
      const { room, id } = await held(database, 'late')
      room.arm.foreignWrite((body) => {
        ;(body.properties as Record<string, unknown>).apiServerAccessProfile = {
          authorizedIPRanges: ['192.0.2.0/24'],
        }
      })
      await room.jobs.release(id, { by: 'tester' })
      await room.run()
      const job = await endedTruly(t, room, id)
      t.match(job, {
        status: 'Failed',
        error: { code: 'PLAN_STALE', step: SWITCH, message: /cluster\.authorizedIPRanges/ },
        actions: { release: false, cleanUpPlan: true },
      })
      t.equal(room.arm.puts.length, 0)
      t.notOk(room.arm.calls.includes('read'), 'not even the write was begun')
      t.strictSame(rangesOf(room.arm.body), ['192.0.2.0/24'])
    })

    t.test('fails the released job immediately when the cluster was stopped during the hold', async (t) => {
      const { room, id } = await held(database)
      room.arm.foreignWrite((body) => {
        ;(body.properties as Record<string, unknown>).powerState = { code: 'Stopped' }
      })
      await room.jobs.release(id, { by: 'tester' })
      await room.run()
      t.match(await endedTruly(t, room, id), {
        status: 'Failed',
        error: { code: 'PLAN_STALE', message: /cluster\.powerState/ },
      })
      t.equal(room.arm.puts.length, 0, 'and does not switch the cluster when somebody starts it')
    })

    t.test("continues when only the cluster's ETag changed during the hold", async (t) => {
      const { room, id } = await held(database)
      room.arm.foreignWrite(() => {})
      await room.jobs.release(id, { by: 'tester' })
      await room.run()
      t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
    })

    t.test('retries a failed read after the release', async (t) => {
      const { room, id } = await held(database)
      await room.jobs.release(id, { by: 'tester' })
      for (const nth of [1, 2]) room.arm.at('getCluster', nth, () => Promise.reject(room.silence()))
      await room.run()
      t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
      const types = await typesOf(room, id)
      t.equal(times(types, 'faulted'), 2)
      t.equal(times(types, 'rechecked'), 1)
      t.equal(switches(room.arm), 1)
    })

    t.test('keeps the hold across restarts, and releases it from another process', async (t) => {
      const room = new JobHarness(database)
      const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
      for (let ticks = 0; ticks < 6; ticks++) {
        await room.runOne()
        await room.restart()
      }
      t.match(await room.jobs.get(id), { status: 'Running', hold: { status: 'Held' } })
      t.equal(times(await typesOf(room, id), 'held'), 1)
      t.equal(room.arm.puts.length, 0)
      await createJobs(room.deps).release(id, { by: 'tester' })
      await room.run({ restarts: true })
      t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
      t.equal(switches(room.arm), 1)
    })

    t.test('repeats the read after the release when the process dies during it', async (t) => {
      for (const isEmbedded of [true, false]) {
        const { room, id } = await held(database)
        await room.jobs.release(id, { by: 'tester' })
        room.crashAt('getCluster', 1, isEmbedded)
        await room.run()
        t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
        t.equal(switches(room.arm), 1)
      }
    })

    t.test('cancels a held job immediately', async (t) => {
      const { room, id, job: before } = await held(database)
      await looksOn(t, room, 1)
      const calls = room.arm.calls.length
      t.match(await room.jobs.cancel(id, { by: 'tester' }), {
        status: 'Canceled',
        hold: { status: 'Ended', heldSince: before.hold?.heldSince },
        actions: { cancel: false, release: false, cleanUpPlan: true },
      })
      await room.run()
      const job = await endedTruly(t, room, id)
      t.strictSame(
        job.steps.map(({ status }) => status),
        ['Succeeded', 'Canceled', 'Canceled', 'Canceled'],
      )
      t.equal(room.arm.calls.length, calls)
    })

    t.test('keeps the cluster locked during the hold, and names the job that holds the lock', async (t) => {
      const room = new JobHarness(database)
      const [first, second] = [await room.plan(), await room.plan()]
      const { id } = await room.accept(first, { holdBeforeCutOver: true })
      await untilHeld(room, id)
      await t.rejects(room.accept(second), { code: 'CLUSTER_LOCKED', facts: { holderJobId: id } })
      await room.jobs.cancel(id, { by: 'tester' })
      t.match(await room.accept(second), { status: 'NotStarted', hold: null })
    })

    t.test('records one of many simultaneous releases', async (t) => {
      const { room, id } = await held(database)
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => room.jobs.release(id, { by: `caller ${index}` })),
      )
      const by = answers[0]?.hold?.releasedBy
      for (const each of answers) t.match(each.hold, { status: 'Released', releasedBy: by })
      t.equal(times(await typesOf(room, id), 'released'), 1)
      await room.run()
      t.match(await endedTruly(t, room, id), { status: 'Succeeded', hold: { releasedBy: by } })
    })

    t.test(
      'rejects the release of a job without a hold, of an ended job and of an unknown job',
      async (t) => {
        const plain = new JobHarness(database)
        const { id, actions } = await plain.accept()
        t.equal(actions.release, false)
        await t.rejects(plain.jobs.release(id, { by: 'tester' }), {
          code: 'JOB_NOT_HELD',
          facts: { reason: /created without a hold/ },
        })
        const { room, id: begun } = await held(database)
        await room.jobs.release(begun, { by: 'tester' })
        room.arm.at('answer', 1, async () => {
          const before = await room.jobs.get(begun)
          t.match(before, { hold: { status: 'Released' }, actions: { release: false } })
          t.strictSame(
            await room.jobs.release(begun, { by: 'tester' }),
            before,
            'twice is no error, and adds nothing',
          )
        })
        await room.run()
        await endedTruly(t, room, begun)
        await t.rejects(room.jobs.release(begun, { by: 'tester' }), { code: 'JOB_ALREADY_FINISHED' })
        await t.rejects(room.jobs.release('01990000-0000-7000-8000-ffffffffffff', { by: 'tester' }), {
          code: 'JOB_NOT_FOUND',
        })
      },
    )

    t.test('rejects a hold with HOLD_NOT_POSSIBLE where no step moves traffic', async (t) => {
      const room = new JobHarness(database, 'ranges')
      const made = await room.plan()
      t.equal(made.cutOver.step, null)
      await t.rejects(room.accept(made, { holdBeforeCutOver: true }), {
        code: 'HOLD_NOT_POSSIBLE',
        facts: { reason: made.cutOver.because },
        pointers: ['/holdBeforeCutOver'],
      })
      t.match(await room.accept(made, { holdBeforeCutOver: false }), { status: 'NotStarted', hold: null })
    })

    t.test('does not write after an internal error at the hold', async (t) => {
      let isBroken = true
      const { room, id } = await held(database, 'plain', {
        webhooks: {
          check: async () => {},
          add: async () => {},
          async publish(_trx, _cluster, { events }) {
            if (!isBroken || !events.some(({ type }) => type === 'held')) return
            isBroken = false
            throw new Error('broken')
          },
        },
      })
      t.notOk(isBroken, 'it was in the way')
      await looksOn(t, room, 5)
      t.equal(room.arm.puts.length, 0)
      t.match(await room.jobs.get(id), { hold: { status: 'Held' }, actions: { release: true } })
      await room.jobs.release(id, { by: 'tester' })
      await room.run()
      t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
      t.equal(switches(room.arm), 1)
    })

    t.test('does not apply giveUpAt to a held job', async (t) => {
      const room = new JobHarness(database)
      const giveUpAt = new Date(START.getTime() + HOUR_MS).toISOString()
      const { id } = await room.accept(undefined, {
        holdBeforeCutOver: true,
        schedule: { notBefore: null, window: null, giveUpAt },
      })
      await untilHeld(room, id)
      await looksOn(t, room, 5)
      await room.jobs.release(id, { by: 'tester' })
      await room.run()
      t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
    })
  })
}
