import t from 'tap'
import { ArmFault } from '../../src/azure/arm-fault.ts'
import { openEmptyDatabase } from '../support/empty-database.ts'
import type { Point } from '../support/fake-arm.ts'
import { migrated } from '../support/postgres.ts'
import { endedTruly, Room, type Scenario, switches } from './support/room.ts'

const database = await migrated(openEmptyDatabase(t))

/** Asks for the cancellation in the middle of the call, while the tick waits for Azure. */
async function canceledDuring(scenario: Scenario, point: Point, nth: number) {
  const room = new Room(database, scenario)
  const { id } = await room.accept()
  room.arm.at(point, nth, () => room.jobs.cancel(id, 'tester'))
  await room.run()
  return { room, id }
}

t.test('a job that has not begun ends at once, with no write at all', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept()
  const canceled = await room.jobs.cancel(id, 'tester')
  t.match(canceled, { status: 'Canceled', warnings: [], actions: { cancel: false } })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.ok(job.steps.every((each) => each.status === 'Canceled'))
  t.equal(room.arm.puts.length, 0)
})

t.test('a cancellation while nothing is written stops the job there', async (t) => {
  for (const [point, nth] of [
    ['getCluster', 1],
    ['read', 1],
  ] as const) {
    const { room, id } = await canceledDuring('plain', point, nth)
    t.match(await endedTruly(t, room, id), { status: 'Canceled' }, point)
    t.equal(room.arm.puts.length, 0, point)
  }
})

t.test('one while the PUT is under way lets its operation end first, and loses nothing', async (t) => {
  for (const point of ['send', 'answer', 'pollOperation'] as const) {
    const { room, id } = await canceledDuring('plain', point, 1)
    const job = await endedTruly(t, room, id)
    t.match(job, { status: 'Canceled', error: null }, point)
    t.strictSame(
      job.steps.map((each) => each.status),
      ['Succeeded', 'Succeeded', 'Canceled', 'Canceled'],
      point,
    )
    t.match(job.warnings, [/change-outbound-type.*not done: verify, discover-egress-ips/], point)
    t.equal(switches(room.arm), 1, point)
    const types = (await room.jobs.log(id, 0, 100)).map((each) => each.type)
    t.ok(types.includes('writeAccepted'), `${point}: the answer is recorded`)
    t.notOk(types.includes('writeAdopted'), `${point}: and did not have to be guessed`)
  }
})

t.test('one during the PUT of another process does not judge the PUT before its answer', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept()
  room.arm.at('send', 1, async () => {
    await room.jobs.cancel(id, 'tester')
    const looks = room.arm.calls.length
    for (const { order } of room.queue.takeDue(room.clock)) await room.anotherProcess().run(order, false)
    t.equal(room.arm.calls.length, looks, 'nobody looks yet')
  })
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Canceled' })
  t.equal(switches(room.arm), 1)
})

t.test('one during a PUT that Azure refuses, or does not answer, ends as canceled too', async (t) => {
  for (const kind of ['conflict', 'transient'] as const) {
    const room = new Room(database)
    const { id } = await room.accept()
    room.arm.at('send', 1, async () => {
      await room.jobs.cancel(id, 'tester')
      throw new ArmFault({ kind, code: 'Tested', message: 'No.' })
    })
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Canceled' }, kind)
    t.equal(room.arm.puts.length, 0, kind)
  }
})

t.test('one during a wait ends the wait', async (t) => {
  const room = new Room(database, 'ranges')
  const { id } = await room.accept()
  const isWaiting = async () => (await room.jobs.get(id)).currentStep === 'await-range-propagation'
  for (let ticks = 0; ticks < 50 && !(await isWaiting()); ticks++) await room.runOne()
  const before = room.clock.getTime()
  await room.jobs.cancel(id, 'tester')
  await room.run({ isEnough: () => room.queue.length === 0 })
  const job = await endedTruly(t, room, id)
  t.equal(job.status, 'Canceled')
  t.equal(new Date(job.timestamps.finishedAt ?? 0).getTime(), before, 'at once')
  t.match(job.warnings, [/widen-authorized-ranges/])
})

t.test('asking twice is no error; asking after the end is refused', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, async () => {
    const first = await room.jobs.cancel(id, 'one')
    room.advance(1_000)
    t.strictSame(await room.jobs.cancel(id, 'other'), first)
  })
  await room.run()
  await endedTruly(t, room, id)
  await t.rejects(room.jobs.cancel(id, 'tester'), { code: 'JOB_ALREADY_FINISHED' })
  await t.rejects(room.jobs.cancel('01990000-0000-7000-8000-ffffffffffff', 'tester'), {
    code: 'JOB_NOT_FOUND',
  })
})

t.test('one during the last write, after which nothing is left to do, stops nothing', async (t) => {
  const { room, id } = await canceledDuring('late', 'send', 2)
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Succeeded', progress: { done: 5, total: 5 } })
})
