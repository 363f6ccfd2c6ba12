import fc from 'fast-check'
import t from 'tap'
import { DAYS_OF_WEEK, type MaintenanceConfiguration } from '../../../src/contract/maintenance.ts'
import type { MaintenanceWindow, Schedule } from '../../../src/contract/schedule.ts'
import { beginsAt, isStartOverdue, nextCheckAt, nextStart } from '../../../src/core/job/schedule.ts'

const window = (given: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  daysOfWeek: ['Saturday'],
  startTime: '22:00',
  utcOffset: '+02:00',
  durationHours: 4,
  ...given,
})
const schedule = (given: Partial<Schedule>): Schedule => ({
  notBefore: null,
  window: null,
  giveUpAt: null,
  ...given,
})
const start = (given: Partial<Schedule> | null, now: string) =>
  nextStart(given === null ? null : schedule(given), new Date(now))?.toISOString()

t.test('when a job may begin', async (t) => {
  // 2026-09-01 is a Tuesday; 22:00 at +02:00 is 20:00 UTC.
  const rows: [string, Partial<Schedule> | null, string, string][] = [
    ['at once', null, '2026-09-01T10:00:00.000Z', '2026-09-01T10:00:00.000Z'],
    [
      'at its time',
      { notBefore: '2026-09-02T01:00:00+02:00' },
      '2026-09-01T10:00:00.000Z',
      '2026-09-01T23:00:00.000Z',
    ],
    [
      'a time that has passed',
      { notBefore: '2026-08-01T00:00:00Z' },
      '2026-09-01T10:00:00.000Z',
      '2026-09-01T10:00:00.000Z',
    ],
    ['the next window', { window: window() }, '2026-09-01T10:00:00.000Z', '2026-09-05T20:00:00.000Z'],
    ['inside a window', { window: window() }, '2026-09-05T21:30:00.000Z', '2026-09-05T21:30:00.000Z'],
    [
      'past midnight in the window of the day before',
      { window: window() },
      '2026-09-05T23:59:00.000Z',
      '2026-09-05T23:59:00.000Z',
    ],
    [
      'when a window has just closed',
      { window: window() },
      '2026-09-06T00:00:00.000Z',
      '2026-09-12T20:00:00.000Z',
    ],
    [
      'a window that opens before midnight elsewhere',
      { window: window({ utcOffset: '-05:00' }) },
      '2026-09-05T10:00:00.000Z',
      '2026-09-06T03:00:00.000Z',
    ],
    [
      'the first window after a time',
      { window: window(), notBefore: '2026-09-06T12:00:00Z' },
      '2026-09-01T10:00:00.000Z',
      '2026-09-12T20:00:00.000Z',
    ],
    [
      'the nearer of two days',
      { window: window({ daysOfWeek: ['Saturday', 'Wednesday'] }) },
      '2026-09-01T10:00:00.000Z',
      '2026-09-02T20:00:00.000Z',
    ],
  ]
  for (const [name, given, now, expected] of rows) t.equal(start(given, now), expected, name)
})

t.test('a job is looked at when it may begin, or when it is given up before that', async (t) => {
  const now = new Date('2026-09-01T10:00:00.000Z')
  const late = schedule({ notBefore: '2026-09-03T00:00:00Z', giveUpAt: '2026-09-02T00:00:00Z' })
  t.equal(nextCheckAt(late, now).toISOString(), '2026-09-02T00:00:00.000Z')
  t.equal(isStartOverdue(late, now), false)
  t.equal(isStartOverdue(late, new Date('2026-09-02T00:00:00Z')), true)
  t.equal(isStartOverdue(null, now), false)
})

