import { DateTime, IANAZone } from 'luxon'
import { DAYS_OF_WEEK, type DayOfWeek } from '../../contract/maintenance.ts'
import { DAY_MS, HOUR_MS } from '../lib/durations.ts'

/** A window that opens on some dates, always at the same local time. */
export interface RecurringWindow {
  /** An IANA time zone, or an offset such as `UTC+02:00`. */
  zone: string
  /** HH:MM, local time. */
  startTime: string
  /** The hours for which the window is open, in elapsed time, so a clock change does not affect them. At most 24. */
  durationHours: number
  opensOn(date: LocalDate): boolean
  /** Periods in milliseconds in which nothing starts, in any order. */
  closed?: readonly { start: number; end: number }[]
}

/** A date without a time or a zone. */
export interface LocalDate {
  year: number
  /** 1 to 12. */
  month: number
  day: number
  weekday: DayOfWeek
  /** Days since 1970-01-01. */
  number: number
}

/** More than the longest interval of AKS between two openings, which is six months. */
const MAX_DAYS_SEARCHED = 400

/** The first moment from `earliest` on at which the window is open, in milliseconds; null if there is none within a year. */
export function nextOpening(window: RecurringWindow, earliest: number): number | null {
  const today = Math.floor((earliest + offsetAt(window.zone, earliest)) / DAY_MS)
  // A window of yesterday can still be open. If a clock change made that day shorter, a window of the day before can
  // also be open.
  for (let number = today - 2; number <= today + MAX_DAYS_SEARCHED; number++) {
    const date = toLocalDate(number)
    if (!window.opensOn(date)) continue
    const opens = toInstant(date, window.startTime, window.zone)
    const start = firstAllowed(Math.max(opens, earliest), window.closed ?? [])
    if (start < opens + window.durationHours * HOUR_MS) return start
  }
  return null
}

function firstAllowed(moment: number, closed: readonly { start: number; end: number }[]): number {
  const blocking = closed.find(({ start, end }) => start <= moment && moment < end)
  return blocking === undefined ? moment : firstAllowed(blocking.end, closed)
}

export function toLocalDate(number: number): LocalDate {
  const date = new Date(number * DAY_MS)
  const weekday = DAYS_OF_WEEK[date.getUTCDay()]
  if (weekday === undefined) throw new RangeError(`not a date: ${number}`)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday,
    number,
  }
}

/** The number of a date in the form 2026-11-30, as in `LocalDate`; null for any other text. */
export function toDateNumber(text: string): number | null {
  const days = /^\d{4}-\d\d-\d\d/.test(text)
    ? Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / DAY_MS
    : Number.NaN
  return Number.isInteger(days) ? days : null
}

/**
 * The instant of a local time. A time that occurs twice is the first of both. A time that does not occur is read with the
 * offset before the clocks change, so it is as many minutes later (as in RFC 5545).
 */
export function toInstant({ year, month, day }: LocalDate, time: string, zone: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const local = DateTime.fromObject({ year, month, day, hour, minute }, { zone })
  if (!local.isValid) throw new RangeError(`not a time zone: ${zone}`)
  return Math.min(...local.getPossibleOffsets().map((candidate) => candidate.toMillis()))
}

/** The offset of a zone at a moment, in milliseconds. */
export function offsetAt(zone: string, moment: number): number {
  const local = DateTime.fromMillis(moment, { zone })
  if (!local.isValid) throw new RangeError(`not a time zone: ${zone}`)
  return local.offset * 60_000
}

/** An offset as ARM writes it, such as +02:00. */
export function formatOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${part(minutes / 60)}:${part(minutes % 60)}`
}

/** Whether an IANA time zone of this name exists. */
export function isTimeZone(name: string): boolean {
  // The platform also takes offsets, such as +02:00.
  return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name)
}
