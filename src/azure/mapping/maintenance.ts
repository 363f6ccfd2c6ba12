import {
  DAYS_OF_WEEK,
  type MaintenanceConfiguration,
  RECURRENCES,
  WEEK_INDEXES,
} from '../../contract/maintenance.ts'
import { DAY_MS } from '../../core/lib/durations.ts'
import { type MaintenanceFacts, summarize } from '../../core/maintenance/maintenance-windows.ts'
import { toDateNumber } from '../../core/maintenance/openings.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** A maintenance configuration: `timeInWeek` of the older form, or one recurrence of `maintenanceWindow`. */
export function toMaintenanceConfiguration(item: BodyReader): MaintenanceConfiguration {
  const properties = item.at('properties')
  const facts = properties.has('maintenanceWindow') ? windowFacts(properties) : weekFacts(properties)
  const named = { name: item.requiredString('name'), ...facts }
  return { ...named, summary: summarize(named) }
}

type Facts = Omit<MaintenanceFacts, 'name'>

const NOTHING: Facts = {
  recurrence: null,
  interval: 1,
  daysOfWeek: [],
  weekIndex: null,
  dayOfMonth: null,
  hourSlots: [],
  startDate: null,
  startTime: null,
  utcOffset: '+00:00',
  durationHours: null,
  notAllowed: [],
}

function weekFacts(properties: BodyReader): Facts {
  const hourSlots = properties.list('timeInWeek').flatMap((slot) => {
    const day = slot.oneOf('day', DAYS_OF_WEEK, '')
    const hours = slot.numbers('hourSlots').filter((hour) => hour >= 0 && hour < 24)
    return day === '' || hours.length === 0 ? [] : [{ day, hours }]
  })
  const notAllowed = properties
    .list('notAllowedTime')
    .flatMap((span) => toPeriod(span.string('start'), span.string('end')))
  return { ...NOTHING, recurrence: hourSlots.length === 0 ? null : 'timeInWeek', hourSlots, notAllowed }
}

function windowFacts(properties: BodyReader): Facts {
  const window = properties.at('maintenanceWindow')
  const schedule = window.at('schedule')
  const recurrence = RECURRENCES.find((kind) => kind !== 'timeInWeek' && schedule.has(kind)) ?? null
  const rhythm = schedule.at(recurrence ?? '')
  const interval = ['intervalDays', 'intervalWeeks', 'intervalMonths'].map((name) => rhythm.number(name))
  const day = rhythm.oneOf('dayOfWeek', DAYS_OF_WEEK, '')
  const offset = window.string('utcOffset')
  const utcOffset = offset !== null && /^[+-]\d\d:\d\d$/.test(offset) ? offset : '+00:00'
  const startTime = window.string('startTime')
  return {
    ...NOTHING,
    recurrence,
    interval: interval.find((value) => value !== null) ?? 1,
    daysOfWeek: day === '' ? [] : [day],
    weekIndex: rhythm.oneOf('weekIndex', WEEK_INDEXES, '') || null,
    dayOfMonth: rhythm.number('dayOfMonth'),
    startDate: window.string('startDate'),
    startTime: startTime !== null && /^\d\d:\d\d$/.test(startTime) ? startTime : null,
    utcOffset,
    durationHours: window.number('durationHours'),
    notAllowed: window
      .list('notAllowedDates')
      .flatMap((span) => toDates(span.string('start'), span.string('end'), utcOffset)),
  }
}

function toPeriod(start: string | null, end: string | null): Facts['notAllowed'] {
  const [from, to] = [Date.parse(start ?? ''), Date.parse(end ?? '')]
  return from < to ? [{ start: new Date(from).toISOString(), end: new Date(to).toISOString() }] : []
}

/** Whole days at the offset of the window, including the last day (description of the API). */
function toDates(start: string | null, end: string | null, utcOffset: string): Facts['notAllowed'] {
  const [from, to] = [toDateNumber(start ?? ''), toDateNumber(end ?? '')]
  if (from === null || to === null) return []
  const midnight = (days: number) =>
    `${new Date(days * DAY_MS).toISOString().slice(0, 10)}T00:00:00${utcOffset}`
  return toPeriod(midnight(from), midnight(to + 1))
}
