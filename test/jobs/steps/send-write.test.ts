import t from 'tap'
import { StaleRevisionError } from '../../../src/database/stores/job-store.ts'
import { loadJob, PlanCache, recordEvents } from '../../../src/jobs/event-log.ts'
import { abortOperation } from '../../../src/jobs/steps/follow-operation.ts'
import { stepContext } from '../../../src/jobs/steps/step-context.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import type { Point } from '../../support/fake-arm.ts'
import { endedTruly, JobHarness, rangesOf, type Scenario, switches } from '../support/job-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))

/** The PUTs of a whole job, by scenario. */
const PUTS: Record<Scenario, number> = { plain: 1, ranges: 2, late: 2 }
const POINTS: Point[] = ['getCluster', 'read', 'send', 'answer', 'pollOperation']

/** How often a healthy job passes each point. */
async function passages(scenario: Scenario): Promise<Record<Point, number>> {
  const room = new JobHarness(database, scenario)
  const made = await room.plan()
  const before = room.arm.calls.length
  await room.accept(made)
  const accepted = room.arm.calls.length
  await room.run()
  const calls = room.arm.calls.slice(accepted)
  t.ok(accepted > before)
  return Object.fromEntries(
    POINTS.map((point) => [point, calls.filter((call) => call === point).length]),
  ) as Record<Point, number>
}

async function crashed(room: JobHarness, point: Point, nth: number, isEmbedded: boolean): Promise<string> {
  const { id } = await room.accept()
  room.crashAt(point, nth, isEmbedded)
  await room.run()
  return id
}

for (const scenario of ['plain', 'ranges', 'late'] as const) {
  const times = await passages(scenario)
  for (const isEmbedded of [true, false]) {
    const where = isEmbedded ? 'a process that looks at every job' : 'another replica'
    t.test(`${scenario}: ${where} continues after a crash at each call`, async (t) => {
      for (const point of POINTS) {
        for (let nth = 1; nth <= times[point]; nth++) {
          const room = new JobHarness(database, scenario)
          const id = await crashed(room, point, nth, isEmbedded)
          const job = await endedTruly(t, room, id)
          const what = `${point} ${nth}`
          t.match(job, { status: 'Succeeded', error: null }, what)
          t.equal(switches(room.arm), 1, `${what}: one change of the outbound type`)
          t.equal(room.arm.puts.length, PUTS[scenario], `${what}: no PUT too many`)
          if (scenario !== 'plain') t.ok(rangesOf(room.arm.body).includes('203.0.113.0/24'), what)
        }
      }
    })
  }

  t.test(`${scenario}: completes with a new process after each tick`, async (t) => {
    const room = new JobHarness(database, scenario)
    const { id } = await room.accept()
    await room.run({ restarts: true })
    const job = await endedTruly(t, room, id)
    t.match(job, { status: 'Succeeded' })
    t.equal(room.arm.puts.length, PUTS[scenario])
  })
}

t.test('without an ETag from ARM, decides by the facts whether a write was lost', async (t) => {
  for (const point of ['send', 'answer'] as const) {
    const room = new JobHarness(database, 'ranges')
    room.arm.showsEtag = false
    const job = await endedTruly(t, room, await crashed(room, point, 2, true))
    t.match(job, { status: 'Succeeded' }, point)
    t.equal(switches(room.arm), 1, point)
  }
})

t.test('repeats a write without a trace only after a second read', async (t) => {
  const room = new JobHarness(database)
  const id = await crashed(room, 'send', 1, true)
  const log = await room.jobs.log(id, 0, 100)
  const types = log.filter((each) => each.step === 'change-outbound-type').map((each) => each.type)
  t.strictSame(types.slice(0, 5), [
    'stepStarted',
    'writeIntended',
    'writeNotSeen',
    'writeLost',
    'writeIntended',
  ])
  const at = (type: string) => new Date(log.find((each) => each.type === type)?.at ?? 0).getTime()
  t.ok(at('writeLost') - at('writeNotSeen') >= 5_000, 'with time between the looks')
})