t.test('a start is never before now, and always inside its window', async (t) => {
  const arbitrary = fc.record({
    daysOfWeek: fc.uniqueArray(fc.constantFrom(...DAYS_OF_WEEK), { minLength: 1 }),
    startTime: fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((each) => each.map((n) => String(n).padStart(2, '0')).join(':')),
    utcOffset: fc.constantFrom('+00:00', '+02:00', '-08:00', '+14:00', '-11:30'),
    durationHours: fc.integer({ min: 1, max: 24 }),
  })
  const min = new Date('2026-01-01T00:00:00Z')
  const max = new Date('2027-01-01T00:00:00Z')
  fc.assert(
    fc.property(arbitrary, fc.date({ min, max, noInvalidDate: true }), (given, now) => {
      const at = nextStart(schedule({ window: given }), now)
      if (at === null) throw new Error('never')
      if (at < now) throw new Error('in the past')
      if (at.getTime() - now.getTime() > 8 * 24 * 3_600_000) throw new Error('more than a week away')
      if (nextStart(schedule({ window: given }), at)?.getTime() !== at.getTime())
        throw new Error('not a start')
    }),
  )
  t.pass()
})

t.test('a window in a time zone keeps its local time when the clocks change', async (t) => {
  // Berlin: +02:00 until 2026-10-25 01:00 UTC, +01:00 from then on; the clocks skip 02:00 on 2027-03-28.
  const berlin = (
    startTime: string,
    daysOfWeek: MaintenanceWindow['daysOfWeek'] = ['Sunday'],
    durationHours = 4,
  ) => ({
    window: { daysOfWeek, startTime, durationHours, utcOffset: '+00:00', timeZone: 'Europe/Berlin' },
  })
  const rows: [string, Partial<Schedule>, string, string][] = [
    ['in summer', berlin('22:00'), '2026-10-12T00:00:00Z', '2026-10-18T20:00:00.000Z'],
    ['in winter', berlin('22:00'), '2026-10-20T00:00:00Z', '2026-10-25T21:00:00.000Z'],
    ['the first of two occurrences', berlin('02:30'), '2026-10-24T00:00:00Z', '2026-10-25T00:30:00.000Z'],
    [
      'seen from between both occurrences',
      berlin('02:30'),
      '2026-10-25T01:10:00Z',
      '2026-10-25T01:10:00.000Z',
    ],
    ['a time that is skipped', berlin('02:30'), '2027-03-27T00:00:00Z', '2027-03-28T01:30:00.000Z'],
    [
      'the real duration past a change of the clocks',
      berlin('23:00', ['Saturday'], 6),
      '2026-10-25T02:59:00Z',
      '2026-10-25T02:59:00.000Z',
    ],
    [
      'closed after the real duration',
      berlin('23:00', ['Saturday'], 6),
      '2026-10-25T03:00:00Z',
      '2026-10-31T22:00:00.000Z',
    ],
    [
      'a window of two days ago on a short day',
      berlin('23:59', ['Saturday'], 24),
      '2027-03-28T22:30:00Z',
      '2027-03-28T22:30:00.000Z',
    ],
  ]
  for (const [name, given, now, expected] of rows) t.equal(start(given, now), expected, name)
})

