import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import type { Logger } from '../../core/lib/logger.ts'
import { ClockWatch, type Jump } from '../../lib/clock-watch.ts'
import type { Database, Queries } from '../engine/database.ts'

/** The clocks of this machine. Times in milliseconds. */
export interface MachineClocks {
  wall: () => number
  /** Monotonic, and the same for all processes until the machine restarts. */
  uptime: () => number
  /** Identifies the present run of the machine; null where it is unknown. */
  boot: string | null
}

/** How often a process records the time. */
const MARK_MS = 15_000
/** After this time without a mark, no process ran: the clock may have jumped meanwhile. */
const ABSENT_MS = 4 * MARK_MS
/** Smaller differences are not jumps. */
const MIN_JUMP_MS = 2_000
const MAX_JUMPS = 100

interface Mark {
  time: number
  boot: string | null
  uptime: number | null
  jumps: Jump[]
}

/**
 * The clock of the service. On a server, all processes follow the clock of the database. So no clock of a machine decides
 * anything, and the processes agree. The jumps of the clock, and the time at which a process last ran, are stored: a
 * restart does not forget them.
 *
 * Time limits and waits do not count the time in which no process ran, unless the machine knows how long it was: that time
 * cannot be distinguished from a jump.
 */
export async function keepClock(
  database: Database,
  logger: Logger,
  machine?: MachineClocks,
): Promise<{ clock: ClockWatch; mark(): Promise<void>; stop(): Promise<void> }> {
  const clocks = machine ?? (await clocksOfMachine())
  const clock = new ClockWatch(clocks.wall, clocks.uptime)
  await restore(database, clock, clocks)
  const mark = () =>
    database.kysely.transaction().execute(async (trx) => {
      const former = await lockMark(trx)
      await follow(database, trx, clock)
      const jumps = clock.jumps()
      const news = jumps.filter((jump) => !former?.jumps.some((known) => isSame(known, jump)))
      for (const { before, after } of news)
        logger.warn({ seconds: Math.round((after - before) / 1_000) }, 'the clock has jumped')
      await saveMark(trx, clock, clocks, [...(former?.jumps ?? []), ...news])
    })
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = mark().catch((error: unknown) => logger.debug({ err: error }, 'time not recorded'))
  }, MARK_MS)
  timer.unref()
  return {
    clock,
    mark,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

/** Finds what the clock did since the last mark of any process. */
async function restore(database: Database, clock: ClockWatch, clocks: MachineClocks): Promise<void> {
  await database.kysely.transaction().execute(async (trx) => {
    const mark = await lockMark(trx)
    await follow(database, trx, clock)
    const now = clock.now().getTime()
    const before = mark === null ? null : jumpOrigin(mark, now, database.engine, clocks)
    const found = before === null ? [] : [{ before, after: now }]
    const jumps = [...(mark?.jumps ?? []), ...found]
    clock.restore(jumps, found.length > 0)
    await saveMark(trx, clock, clocks, jumps)
  })
}

/** The time that the clock should show, or the last time that is certain; null if the present time is as expected. */
function jumpOrigin(
  { time, boot, uptime }: Mark,
  now: number,
  engine: Database['engine'],
  clocks: MachineClocks,
): number | null {
  if (engine === 'embedded' && boot !== null && boot === clocks.boot && uptime !== null) {
    const expected = time + clocks.uptime() - uptime
    return Math.abs(now - expected) < MIN_JUMP_MS ? null : expected
  }
  const passed = now - time
  return passed > -MIN_JUMP_MS && passed < ABSENT_MS ? null : time
}

/** Reads the clock of the database, on a server. The embedded engine has the clock of this machine. */
async function follow(database: Database, trx: Queries, clock: ClockWatch): Promise<void> {
  if (database.engine === 'embedded') return
  const sentAt = clock.uptime()
  const { rows } = await sql<{ time: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`.execute(trx)
  const [row] = rows
  if (row !== undefined) clock.follow(row.time, (sentAt + clock.uptime()) / 2)
}

/** The mark, locked until the end of the transaction; null before the first. */
async function lockMark(trx: Queries): Promise<Mark | null> {
  const row = await trx.selectFrom('service_clock').selectAll().forUpdate().executeTakeFirst()
  if (row === undefined) return null
  const { marked_at: at, boot, uptime_ms: uptime, jumps } = row
  return { time: at.getTime(), boot, uptime, jumps: JSON.parse(jumps) as Jump[] }
}

async function saveMark(
  trx: Queries,
  clock: ClockWatch,
  { boot, uptime }: MachineClocks,
  jumps: readonly Jump[],
): Promise<void> {
  const values = {
    marked_at: clock.now(),
    boot,
    uptime_ms: uptime(),
    jumps: JSON.stringify(jumps.slice(-MAX_JUMPS)),
  }
  await trx
    .insertInto('service_clock')
    .values({ id: 1, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

/** Whether two processes have found the same jump of one clock: within the time between two marks, by the same amount. */
function isSame(a: Jump, b: Jump): boolean {
  const size = ({ before, after }: Jump) => after - before
  return Math.abs(a.before - b.before) <= ABSENT_MS && Math.abs(size(a) - size(b)) < MIN_JUMP_MS
}

async function clocksOfMachine(): Promise<MachineClocks> {
  return {
    wall: Date.now,
    // Unlike `performance.now`, it does not begin with the process.
    uptime: () => Number(process.hrtime.bigint()) / 1e6,
    boot: await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
      (id) => id.trim(),
      () => null,
    ),
  }
}
