import t from 'tap'
import { openEmptyDatabase } from '../support/empty-database.ts'
import { migrated } from '../support/postgres.ts'
import { unsettled } from './support/gate.ts'
import { endedTruly, Room, switches } from './support/room.ts'

const database = await migrated(openEmptyDatabase(t))

t.test('ticks that are delivered twice, late, or to several workers write once', async (t) => {
  const room = new Room(database, 'ranges')
  const { id } = await room.accept()
  const others = [room.anotherProcess(), room.anotherProcess()]
  await room.run({
    beside: (order) => others.flatMap((ticks) => [ticks.run(order, false), ticks.run(order, true)]),
  })
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
  t.equal(room.arm.puts.length, 2)
  t.equal(switches(room.arm), 1)
})

t.test('a tick of a former revision asks Azure nothing, in the middle and at the end', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept()
  const former = async (most: number) => {
    const calls = room.arm.calls.length
    for (const isRedelivery of [false, true])
      for (let revision = 0; revision < most; revision++)
        await room.anotherProcess().run({ version: 1, jobId: id, revision }, isRedelivery)
    t.equal(room.arm.calls.length, calls)
  }
  await room.run({ isEnough: () => room.arm.calls.includes('pollOperation') })
  room.advance(60_000)
  await former(4)
  await room.run()
  await former(5)
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
})

t.test('a tick of a job that does not exist does nothing', async (t) => {
  const room = new Room(database)
  const jobId = '01990000-0000-7000-8000-ffffffffffff'
  await t.resolves(room.anotherProcess().run({ version: 1, jobId, revision: 1 }, false))
})

t.test('a settling look waits for the PUT that this process is still sending', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept()
  const gate = Promise.withResolvers<void>()
  const sending = Promise.withResolvers<void>()
  room.arm.at('send', 1, () => {
    sending.resolve()
    return gate.promise
  })
  await room.runOne()
  const put = room.runOne()
  await sending.promise
  const looks = room.arm.calls.filter((call) => call === 'getCluster').length
  const look = room.ticks.run({ version: 1, jobId: id, revision: 1 }, true)
  t.ok(await unsettled(look), 'it is held back')
  t.equal(room.arm.calls.filter((call) => call === 'getCluster').length, looks)
  gate.resolve()
  await Promise.all([put, look])
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
  t.equal(room.arm.puts.length, 1)
})

t.test('progress never goes back, and a look at the job is always a whole one', async (t) => {
  const room = new Room(database, 'late')
  const { id } = await room.accept()
  const seen: number[] = []
  for (let ticks = 0; room.queue.length > 0 && ticks < 100; ticks++) {
    await room.runOne()
    const { progress, steps } = await room.jobs.get(id)
    t.ok(steps.filter((each) => each.status === 'Running').length <= 1)
    seen.push(progress.done)
  }
  t.strictSame(
    seen,
    [...seen].sort((a, b) => a - b),
  )
  await endedTruly(t, room, id)
})