t.test('a window of the cluster opens as AKS shows it', async (t) => {
  const configuration = (given: Partial<MaintenanceConfiguration>): Partial<Schedule> => ({
    clusterWindow: {
      name: 'default',
      summary: '',
      recurrence: 'weekly',
      interval: 1,
      daysOfWeek: ['Monday'],
      weekIndex: null,
      dayOfMonth: null,
      hourSlots: [],
      startDate: null,
      startTime: '01:00',
      utcOffset: '+00:00',
      durationHours: 4,
      notAllowed: [],
      ...given,
    },
  })
  const now = '2026-09-01T10:00:00Z'
  const period = { start: '2026-09-07T00:00:00Z', end: '2026-09-07T02:00:00Z' }
  const months: Partial<MaintenanceConfiguration> = {
    recurrence: 'relativeMonthly',
    weekIndex: 'Last',
    daysOfWeek: ['Friday'],
  }
  const rows: [string, Partial<MaintenanceConfiguration>, string | undefined][] = [
    ['weekly', {}, '2026-09-07T01:00:00.000Z'],
    ['at its offset', { utcOffset: '-07:00' }, '2026-09-07T08:00:00.000Z'],
    ['every second week from its date', { interval: 2, startDate: '2026-09-01' }, '2026-09-07T01:00:00.000Z'],
    ['not in the odd week', { interval: 2, startDate: '2026-08-25' }, '2026-09-14T01:00:00.000Z'],
    ['before its first date', { startDate: '2026-10-01' }, '2026-10-05T01:00:00.000Z'],
    ['unknown weeks', { interval: 2 }, undefined],
    ['daily', { recurrence: 'daily' }, '2026-09-02T01:00:00.000Z'],
    [
      'every third day',
      { recurrence: 'daily', interval: 3, startDate: '2026-08-31' },
      '2026-09-03T01:00:00.000Z',
    ],
    ['on a day of the month', { recurrence: 'absoluteMonthly', dayOfMonth: 15 }, '2026-09-15T01:00:00.000Z'],
    [
      'every third month from the first such day',
      { recurrence: 'absoluteMonthly', dayOfMonth: 15, interval: 3, startDate: '2026-07-20' },
      '2026-11-15T01:00:00.000Z',
    ],
    ['on the last Friday', months, '2026-09-25T01:00:00.000Z'],
    ['on the second Friday', { ...months, weekIndex: 'Second' }, '2026-09-11T01:00:00.000Z'],
    ['after a blocked period', { notAllowed: [period] }, '2026-09-07T02:00:00.000Z'],
    [
      'never inside a blocked period',
      { notAllowed: [period, { start: '2026-09-07T01:30:00Z', end: '2026-09-08T00:00:00Z' }] },
      '2026-09-14T01:00:00.000Z',
    ],
    [
      'in hours of the week',
      { recurrence: 'timeInWeek', hourSlots: [{ day: 'Tuesday', hours: [9, 12, 13] }] },
      '2026-09-01T12:00:00.000Z',
    ],
    ['in no form that is known', { recurrence: null }, undefined],
  ]
  for (const [name, given, expected] of rows) t.equal(start(configuration(given), now), expected, name)
})

t.test('a job without a schedule, or that is given up first, has no time at which it begins', async (t) => {
  const now = new Date('2026-09-01T10:00:00.000Z')
  t.equal(beginsAt(null, now), null)
  t.equal(beginsAt(schedule({ window: window() }), now)?.toISOString(), '2026-09-05T20:00:00.000Z')
  t.equal(beginsAt(schedule({ window: window(), giveUpAt: '2026-09-05T20:00:00Z' }), now), null)
})

t.test('agrees with the platform about every time zone', async (t) => {
  const zones = Intl.supportedValuesOf('timeZone')
  const min = new Date('2026-01-01T00:00:00Z')
  const max = new Date('2028-01-01T00:00:00Z')
  const arbitrary = fc.record({
    timeZone: fc.constantFrom(...zones),
    daysOfWeek: fc.uniqueArray(fc.constantFrom(...DAYS_OF_WEEK), { minLength: 1 }),
    startTime: fc.constantFrom('00:00', '01:30', '02:30', '03:00', '12:00', '23:59'),
    durationHours: fc.integer({ min: 1, max: 24 }),
  })
  fc.assert(
    fc.property(arbitrary, fc.date({ min, max, noInvalidDate: true }), (given, now) => {
      const at = nextStart(schedule({ window: { utcOffset: '+00:00', ...given } }), now)
      if (at === null || at < now) throw new Error('not a start')
      // Inside an open window; a start that is an opening has the local time of the window, or one hour or less later.
      if (at.getTime() === now.getTime()) return
      const options = {
        timeZone: given.timeZone,
        hourCycle: 'h23',
        weekday: 'long',
        hour: '2-digit',
        minute: '2-digit',
      } as const
      const parts = new Intl.DateTimeFormat('en-US', options).formatToParts(at)
      const part = (type: string) => parts.find((item) => item.type === type)?.value ?? ''
      const [hours = 0, minutes = 0] = given.startTime.split(':').map(Number)
      const late = (Number(part('hour')) * 60 + Number(part('minute')) - hours * 60 - minutes + 1440) % 1440
      if (late > 60) throw new Error(`${at.toISOString()} is ${late} minutes late`)
      if (late === 0 && !given.daysOfWeek.some((day) => day === part('weekday'))) throw new Error('wrong day')
    }),
  )
  t.pass()
})
