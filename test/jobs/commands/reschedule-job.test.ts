import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { DAYS_OF_WEEK, type MaintenanceConfiguration } from '../../../src/contract/maintenance.ts'
import type { RequestedWindow } from '../../../src/contract/schedule.ts'
import { createPlanning } from '../../../src/planning/create-planning.ts'
import type { TakeSnapshot } from '../../../src/planning/snapshot/take-snapshot.ts'
import { ANY_POLICY } from '../../support/a-plan.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { endedTruly, JobHarness, START } from '../support/job-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))

const inHours = (hours: number) => new Date(START.getTime() + hours * 3_600_000).toISOString()
const SATURDAYS: RequestedWindow = {
  daysOfWeek: ['Saturday'],
  startTime: '22:00',
  timeZone: 'Europe/Berlin',
  durationHours: 4,
}

t.test('changes when a job begins until it begins, member by member', async (t) => {
  const room = new JobHarness(database)
  const { id, beginsAt } = await room.accept(await room.plan(), {
    schedule: { notBefore: inHours(6), giveUpAt: inHours(300) },
  })
  t.equal(beginsAt, inHours(6))
  // 22:00 in Berlin on 2026-09-05.
  const windowed = await room.jobs.reschedule(id, { by: 'tester', window: SATURDAYS, reason: 'CHG-2' })
  t.match(windowed, {
    status: 'NotStarted',
    beginsAt: '2026-09-05T20:00:00.000Z',
    schedule: {
      notBefore: inHours(6),
      giveUpAt: inHours(300),
      window: { ...SATURDAYS, utcOffset: '+02:00' },
    },
    actions: { reschedule: true },
  })
  const log = await room.jobs.log(id, 0, 10)
  t.match(log.at(-1), {
    type: 'rescheduled',
    message: 'tester changed the schedule of the job. Reason: CHG-2',
  })
  t.match(await room.jobs.reschedule(id, { by: 'tester', window: null }), {
    beginsAt: inHours(6),
    schedule: { window: null },
  })
  const length = (await room.jobs.log(id, 0, 10)).length
  await room.jobs.reschedule(id, { by: 'tester', window: null })
  t.equal(
    (await room.jobs.log(id, 0, 10)).length,
    length,
    'a schedule that is set already is not recorded again',
  )
  const now = await room.jobs.reschedule(id, { by: 'tester', notBefore: null, giveUpAt: null })
  t.match(now, { schedule: null, beginsAt: null })
  room.arm.at('getCluster', 1, () => t.ok(room.clock < new Date(inHours(1)), 'it begins immediately'))
  await room.run()
  t.match(await endedTruly(t, room, id), {
    status: 'Succeeded',
    beginsAt: null,
    actions: { reschedule: false },
  })
})

t.test('rejects a new schedule of a job that has begun, was canceled, or could not begin', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  const refused = (jobId: string, notBefore: string | null) =>
    room.jobs.reschedule(jobId, { by: 'tester', notBefore }).catch((error: unknown) => error)
  t.match(await refused(id, inHours(24 * 40)), { code: 'SCHEDULE_IMPOSSIBLE', pointers: ['/notBefore'] })
  room.arm.at('send', 1, async () => t.match(await refused(id, inHours(1)), { code: 'JOB_ALREADY_BEGUN' }))
  await room.run()
  t.ok(room.arm.isSpent)
  t.match(await refused(id, inHours(1)), { code: 'JOB_ALREADY_FINISHED' })
  t.match(await refused(uuidv7(), null), { code: 'JOB_NOT_FOUND' })
})

const CLUSTER_WINDOW = {
  name: 'aksManagedNodeOSUpgradeSchedule',
  summary: 'Every day at 03:00',
  recurrence: 'daily',
  interval: 1,
  daysOfWeek: [],
  weekIndex: null,
  dayOfMonth: null,
  hourSlots: [],
  startDate: null,
  startTime: '03:00',
  utcOffset: '+00:00',
  durationHours: 4,
  notAllowed: [],
} as const
const copyOf = <T>(value: T) => structuredClone(value) as unknown as MaintenanceConfiguration