t.test('adopts a write whose response was lost, and does not repeat it', async (t) => {
  const room = new JobHarness(database)
  const id = await crashed(room, 'answer', 1, true)
  const types = (await room.jobs.log(id, 0, 100)).map((each) => each.type)
  t.ok(types.includes('writeAdopted'))
  t.notOk(types.includes('writeLost'))
})

t.test('fails the job with ARM_OPERATION_FAILED when an adopted write fails', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'failed', error: { code: 'CreateVMSSAgentPoolFailed', message: 'No.' } })
  const job = await endedTruly(t, room, await crashed(room, 'answer', 1, true))
  t.match(job, { status: 'Failed', error: { code: 'ARM_OPERATION_FAILED', step: 'change-outbound-type' } })
  t.equal(room.arm.puts.length, 1)
})

t.test(
  'fails the job with PLAN_STALE when the cluster changed during a crash, without another write',
  async (t) => {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    room.crashAt('send', 1, true)
    await room.run({ isEnough: () => room.arm.calls.includes('send') })
    room.arm.foreignWrite((body) => {
      const { networkProfile } = body.properties as { networkProfile: { outboundType: string } }
      networkProfile.outboundType = 'none'
    })
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Failed', error: { code: 'PLAN_STALE' } })
    t.equal(room.arm.puts.length, 0)
  },
)

t.test('fails the job with ARM_UNAVAILABLE after five lost writes', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  for (let nth = 1; nth <= 5; nth++) room.arm.at('send', nth, () => Promise.reject(room.silence()))
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', error: { code: 'ARM_UNAVAILABLE' } })
  t.equal(room.arm.puts.length, 0)
})

/** Longer than the queue waits for a heartbeat. */
const MISSED_MS = 15_000

/** A worker that falls asleep with its intent recorded and its PUT not sent. `wake` lets it go on, and ends with it. */
async function fallenAsleep(room: JobHarness): Promise<{ id: string; wake: () => Promise<void> }> {
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

t.test(
  'a worker that wakes up after another worker took over sends nothing, with ETags and without',
  async (t) => {
    for (const showsEtag of [true, false]) {
      const room = new JobHarness(database)
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
  },
)

t.test('a worker that wakes up before its takeover starts its write again', async (t) => {
  const room = new JobHarness(database)
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

t.test('a worker that slept for less than 5 s sends its write', async (t) => {
  const room = new JobHarness(database)
  const { id, wake } = await fallenAsleep(room)
  room.advance(4_000)
  await wake()
  t.equal(room.arm.puts.length, 1)
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
})

t.test('does not send a late write when the wall clock was set back', async (t) => {
  let uptime = 0
  const room = new JobHarness(database, 'plain', { uptime: () => uptime })
  const { wake } = await fallenAsleep(room)
  room.advance(-60_000)
  uptime += 6_000
  await wake()
  t.equal(room.arm.puts.length, 0)
})

t.test('does not send a late abort, and repeats it while the operation is under way', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester', abort: true }))
  room.arm.at('abort', 1, () => room.advance(MISSED_MS))
  await room.run()
  const faulted = (await room.jobs.log(id, 0, 100)).find(({ type }) => type === 'faulted')
  t.match(faulted, { message: /SentTooLate/ })
  t.equal(room.arm.calls.filter((call) => call === 'abort').length, 2)
  t.match(await endedTruly(t, room, id), { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
})

t.test('does not abort for a job that another worker has continued', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester', abort: true }))
  await room.run({ isEnough: () => room.arm.calls.includes('pollOperation') })
  const stale = await loadJob(database.kysely, new PlanCache(), id)
  const step = stale?.plan.steps.find(({ key }) => key === 'change-outbound-type')
  if (stale === null || step === undefined) throw new Error('no such job')
  await recordEvents(room.deps, stale, [])
  await t.rejects(abortOperation(stepContext(room.deps, stale, { step })), StaleRevisionError)
  t.notOk(room.arm.calls.includes('abort'))
})
