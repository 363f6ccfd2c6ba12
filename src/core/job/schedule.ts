import type { MaintenanceWindow, Schedule } from '../../contract/job.ts'
import { DAYS_OF_WEEK } from '../../contract/job.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The first time from `now` on at which the job may begin; `now` itself if it may begin immediately. */
export function nextStart(schedule: Schedule | null, now: Date): Date {
  const earliest = Math.max(now.getTime(), momentOf(schedule?.notBefore ?? null) ?? 0)
  const window = schedule?.window ?? null
  return new Date(window === null ? earliest : nextInWindow(window, earliest))
}

/** Whether the time to begin has run out. */
export function isStartOverdue(schedule: Schedule | null, now: Date): boolean {
  const end = momentOf(schedule?.giveUpAt ?? null)
  return end !== null && now.getTime() >= end
}

/** When a job that waits for its time has to be looked at: at its start, or when it is given up before that. */
export function nextCheckAt(schedule: Schedule | null, now: Date): Date {
  const start = nextStart(schedule, now).getTime()
  return new Date(Math.min(start, momentOf(schedule?.giveUpAt ?? null) ?? start))
}

/** A window of yesterday may still be open, and one of next week is the farthest that can be next. */
function nextInWindow(window: MaintenanceWindow, earliest: number): number {
  const offset = offsetMs(window.utcOffset)
  const [hours = 0, minutes = 0] = window.startTime.split(':').map(Number)
  const localMidnight = Math.floor((earliest + offset) / DAY_MS) * DAY_MS
  for (let day = -1; day <= 7; day++) {
    const local = localMidnight + day * DAY_MS
    const weekday = DAYS_OF_WEEK[new Date(local).getUTCDay()]
    if (weekday === undefined || !window.daysOfWeek.includes(weekday)) continue
    const opens = local + hours * HOUR_MS + minutes * MINUTE_MS - offset
    if (earliest < opens + window.durationHours * HOUR_MS) return Math.max(opens, earliest)
  }
  throw new RangeError('a window without a day never opens')
}

function offsetMs(utcOffset: string): number {
  const match = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset)
  if (match === null) throw new RangeError(`not an offset from UTC: ${utcOffset}`)
  const [, sign, hours, minutes] = match
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS)
}

function momentOf(time: string | null): number | null {
  return time === null ? null : new Date(time).getTime()
}
