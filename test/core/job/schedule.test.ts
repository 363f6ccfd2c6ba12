import fc from 'fast-check'
import t from 'tap'
import type { MaintenanceWindow, Schedule } from '../../../src/contract/job.ts'
import { DAYS_OF_WEEK } from '../../../src/contract/job.ts'
import { isStartOverdue, nextCheckAt, nextStart } from '../../../src/core/job/schedule.ts'

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
  nextStart(given === null ? null : schedule(given), new Date(now)).toISOString()

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
      if (at < now) throw new Error('in the past')
      if (at.getTime() - now.getTime() > 8 * 24 * 3_600_000) throw new Error('more than a week away')
      if (nextStart(schedule({ window: given }), at).getTime() !== at.getTime())
        throw new Error('not a start')
    }),
  )
  t.pass()
})
