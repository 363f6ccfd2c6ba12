import t from 'tap'
import { ArmFault, type ArmFaultKind } from '../../../src/azure/errors/arm-fault.ts'
import type { Job, JobErrorCode } from '../../../src/contract/job.ts'
import { sweep } from '../../../src/jobs/worker/worker.ts'
import { ClockWatch, SetBackDetector } from '../../../src/lib/clock-watch.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import type { FakeArm, Point } from '../../support/fake-arm.ts'
import { endedTruly, JobHarness, rangesOf, type Scenario, switches } from '../support/job-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))

const fault = (kind: ArmFaultKind, given: { code?: string; retryAfterMs?: number } = {}) =>
  new ArmFault({ kind, code: 'Tested', message: `Azure says ${kind}.`, requestId: 'request-9', ...given })

function strike(arm: FakeArm, point: Point, nth: number, error: unknown): void {
  arm.at(point, nth, () => Promise.reject(error))
}

const PASSING: ArmFaultKind[] = [
  'throttled',
  'transient',
  'unknown',
  'conflict',
  'precondition-failed',
  'unauthenticated',
]
const LASTING: [ArmFaultKind, JobErrorCode][] = [
  ['denied', 'ARM_ACCESS_DENIED'],
  ['not-found', 'CLUSTER_GONE'],
  ['refused', 'ARM_REFUSED'],
]
const POINTS: Point[] = ['getCluster', 'read', 'send', 'pollOperation']

for (const point of POINTS) {
  for (const kind of PASSING) {
    t.test(`retries after ${kind} at ${point}, and writes once`, async (t) => {
      const room = new JobHarness(database)
      const { id } = await room.accept()
      strike(room.arm, point, 1, fault(kind))
      await room.run()
      const job = await endedTruly(t, room, id)
      t.match(job, { status: 'Succeeded', error: null })
      t.equal(room.arm.puts.length, 1)
    })
  }
  for (const [kind, code] of LASTING) {
    // An operation that Azure no longer knows is looked for on the cluster itself.
    if (point === 'pollOperation' && kind === 'not-found') continue
    t.test(`fails the job with ${code} and Azure's error after ${kind} at ${point}`, async (t) => {
      const room = new JobHarness(database)
      const { id } = await room.accept()
      strike(room.arm, point, 1, fault(kind))
      await room.run()
      const job = await endedTruly(t, room, id)
      t.match(job, {
        status: 'Failed',
        error: { code, arm: { code: 'Tested', message: `Azure says ${kind}.`, requestId: 'request-9' } },
      })
      t.ok(job.error?.remedy)
      t.equal(room.arm.puts.length, point === 'pollOperation' ? 1 : 0)
    })
  }
}

t.test(
  'a rejected cutover is reported as no change, and an unanswered one as a possible change',
  async (t) => {
    const cutover = ({ steps }: Job) => steps.find(({ key }) => key === 'change-outbound-type')
    const outcomeAfter = async (point: Point, ...kinds: ArmFaultKind[]) => {
      const room = new JobHarness(database)
      const { id } = await room.accept()
      kinds.forEach((kind, index) => {
        strike(room.arm, point, index + 1, fault(kind))
      })
      await room.run()
      return room.jobs.getOutcome(id)
    }
    // 429, 409 and 412 prove as much as the final rejection.
    const rejections: ArmFaultKind[][] = [
      ['refused'],
      ['denied'],
      ['throttled', 'conflict', 'precondition-failed', 'refused'],
    ]
    for (const kinds of rejections) {
      const { job, stage, hasMoved } = await outcomeAfter('send', ...kinds)
      t.match({ stage, hasMoved }, { stage: 'confirmed', hasMoved: false }, kinds.join())
      t.match(cutover(job), { status: 'Failed', mayHaveChanged: false }, kinds.join())
      t.equal(job.actions.rollbackPlan, false)
    }
    const { job, stage } = await outcomeAfter('pollOperation', 'refused')
    t.equal(stage, 'unconfirmed')
    t.match(cutover(job), { status: 'Failed', mayHaveChanged: true })
    t.match(job.error, {
      code: 'ARM_REFUSED',
      message:
        /^Azure accepted the change, or may have accepted it, but rejected the request for its result\./,
      remedy: /Check the provisioning state of the cluster/,
    })
  },
)

