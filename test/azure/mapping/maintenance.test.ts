import t, { type Test } from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { plannedMaintenance } from '../../../src/core/maintenance/maintenance-windows.ts'
import { armServer, CLUSTER_PATH, faultOf, REF } from '../support/arm-server.ts'

const arm = (endpoint: string) => connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 } })

/** The configurations as the service reads them. */
async function read(t: Test, items: object[]) {
  const server = await armServer(t, () => ({ status: 200, body: { value: items } }))
  const configurations = await arm(server.endpoint).listMaintenanceConfigurations(REF)
  t.equal(server.seen[0]?.url, `${CLUSTER_PATH}/maintenanceConfigurations?api-version=2026-06-01`)
  return configurations
}

const windowed = (name: string, schedule: object, rest: object = {}) => ({
  name,
  properties: { maintenanceWindow: { schedule, durationHours: 8, startTime: '01:00', ...rest } },
})

t.test('reads every form of a maintenance configuration, in any letter case', async (t) => {
  const configurations = await read(t, [
    {
      name: 'default',
      properties: {
        timeInWeek: [{ day: 'monday', hourSlots: [1, 2] }],
        notAllowedTime: [{ start: '2026-11-26T03:00:00Z', end: '2026-11-30T12:00:00Z' }],
      },
    },
    windowed(
      'aksManagedAutoUpgradeSchedule',
      { weekly: { intervalWeeks: 2, dayOfWeek: 'FRIDAY' } },
      {
        utcOffset: '+02:00',
        startDate: '2026-09-01',
        notAllowedDates: [{ start: '2026-12-23', end: '2027-01-03' }],
      },
    ),
    windowed('aksManagedNodeOSUpgradeSchedule', {
      relativeMonthly: { intervalMonths: 1, dayOfWeek: 'Sunday', weekIndex: 'last' },
    }),
  ])
  t.match(configurations, [
    {
      name: 'default',
      recurrence: 'timeInWeek',
      hourSlots: [{ day: 'Monday', hours: [1, 2] }],
      notAllowed: [{ start: '2026-11-26T03:00:00.000Z', end: '2026-11-30T12:00:00.000Z' }],
      summary: 'Weekly in the hours that begin at Monday 1:00, 2:00 (UTC), except in 1 blocked period',
    },
    {
      recurrence: 'weekly',
      interval: 2,
      daysOfWeek: ['Friday'],
      startTime: '01:00',
      durationHours: 8,
      // The last day is included (description of the API).
      notAllowed: [{ start: '2026-12-22T22:00:00.000Z', end: '2027-01-03T22:00:00.000Z' }],
      summary:
        'Every 2 weeks on Friday at 01:00 (UTC+02:00) for 8 h, from 2026-09-01, except in 1 blocked period',
    },
    {
      recurrence: 'relativeMonthly',
      weekIndex: 'Last',
      utcOffset: '+00:00',
      summary: 'Every month on the last Sunday at 01:00 (UTC+00:00) for 8 h',
    },
  ])
})

t.test('selects the configuration that applies to jobs, with the reason', async (t) => {
  const now = new Date('2026-09-01T10:00:00Z')
  const daily = { daily: { intervalDays: 1 } }
  const rows: [object[], string | null, RegExp, string | null][] = [
    [[], null, /has no maintenance configuration/, null],
    [[windowed('default', daily)], 'default', /window for AKS releases/, '2026-09-02T01:00:00.000Z'],
    [
      [windowed('default', daily), windowed('aksmanagednodeosupgradeschedule', daily)],
      'aksmanagednodeosupgradeschedule',
      /node OS upgrades/,
      '2026-09-02T01:00:00.000Z',
    ],
    [
      [
        windowed('aksManagedNodeOSUpgradeSchedule', daily),
        windowed('aksManagedAutoUpgradeSchedule', daily, { startTime: '08:00' }),
      ],
      'aksManagedAutoUpgradeSchedule',
      /cluster upgrades/,
      '2026-09-01T10:00:00.000Z',
    ],
    [[{ name: 'default', properties: {} }], null, /allows a time that this service can determine/, null],
    [[windowed('default', { yearly: {} })], null, /allows a time that this service can determine/, null],
    [[windowed('default', { daily: { intervalDays: 2 } })], 'default', /AKS releases/, null],
  ]
  for (const [items, applies, because, nextOpensAt] of rows)
    t.match(plannedMaintenance({ facts: await read(t, items) }, now), { applies, because, nextOpensAt })
})

t.test('reports a denied list, and does not fail', async (t) => {
  const server = await armServer(t, () => ({
    status: 403,
    body: { error: { code: 'AuthorizationFailed', message: 'no' } },
  }))
  t.match(await faultOf(arm(server.endpoint).listMaintenanceConfigurations(REF)), { kind: 'denied' })
  const unread = {
    what: 'maintenanceConfigurations',
    reason: 'denied',
    code: 'AuthorizationFailed',
    message: 'no',
  } as const
  t.match(plannedMaintenance({ unread }, new Date(0)), {
    configurations: [],
    applies: null,
    because: /could not be read \(denied\)/,
  })
})
