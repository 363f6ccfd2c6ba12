import { sql } from 'kysely'
import t from 'tap'
import type { Queue, TickOrder } from '../../../src/jobs/deps.ts'
import { startQueue } from '../../../src/jobs/queue/queue.ts'
import { startWorkers, sweep } from '../../../src/jobs/worker/worker.ts'
import { databaseEngines, openMigrated } from '../../support/databases.ts'
import { fleetDeps } from '../support/fleet.ts'
import { endedTruly, JobHarness } from '../support/job-harness.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
const order = (revision: number): TickOrder => ({
  version: 1,
  jobId: '01990000-0000-7000-8000-00000000000a',
  revision,
})

/** Collects what is delivered and resolves when enough has come. */
function collector(wanted: number) {
  const got: { order: TickOrder; isRedelivery: boolean; at: number }[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const take = (tick: TickOrder, isRedelivery: boolean) => {
    got.push({ order: tick, isRedelivery, at: performance.now() })
    if (got.length === wanted) resolve()
  }
  return { got, all: promise, take }
}

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const started = () => startQueue(database, QUIET)
    const send = (queue: Queue, tick: TickOrder, at: Date | null = null) =>
      database.kysely.transaction().execute((trx) => queue.order(trx, tick, at))

    t.test('delivers ticks of committed transactions, and none of rolled back ones', async (t) => {
      const queue = await started()
      const { got, all, take } = collector(2)
      await queue.work(async (tick, isRedelivery) => take(tick, isRedelivery))
      await t.rejects(
        database.kysely.transaction().execute(async (trx) => {
          await queue.order(trx, order(1), null)
          throw new Error('rolled back')
        }),
      )
      await send(queue, order(2))
      await send(queue, order(3), new Date(Date.now() + 300))
      await all
      t.strictSame(
        got.map((each) => each.order.revision),
        [2, 3],
      )
      await queue.stop()
    })

    t.test('redelivers a failed tick, and no other tick of its batch', async (t) => {
      const queue = await started()
      for (let revision = 1; revision <= 6; revision++) await send(queue, order(revision))
      const { got, all, take } = collector(7)
      await queue.work(async (tick, isRedelivery) => {
        take(tick, isRedelivery)
        if (tick.revision === 3 && !isRedelivery) throw new Error('once')
      })
      await all
      t.strictSame(
        got.slice(0, 6).map((each) => each.isRedelivery),
        [false, false, false, false, false, false],
      )
      t.match(got[6], { order: { revision: 3 }, isRedelivery: true })
      await queue.stop()
    })

    t.test('starts a job within milliseconds', async (t) => {
      const queue = await started()
      const waits: number[] = []
      let arrived = Promise.withResolvers<number>()
      await queue.work(async () => arrived.resolve(performance.now()))
      for (let n = 0; n < 20; n++) {
        arrived = Promise.withResolvers<number>()
        await send(queue, order(n))
        const committed = performance.now()
        waits.push((await arrived.promise) - committed)
      }
      waits.sort((a, b) => a - b)
      t.comment(`from commit to tick: p50 ${waits[9]?.toFixed(1)} ms, most ${waits[19]?.toFixed(1)} ms`)
      t.ok((waits[9] ?? 1_000) < 250, 'well below the interval of polling')
      await queue.stop()
    })

    t.test('delivers other ticks while slow ticks occupy every worker', async (t) => {
      const queue = await started()
      const slow = Promise.withResolvers<void>()
      const fast = Promise.withResolvers<void>()
      let begun = 0
      // As many as eight workers take at a time.
      for (let revision = 1; revision <= 64; revision++) await send(queue, order(revision))
      await queue.work(({ revision }) => {
        if (revision > 64) return Promise.resolve(fast.resolve())
        if (++begun === 64) void send(queue, order(65))
        return slow.promise
      })
      await fast.promise
      slow.resolve()
      await queue.rest()
      t.equal(begun, 64, 'no tick was delivered twice')
      await queue.stop()
    })

    t.test('finds and executes a job whose tick was lost', async (t) => {
      const queue = await started()
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      const info = (_facts: object, message: string) => {
        if (message === 'job ended') resolve()
      }
      const room = new JobHarness(database, 'plain', {
        queue,
        now: () => new Date(),
        logger: { ...QUIET, info },
      })
      const { id } = await room.accept()
      await sql`delete from queue.job`.execute(database.kysely)
      const workers = await startWorkers(room.deps)
      // With several processes, only a late job is searched for; here the search starts immediately.
      if (database.engine === 'server') await sweep(room.deps, null)
      await ended
      t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
      await workers.stop()
      await queue.stop()
    })

    t.test('completes many simultaneous jobs on pg-boss', async (t) => {
      const queue = await started()
      const now = () => new Date()
      const rooms = Array.from({ length: 10 }, () => new JobHarness(database, 'plain', { queue, now }))
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      let count = 0
      const info = (_facts: object, message: string) => {
        if (message === 'job ended' && ++count === rooms.length) resolve()
      }
      const workers = await startWorkers({ ...fleetDeps(rooms), logger: { ...QUIET, info } })
      const ids = await Promise.all(rooms.map(async (room) => (await room.accept()).id))
      await ended
      for (const [index, room] of rooms.entries()) {
        t.match(await endedTruly(t, room, ids[index] ?? ''), { status: 'Succeeded' })
        t.equal(room.arm.puts.length, 1)
      }
      await workers.stop()
      await queue.stop()
    })
  })
}