t.test('retries exactly after Retry-After, and never before', async (t) => {
  for (const point of POINTS) {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    let struckAt = 0
    room.arm.at(point, 1, () => {
      struckAt = room.clock.getTime()
      throw fault('throttled', { retryAfterMs: 37_000 })
    })
    const asked: number[] = []
    const again = point === 'send' ? 'read' : point
    await room.run({ isEnough: () => struckAt > 0 })
    room.arm.at(again, 1, () => asked.push(room.clock.getTime()))
    await room.run()
    t.strictSame(asked, [struckAt + 37_000], point)
    await endedTruly(t, room, id)
  }
})

t.test('fails the job with ARM_UNAVAILABLE when Azure throttles for more than an hour', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  strike(room.arm, 'read', 1, fault('throttled', { retryAfterMs: 3_700_000 }))
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', error: { code: 'ARM_UNAVAILABLE' } })
})

t.test(
  'retries 5xx errors with exponential backoff, and fails the job with ARM_UNAVAILABLE within 15 min',
  async (t) => {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    const at: number[] = []
    for (let nth = 1; nth <= 200; nth++)
      room.arm.at('getCluster', nth, () => {
        at.push(room.clock.getTime())
        throw fault('transient')
      })
    await room.run()
    t.match(await room.jobs.get(id), { status: 'Failed', error: { code: 'ARM_UNAVAILABLE' } })
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    t.strictSame(waits.slice(0, 4), [750, 1_500, 3_000, 6_000])
    t.ok((at.at(-1) ?? 0) - (at[0] ?? 0) <= 15 * 60_000)
    t.ok(waits.length < 30, 'and not in a tight loop')
  },
)

t.test('does not count errors an hour apart as consecutive when Azure responded in between', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  strike(room.arm, 'pollOperation', 2, fault('transient'))
  strike(room.arm, 'pollOperation', 150, fault('transient'))
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { error: { code: 'OPERATION_TIMED_OUT' } }, 'not ARM_UNAVAILABLE at the second one')
})

t.test('fails the job with OPERATION_TIMED_OUT when an operation never ends', async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  await room.run()
  t.match(await endedTruly(t, room, id), {
    status: 'Failed',
    error: { code: 'OPERATION_TIMED_OUT', step: 'change-outbound-type' },
    actions: { rollbackPlan: true },
  })
})

t.test(
  "fails the job with Azure's error after a failed operation, and keeps the former and new authorized IP ranges",
  async (t) => {
    const room = new JobHarness(database, 'ranges')
    const words = { code: 'PublicIPAddressCannotBeDeleted', message: 'The address is in use.' }
    room.arm.endings.push({ status: 'succeeded' }, { status: 'failed', error: words })
    const { id } = await room.accept()
    await room.run()
    const job = await endedTruly(t, room, id)
    t.match(job, { status: 'Failed', error: { code: 'ARM_OPERATION_FAILED', arm: words } })
    t.strictSame(rangesOf(room.arm.body), ['203.0.113.0/24', '20.9.0.1/32'])
    t.strictSame(
      job.steps.slice(3).map((each) => each.status),
      ['Failed', 'Skipped', 'Skipped'],
    )
    t.equal(room.arm.puts.length, 2, 'nothing is written into a failed cluster')
  },
)

t.test("fails the job with Azure's error when another caller cancels the operation", async (t) => {
  const room = new JobHarness(database)
  room.arm.endings.push({ status: 'canceled', error: { code: 'Aborted', message: 'Stopped by a user.' } })
  const { id } = await room.accept()
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', error: { arm: { code: 'Aborted' } } })
})

t.test('only warns of an error beside a success when the cluster shows the target', async (t) => {
  const room = new JobHarness(database)
  const error = { code: 'NotLatestOperation', message: 'Another operation is newer.' }
  room.arm.endings.push({ status: 'succeeded', error })
  const { id } = await room.accept()
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Succeeded', warnings: [/NotLatestOperation/] })
})

t.test(
  'fails the job with TARGET_NOT_REACHED when the cluster does not show a reported success',
  async (t) => {
    for (const error of [undefined, { code: 'NotLatestOperation', message: 'Another operation is newer.' }]) {
      const room = new JobHarness(database)
      room.arm.endings.push({ status: 'ignored', ...(error === undefined ? {} : { error }) })
      const { id } = await room.accept()
      await room.run()
      const job = await endedTruly(t, room, id)
      t.match(job, { status: 'Failed', error: { code: 'TARGET_NOT_REACHED' }, result: null })
      t.equal(room.arm.puts.length, 1)
    }
  },
)