t.test(
  'waits for the planned maintenance window of the cluster, which it reads beside the cluster',
  async (t) => {
    const room = new JobHarness(database)
    const made = await room.plan()
    const order = { schedule: { window: 'cluster' } } as const
    const refusal = () => room.accept(made, order).catch((error: unknown) => error)
    t.match(await refusal(), { code: 'SCHEDULE_IMPOSSIBLE', pointers: ['/window'] }, 'without a window')
    room.arm.at('listMaintenance', 1, () =>
      Promise.reject(new ArmFault({ kind: 'denied', code: 'AuthorizationFailed', message: 'no' })),
    )
    t.match(
      await refusal(),
      { facts: { reason: /maintenanceConfigurations\/read/ } },
      'when it may not be read',
    )
    room.arm.maintenance = [
      copyOf({ ...CLUSTER_WINDOW, name: 'default', startTime: '05:00' }),
      copyOf(CLUSTER_WINDOW),
    ]
    const reads = Promise.withResolvers<void>()
    room.arm.at('getCluster', 1, () => reads.resolve())
    room.arm.at('listMaintenance', 1, () => reads.promise)
    const { id, beginsAt, schedule } = await room.accept(made, order)
    t.equal(beginsAt, inHours(3))
    t.match(schedule, { window: null, clusterWindow: { name: 'aksManagedNodeOSUpgradeSchedule' } })
    room.arm.maintenance = [copyOf({ ...CLUSTER_WINDOW, startTime: '05:00' })]
    t.match(
      await room.jobs.reschedule(id, { by: 'tester', window: 'cluster' }),
      { beginsAt: inHours(5) },
      'read again',
    )
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Succeeded', timestamps: { startedAt: inHours(5) } })
  },
)

t.test('shows the next begin after the service did not run in the window of a job', async (t) => {
  const room = new JobHarness(database)
  const daily = { ...SATURDAYS, daysOfWeek: [...DAYS_OF_WEEK], startTime: '05:00', durationHours: 1 }
  const { id, beginsAt } = await room.accept(await room.plan(), { schedule: { window: daily } })
  t.equal(beginsAt, inHours(3))
  room.advance(4.5 * 3_600_000)
  await room.runOne()
  t.match(await room.jobs.get(id), { status: 'NotStarted', beginsAt: inHours(27) })
  t.match(
    (await room.jobs.log(id, 1, 9)).map(({ type }) => type),
    ['startDelayed'],
  )
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Succeeded' })
})

t.test(
  'executes a plan that expires before its job begins, after checking that it is not stale',
  async (t) => {
    const room = new JobHarness(database)
    const made = await room.plan({ expiresAt: inHours(1) })
    const { id } = await room.accept(made, { schedule: { notBefore: inHours(20) } })
    const calls = room.arm.calls.length
    await room.run()
    t.ok(room.arm.calls.slice(calls).includes('getCluster'))
    t.match(await endedTruly(t, room, id), { status: 'Succeeded', timestamps: { startedAt: inHours(20) } })
  },
)

t.test('shows the reason of a cancellation, and the first one only', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept(await room.plan(), { schedule: { notBefore: inHours(2) } })
  const canceled = await room.jobs.cancel(id, { by: 'tester', reason: 'The partner is not ready.' })
  t.match(canceled, { cancellation: { by: 'tester', reason: 'The partner is not ready.' }, beginsAt: null })
  t.ok(
    (await room.jobs.log(id, 0, 9)).some(({ message }) =>
      message.endsWith('Reason: The partner is not ready.'),
    ),
  )
})

t.test('a plan for a cluster with a scheduled job names the job', async (t) => {
  const room = new JobHarness(database)
  const planning = createPlanning({
    database,
    takeSnapshot: room.deps.takeSnapshot as TakeSnapshot,
    policy: ANY_POLICY,
    azure: 'simulated',
    planTtlMinutes: 60,
    now: () => room.clock,
    newId: uuidv7,
  })
  const request = {
    cluster: room.cluster,
    target: { outboundType: 'managedNATGateway' },
    authorizedRanges: 'widen',
    reason: null,
  } as const
  t.match(await planning.makePlan(request, 'tester'), { activeJob: null })
  const { id } = await room.accept(await room.plan(), { schedule: { notBefore: inHours(2) } })
  const plan = await planning.makePlan(request, 'tester')
  t.match(plan.activeJob, { id, status: 'NotStarted', beginsAt: inHours(2), isHeld: false })
  t.match(
    plan.findings.find(({ code }) => code === 'CLUSTER_HAS_JOB'),
    { severity: 'warning', facts: { job: id } },
  )
})
