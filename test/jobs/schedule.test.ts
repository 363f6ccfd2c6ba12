import t from 'tap'
import { Refusal } from '../../src/core/refusal.ts'
import { openEmptyDatabase } from '../support/empty-database.ts'
import { migrated } from '../support/postgres.ts'
import { endedTruly, Room, START, switches } from './support/room.ts'

const database = await migrated(openEmptyDatabase(t))

const after = (hours: number) => new Date(START.getTime() + hours * 3_600_000).toISOString()
const none = { notBefore: null, window: null, giveUpAt: null }

t.test('a job asks Azure nothing before its time, and then looks afresh', async (t) => {
  const room = new Room(database)
  const made = await room.plan()
  const accepted = await room.accept(made, { schedule: { ...none, notBefore: after(5) } })
  t.match(accepted, { status: 'NotStarted', schedule: { notBefore: after(5) } })
  const calls = room.arm.calls.length
  room.arm.at('getCluster', 1, () =>
    t.ok(room.clock >= new Date(after(5)), 'the first call comes at its time'),
  )
  await room.run()
  t.ok(room.arm.isSpent)
  t.ok(room.arm.calls.length > calls)
  t.match(await endedTruly(t, room, accepted.id), { status: 'Succeeded' })
})

t.test('what has changed while it waited makes it stale, and nothing is written', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept(await room.plan(), { schedule: { ...none, notBefore: after(5) } })
  room.arm.foreignWrite((body) => {
    ;(body.properties as Record<string, unknown>).apiServerAccessProfile = {
      authorizedIPRanges: ['192.0.2.0/24'],
    }
  })
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', error: { code: 'PLAN_STALE' } })
  t.equal(room.arm.puts.length, 0)
})

t.test('a job that was held up past its time is given up without a write', async (t) => {
  let clock = START
  const room = new Room(database, 'plain', { now: () => clock })
  const { id } = await room.accept(await room.plan(), { schedule: { ...none, giveUpAt: after(1) } })
  clock = new Date(after(2))
  await room.run()
  t.match(await endedTruly(t, room, id), {
    status: 'Failed',
    error: { code: 'NOT_STARTED_IN_TIME', step: null },
  })
  t.equal(room.arm.puts.length, 0)
})

t.test('one that has begun is not given up any more', async (t) => {
  const room = new Room(database, 'ranges')
  const { id } = await room.accept(await room.plan(), {
    schedule: { ...none, giveUpAt: new Date(START.getTime() + 60_000).toISOString() },
  })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Succeeded' })
  t.ok(job.timestamps.finishedAt !== null && job.timestamps.finishedAt > after(0))
  t.equal(switches(room.arm), 1)
})

t.test('times that leave no moment to begin are refused', async (t) => {
  const room = new Room(database)
  const made = await room.plan()
  const rows = [
    [{ ...none, giveUpAt: after(-1) }, 'giveUpAt has passed', '/giveUpAt'],
    [{ ...none, notBefore: after(24 * 40) }, 'notBefore lies more than 31 days ahead', '/notBefore'],
    [{ ...none, notBefore: after(3), giveUpAt: after(2) }, /which is after giveUpAt/, '/giveUpAt'],
  ] as const
  for (const [schedule, reason, pointer] of rows) {
    const refusal = await room.accept(made, { schedule }).then(
      () => null,
      (error: unknown) => error as Refusal,
    )
    t.type(refusal, Refusal)
    t.match(refusal, { code: 'SCHEDULE_IMPOSSIBLE', facts: { reason }, pointers: [pointer] })
  }
  t.equal(room.arm.puts.length, 0)
})