t.test('watches the cluster when Azure no longer knows the operation', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  strike(room.arm, 'pollOperation', 1, fault('not-found'))
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
  t.equal(switches(room.arm), 1)
})

t.test('reconciles a PUT without a response by reading, whether or not Azure accepted it', async (t) => {
  for (const point of ['send', 'answer'] as const) {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    strike(room.arm, point, 1, fault('transient'))
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Succeeded' }, point)
    t.equal(switches(room.arm), 1, point)
  }
})

t.test(
  'retries after a concurrent write when the plan still holds, and fails with PLAN_STALE otherwise',
  async (t) => {
    const harmless = new JobHarness(database)
    const first = await harmless.accept()
    harmless.arm.at('send', 1, () => harmless.arm.foreignWrite((body) => (body.tags = { owner: 'somebody' })))
    await harmless.run()
    t.match(await endedTruly(t, harmless, first.id), { status: 'Succeeded' })
    t.match(harmless.arm.body, { tags: { owner: 'somebody' } }, 'what the other wrote stays')
    t.equal(harmless.arm.puts.length, 1)

    const harmful = new JobHarness(database, 'ranges')
    const second = await harmful.accept()
    harmful.arm.at('send', 1, () =>
      harmful.arm.foreignWrite((body) => {
        const { apiServerAccessProfile } = body.properties as { apiServerAccessProfile: object }
        Object.assign(apiServerAccessProfile, { authorizedIPRanges: ['198.51.100.0/24'] })
      }),
    )
    await harmful.run()
    const job = await endedTruly(t, harmful, second.id)
    t.match(job, { status: 'Failed', error: { code: 'PLAN_STALE', message: /cluster.authorizedIPRanges/ } })
    t.equal(harmful.arm.puts.length, 0)
  },
)

t.test('waits for a busy cluster, and fails the job with CLUSTER_BUSY after the limit', async (t) => {
  const patient = new JobHarness(database)
  const { id } = await patient.accept()
  const setState = (state: string) => (body: object) =>
    Object.assign((body as { properties: object }).properties, { provisioningState: state })
  patient.arm.at('read', 1, () => patient.arm.foreignWrite(setState('Upgrading')))
  patient.arm.at('read', 4, () => patient.arm.foreignWrite(setState('Succeeded')))
  await patient.run()
  t.match(await endedTruly(t, patient, id), { status: 'Succeeded' })

  const stuck = new JobHarness(database)
  const accepted = await stuck.accept()
  stuck.arm.at('read', 1, () => stuck.arm.foreignWrite(setState('Upgrading')))
  await stuck.run()
  t.match(await endedTruly(t, stuck, accepted.id), { error: { code: 'CLUSTER_BUSY' } })
  t.equal(stuck.arm.puts.length, 0)
})

t.test('does not treat a failed list request as a change of the network', async (t) => {
  for (const kind of ['throttled', 'transient'] as const) {
    const room = new JobHarness(database)
    const { id } = await room.accept()
    strike(room.arm, 'listNetwork', 1, fault(kind))
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Succeeded', error: null }, kind)
  }
  const room = new JobHarness(database)
  const made = await room.plan()
  strike(room.arm, 'listNetwork', 1, fault('transient'))
  await t.rejects(room.accept(made), { code: 'AZURE_UNREACHABLE' })
  const { id } = await room.accept(made)
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' }, 'and the plan is not taken for outdated')
})

t.test('skips a step without a PUT when the cluster shows the change already', async (t) => {
  const room = new JobHarness(database, 'late')
  const { id } = await room.accept()
  // If another client adds the new address between the switch and the last step, the job does not write it.
  room.arm.at('read', 2, () =>
    room.arm.foreignWrite((body) => {
      const { apiServerAccessProfile } = body.properties as { apiServerAccessProfile: object }
      Object.assign(apiServerAccessProfile, { authorizedIPRanges: ['203.0.113.0/24', '20.3.0.0/16'] })
    }),
  )
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Succeeded', progress: { done: 5, total: 5 } })
  t.match(job.steps.at(-1), { key: 'authorize-discovered-ips', status: 'Skipped', attempts: 0 })
  t.equal(room.arm.puts.length, 1)
})

