import { sql } from 'kysely'
import t from 'tap'
import { keepClock } from '../../../src/database/clock/keep-clock.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const START_MS = Date.parse('2026-09-01T00:00:00Z')
const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

/** A machine whose processes end and start again, while a test sets its clock. */
class Machine {
  wall = START_MS
  uptime = 5_000
  boot = 1
  readonly #database: Database
  #stop = async () => {}

  constructor(database: Database) {
    this.#database = database
  }

  /** Starts a process; returns its clock and what records the time, as it does every 15 s. */
  async start() {
    await this.#stop()
    const clocks = { wall: () => this.wall, uptime: () => this.uptime, boot: `boot-${this.boot}` }
    const { clock, mark, stop } = await keepClock(this.#database, QUIET, clocks)
    this.#stop = stop
    return { clock, mark }
  }

  pass(ms: number): void {
    this.wall += ms
    this.uptime += ms
  }

  set(ms: number): void {
    this.wall += ms
  }

  reboot(): void {
    this.boot++
    this.uptime = 0
  }

  async end(): Promise<void> {
    await this.#stop()
  }
}

/** The embedded database, without a mark of an earlier process. */
async function newMachine(database: Database): Promise<Machine> {
  await database.kysely.deleteFrom('service_clock').execute()
  return new Machine(database)
}

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))

    if (database.engine === 'embedded') {
      t.test('a jump that a process has seen is known after a restart', async (t) => {
        for (const jumpMs of [HOUR_MS, -HOUR_MS, 24 * HOUR_MS]) {
          const machine = await newMachine(database)
          const first = await machine.start()
          const since = first.clock.now().toISOString()
          machine.pass(MINUTE_MS)
          machine.set(jumpMs)
          await first.mark()
          machine.pass(MINUTE_MS)
          const { clock } = await machine.start()
          t.equal(clock.elapsedSince(since), 2 * MINUTE_MS, `${jumpMs} ms`)
          t.equal(clock.jumpedSince(since), jumpMs)
          t.equal(clock.wasSetBackWithin(5 * MINUTE_MS), jumpMs < 0)
          await machine.end()
        }
      })

      t.test('a jump between two processes is found by the monotonic clock of the machine', async (t) => {
        for (const jumpMs of [HOUR_MS, -HOUR_MS]) {
          const machine = await newMachine(database)
          const since = (await machine.start()).clock.now().toISOString()
          machine.pass(10 * MINUTE_MS)
          machine.set(jumpMs)
          const { clock } = await machine.start()
          t.equal(clock.elapsedSince(since), 10 * MINUTE_MS, `${jumpMs} ms`)
          t.equal(clock.isSettled(), false)
          machine.pass(MINUTE_MS)
          t.equal(clock.isSettled(), true)
          await machine.end()
        }
      })

      t.test('a restart without a jump changes no time limit', async (t) => {
        const machine = await newMachine(database)
        const since = (await machine.start()).clock.now().toISOString()
        machine.pass(2 * HOUR_MS)
        const { clock } = await machine.start()
        t.equal(clock.elapsedSince(since), 2 * HOUR_MS)
        t.equal(clock.isSettled(), true)
        await machine.end()
      })

      t.test('after a restart of the machine, the time in which no process ran does not count', async (t) => {
        for (const absentMs of [24 * HOUR_MS, -HOUR_MS]) {
          const machine = await newMachine(database)
          const { clock: former, mark } = await machine.start()
          const since = former.now().toISOString()
          machine.pass(MINUTE_MS)
          await mark()
          machine.set(absentMs)
          machine.reboot()
          const { clock } = await machine.start()
          machine.pass(MINUTE_MS)
          t.equal(clock.elapsedSince(since), 2 * MINUTE_MS, `${absentMs} ms`)
          await machine.end()
        }
      })
      return
    }

    t.test('the clock of the database decides, however the clocks of the machines are set', async (t) => {
      const one = await newMachine(database)
      const other = new Machine(database)
      other.set(-HOUR_MS)
      const [first, second] = [await one.start(), await other.start()]
      const since = first.clock.now().toISOString()
      const differenceMs = first.clock.now().getTime() - second.clock.now().getTime()
      t.ok(Math.abs(differenceMs) < MINUTE_MS, `${differenceMs} ms`)
      one.set(HOUR_MS)
      await first.mark()
      t.equal(first.clock.jumpedSince(since), 0)
      const restarted = await one.start()
      t.ok(restarted.clock.elapsedSince(since) < MINUTE_MS)
      t.strictSame(restarted.clock.jumps(), [])
      await one.end()
      await other.end()
    })

    t.test('a jump of the clock of the database is found after a restart, by one process only', async (t) => {
      for (const jumpMs of [HOUR_MS, -HOUR_MS]) {
        const machine = await newMachine(database)
        await machine.start()
        const { rows } = await sql<{ marked_at: Date }>`update service_clock
          set marked_at = marked_at - make_interval(secs => ${jumpMs / 1_000}) returning marked_at`.execute(
          database.kysely,
        )
        const since = rows[0]?.marked_at.toISOString() ?? ''
        const { clock } = await machine.start()
        t.ok(clock.elapsedSince(since) < MINUTE_MS, `${jumpMs} ms`)
        t.equal(clock.isSettled(), false)
        const other = new Machine(database)
        const { clock: second } = await other.start()
        t.equal(second.jumps().length, 1)
        t.ok(second.elapsedSince(since) < MINUTE_MS)
        await machine.end()
        await other.end()
      }
    })

    t.test('two processes that see the same jump record it once', async (t) => {
      const [one, other] = [await newMachine(database), new Machine(database)]
      const [first, second] = [await one.start(), await other.start()]
      for (const { clock } of [first, second]) clock.follow(clock.now().getTime() - HOUR_MS, clock.uptime())
      await first.mark()
      await second.mark()
      // Set back for both, and then forward again by the true time of the database.
      t.equal((await one.start()).clock.jumps().length, 2)
      await one.end()
      await other.end()
    })
  })
}
