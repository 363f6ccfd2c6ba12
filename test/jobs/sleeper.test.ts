import t from 'tap'
import { Fenced } from '../../src/database/job-store.ts'
import { loadJob, PlanCache } from '../../src/jobs/load-job.ts'
import { record } from '../../src/jobs/record.ts'
import { abortOperation } from '../../src/jobs/steps/abort-operation.ts'
import { openEmptyDatabase } from '../support/empty-database.ts'
import { migrated } from '../support/postgres.ts'
import { endedTruly, Room, switches } from './support/room.ts'

const database = await migrated(openEmptyDatabase(t))

/** Longer than the queue waits for a heartbeat. */
const MISSED_MS = 15_000

/** A worker that falls asleep with its intent recorded and its PUT not sent. `wake` lets it go on, and ends with it. */
async function fallenAsleep(room: Room): Promise<{ id: string; wake: () => Promise<void> }> {
  const { id } = await room.accept()
  const asleep = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  room.arm.at('send', 1, () => {
    asleep.resolve()
    return gate.promise
  })
  await room.runOne()
  const tick = room.runOne()
  await asleep.promise
  return {
    id,
    wake: () => {
      gate.resolve()
      return tick
    },
  }
}

t.test('a worker that wakes up when another has gone on sends nothing, with ETags and without', async (t) => {
  for (const showsEtag of [true, false]) {
    const room = new Room(database)
    room.arm.showsEtag = showsEtag
    const { id, wake } = await fallenAsleep(room)
    room.advance(MISSED_MS)
    room.queue.redeliver({ version: 1, jobId: id, revision: 1 }, room.clock)
    await room.restart(false)
    await room.run()
    // The cluster is at rest again: without an ETag Azure itself would take the PUT now.
    const before = await room.jobs.log(id, 0, 100)
    await wake()
    t.strictSame(await room.jobs.log(id, 0, 100), before, 'it records nothing')
    const job = await endedTruly(t, room, id)
    t.match(job, { status: 'Succeeded', error: null })
    const types = (await room.jobs.log(id, 0, 100)).map(({ type }) => type)
    t.ok(types.includes('writeLost'), 'the other one had settled that nothing was sent')
    t.equal(room.arm.calls.filter((call) => call === 'send').length, 2, 'and both were about to send')
    t.equal(room.arm.puts.length, 1)
    t.equal(switches(room.arm), 1)
  }
})

t.test('one that wakes up before anybody has missed it begins its write anew', async (t) => {
  const room = new Room(database)
  const { id, wake } = await fallenAsleep(room)
  room.advance(6_000)
  await wake()
  t.equal(room.arm.puts.length, 0)
  const refused = (await room.jobs.log(id, 0, 100)).find(({ type }) => type === 'writeRefused')
  t.match(refused, { message: /SentTooLate/ })
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
  t.equal(room.arm.puts.length, 1)
})

t.test('one that has slept for a moment only sends what it was about to', async (t) => {
  const room = new Room(database)
  const { id, wake } = await fallenAsleep(room)
  room.advance(4_000)
  await wake()
  t.equal(room.arm.puts.length, 1)
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
})

t.test('a clock on the wall that is set back meanwhile deceives nobody', async (t) => {
  let uptime = 0
  const room = new Room(database, 'plain', { uptime: () => uptime })
  const { wake } = await fallenAsleep(room)
  room.advance(-60_000)
  uptime += 6_000
  await wake()
  t.equal(room.arm.puts.length, 0)
})

t.test(
  'an abort that was slept over is not asked for, and anew when there is still something to abort',
  async (t) => {
    const room = new Room(database)
    room.arm.endings.push({ status: 'never' })
    const { id } = await room.accept()
    room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester', true))
    room.arm.at('abort', 1, () => room.advance(MISSED_MS))
    await room.run()
    const faulted = (await room.jobs.log(id, 0, 100)).find(({ type }) => type === 'faulted')
    t.match(faulted, { message: /SentTooLate/ })
    t.equal(room.arm.calls.filter((call) => call === 'abort').length, 2)
    t.match(await endedTruly(t, room, id), { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
  },
)

t.test('whoever was asleep since before it loaded the job aborts nothing that came after', async (t) => {
  const room = new Room(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester', true))
  await room.run({ isEnough: () => room.arm.calls.includes('pollOperation') })
  const stale = await loadJob(database.kysely, new PlanCache(), id)
  const step = stale?.plan.steps.find(({ key }) => key === 'change-outbound-type')
  if (stale === null || step === undefined) throw new Error('no such job')
  await record(room.deps, stale, [])
  await t.rejects(abortOperation(room.deps, stale, step), Fenced)
  t.notOk(room.arm.calls.includes('abort'))
})