t.test(
  'retries after an internal error, and fails the job with INTERNAL without internal details when it persists',
  async (t) => {
    const passing = new JobHarness(database)
    const first = await passing.accept()
    strike(passing.arm, 'read', 1, new TypeError('secret is undefined'))
    await passing.run()
    t.match(await endedTruly(t, passing, first.id), { status: 'Succeeded' })

    const lasting = new JobHarness(database)
    const second = await lasting.accept()
    for (let nth = 1; nth <= 100; nth++)
      lasting.arm.at('read', nth, () => Promise.reject(new TypeError('secret is undefined')))
    await lasting.run()
    const job = await lasting.jobs.get(second.id)
    t.match(job, { status: 'Failed', error: { code: 'INTERNAL', arm: null, step: 'change-outbound-type' } })
    t.notMatch(JSON.stringify([job, await lasting.jobs.log(second.id, 0, 500)]), 'secret')
  },
)

/**
 * Runs a job with a clock that is set once, before a tick; time passes as the ticks are ordered. `restarts`: the process
 * then ends, and the next process knows of the jump only what was stored.
 */
async function runWithJump(
  jumpMs: number,
  beforeTick: number,
  scenario: Scenario,
  { pollFaults = 0, restarts = false } = {},
) {
  let wall = Date.parse('2026-09-01T00:00:00Z')
  let uptime = 0
  const startWatch = () =>
    new ClockWatch(
      () => wall,
      () => uptime,
    )
  let watch = startWatch()
  const room = new JobHarness(database, scenario, {
    now: () => watch.now(),
    uptime: () => watch.uptime(),
    elapsedSince: (time) => watch.elapsedSince(time),
    isClockSettled: () => watch.isSettled(),
  })
  const { id } = await room.accept()
  for (let nth = 1; nth <= pollFaults; nth++) strike(room.arm, 'pollOperation', nth, fault('transient'))
  const setBack = new SetBackDetector(room.deps)
  let job = await room.jobs.get(id)
  for (let ticks = 0; job.timestamps.finishedAt === null; ticks++) {
    if (ticks === beforeTick) {
      wall += jumpMs
      // As the workers do every 15 s.
      if (setBack.check()) await sweep(room.deps, null)
      if (restarts) {
        const jumps = watch.jumps()
        watch = startWatch()
        watch.restore(jumps, jumps.length > 0)
        await room.restart()
      }
    }
    const next = room.queue.take()
    if (next === null) throw new Error('no tick is ordered')
    const waitMs = Math.max(0, next.at.getTime() - wall)
    wall += waitMs
    uptime += waitMs
    await room.ticks.run(next.order, next.isRedelivery)
    job = await room.jobs.get(id)
  }
  return { job, uptime }
}

t.test('a clock that is set forward or back delays a job by less than a minute', async (t) => {
  for (const scenario of ['plain', 'ranges'] as const) {
    const undisturbed = await runWithJump(0, 0, scenario)
    for (const jumpMs of [3_600_000, -3_600_000, 86_400_000])
      for (const beforeTick of [1, 3, 5, 7, 9]) {
        for (const restarts of [false, true]) {
          const { job, uptime } = await runWithJump(jumpMs, beforeTick, scenario, { restarts })
          const name = `${scenario}: ${jumpMs} ms before tick ${beforeTick}${restarts ? ', then a restart' : ''}`
          t.match(job, { status: 'Succeeded', error: null }, name)
          t.ok(uptime < undisturbed.uptime + 60_000, `${name}: ${uptime} ms`)
          // The wait for the propagation of the authorized IP ranges protects the nodes: no jump shortens it.
          if (scenario === 'ranges') t.ok(uptime >= 120_000, `${name}: ${uptime} ms`)
        }
      }
  }
})

t.test('a clock that is set forward past a time limit fails no job', async (t) => {
  for (const beforeTick of [4, 5, 6])
    for (const restarts of [false, true]) {
      const { job } = await runWithJump(86_400_000, beforeTick, 'plain', { pollFaults: 4, restarts })
      t.match(job, { status: 'Succeeded', error: null })
    }
})
