import t from 'tap'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { TickRunner } from '../../../src/jobs/worker/worker.ts'
import { createLogger } from '../../../src/telemetry/logger.ts'
import { databaseEngines, openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { GATEWAY_ADDRESS, NEW_ADDRESS } from '../../support/fake-cluster.ts'
import { unsettled } from '../support/hand-queue.ts'
import { endedTruly, JobHarness, rangesOf, type Scenario, switches } from '../support/job-harness.ts'

const STEPS: Record<Scenario, string[]> = {
  plain: ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'],
  ranges: [
    'check-freshness',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
  ],
  late: [
    'check-freshness',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
    'authorize-discovered-ips',
  ],
}

const database = await openMigrated(openEmptyDatabase(t))

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    for (const [scenario, steps] of Object.entries(STEPS) as [Scenario, string[]][]) {
      t.test(
        `${scenario}: executes each step once and in order, and reports what it read back`,
        async (t) => {
          const room = new JobHarness(database, scenario)
          const accepted = await room.accept()
          t.match(accepted, { status: 'NotStarted', actions: { cancel: true, rollbackPlan: false } })
          await room.run()
          const job = await endedTruly(t, room, accepted.id)
          t.match(job, { status: 'Succeeded', error: null, warnings: [], currentStep: null })
          t.strictSame(
            job.steps.map(({ key, status, attempts }) => ({ key, status, attempts })),
            steps.map((key) => ({ key, status: 'Succeeded', attempts: 1 })),
          )
          t.strictSame(job.progress, { done: steps.length, total: steps.length })
          t.equal(switches(room.arm), 1)
          const address = scenario === 'ranges' ? GATEWAY_ADDRESS : NEW_ADDRESS
          t.match(job.result, { egressIps: [{ address }] })
          if (scenario !== 'plain')
            t.strictSame(rangesOf(room.arm.body), ['203.0.113.0/24', `${address}/32`], 'merged, nothing lost')
        },
      )
    }
    t.test(
      'widens the authorized IP ranges and waits for 2 min before the outbound type changes',
      async (t) => {
        const room = new JobHarness(database, 'ranges')
        const { id } = await room.accept()
        await room.run()
        const job = await room.jobs.get(id)
        const step = (key: string) => job.steps.find((each) => each.key === key)
        const widened = new Date(step('widen-authorized-ranges')?.finishedAt ?? 0)
        const changed = new Date(step('change-outbound-type')?.startedAt ?? 0)
        t.ok(changed.getTime() - widened.getTime() >= 120_000, 'two minutes at least')
        t.strictSame(
          room.arm.puts.map(({ changes }) => changes[0]?.path.split('/').at(-1)),
          ['authorizedIPRanges', 'outboundType'],
        )
      },
    )
  })
}

/** A room whose lines are kept as they are written. */
function loggingRoom(): { room: JobHarness; lines: string[] } {
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', stream: { write: (line) => lines.push(line) } })
  return { room: new JobHarness(database, 'plain', { logger }), lines }
}

const fault = (kind: 'transient' | 'refused') =>
  new ArmFault({ kind, code: 'Tested', message: 'Azure says no.', requestId: 'request-9' })

/** The line with this message, as its reader sees it. */
function line(lines: string[], message: string): Record<string, unknown> {
  const all = lines.map((each) => JSON.parse(each) as Record<string, unknown>)
  const found = all.find(({ msg }) => msg === message)
  if (found === undefined) throw new Error(`no line says: ${message}`)
  return found
}

t.test("logs Azure's request ID as armRequestId in each line that has it", async (t) => {
  const { room, lines } = loggingRoom()
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('getCluster', 1, () => Promise.reject(fault('transient')))
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, { by: 'tester', abort: true }))
  await room.run()
  t.match(line(lines, 'request failed; retrying'), { code: 'Tested', armRequestId: 'request-9' })
  t.match(line(lines, 'Azure accepted the request'), { armRequestId: 'request-1' })
  t.match(line(lines, 'asked Azure to abort the operation'), { armRequestId: 'request-2' })

  const failing = loggingRoom()
  await failing.room.accept()
  failing.room.arm.at('send', 1, () => Promise.reject(fault('refused')))
  await failing.room.run()
  const failed = line(failing.lines, 'job failed')
  t.strictSame(failed.arm, { code: 'Tested', message: 'Azure says no.' })
  t.equal(failed.armRequestId, 'request-9')

  createLogger({ level: 'info', stream: { write: (each) => lines.push(each) } }).error(
    { err: new Error('outer', { cause: fault('refused') }) },
    'a fault as it is',
  )
  t.match(line(lines, 'a fault as it is'), { err: { cause: { armRequestId: 'request-9' } } })
  for (const each of [...lines, ...failing.lines]) t.notMatch(each, /"requestId"/)
})

t.test('writes once when ticks are delivered twice, late, or to several workers', async (t) => {
  const room = new JobHarness(database, 'ranges')
  const { id } = await room.accept()
  const others = [room.anotherProcess(), room.anotherProcess()]
  await room.run({
    beside: (order) => others.flatMap((ticks) => [ticks.run(order, false), ticks.run(order, true)]),
  })
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
  t.equal(room.arm.puts.length, 2)
  t.equal(switches(room.arm), 1)
})

t.test('does not call Azure for a tick of a former revision', async (t) => {
  const room = new JobHarness(database)
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

t.test('ignores a tick of a job that does not exist', async (t) => {
  const room = new JobHarness(database)
  const jobId = '01990000-0000-7000-8000-ffffffffffff'
  await t.resolves(room.anotherProcess().run({ version: 1, jobId, revision: 1 }, false))
})

t.test('reconciles a PUT only after this process has finished sending it', async (t) => {
  const room = new JobHarness(database)
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

t.test('never decreases progress, and always shows a complete job', async (t) => {
  const room = new JobHarness(database, 'late')
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

t.test('jobs of a subscription in which Azure is slow do not occupy every worker', async (t) => {
  const rooms = Array.from({ length: 5 }, () => new JobHarness(database))
  const [room] = rooms
  if (room === undefined) throw new Error('no room')
  const jobs = await Promise.all(rooms.map((each) => each.accept()))
  const slow = Promise.withResolvers<never>()
  let uptime = 0
  let reads = 0
  const ticks = new TickRunner({
    ...room.deps,
    uptime: () => uptime,
    takeSnapshot() {
      reads++
      return slow.promise
    },
  })
  const run = (jobId = '') => ticks.run({ version: 1, jobId, revision: 1 }, false)
  const [last, ...first] = jobs
  const running = first.map(({ id }) => run(id))
  while (reads < 4) await new Promise(setImmediate)
  uptime = 2_001
  await run(last?.id)
  t.equal(reads, 4, 'the fifth is postponed')
  const row = await database.kysely
    .selectFrom('jobs')
    .select(['revision', 'log_length', 'next_tick_at'])
    .where('id', '=', last?.id ?? '')
    .executeTakeFirst()
  t.match(row, { revision: 2, log_length: 1, next_tick_at: new Date(room.clock.getTime() + 5_000) })
  slow.reject(new ArmFault({ kind: 'transient', code: 'Tested', message: 'slow' }))
  await Promise.all(running)
  await ticks.run({ version: 1, jobId: last?.id ?? '', revision: 2 }, false)
  t.equal(reads, 5, 'and runs when the others have ended')
})
