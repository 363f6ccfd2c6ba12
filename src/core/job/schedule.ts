import type { MaintenanceWindow, Schedule } from '../../contract/schedule.ts'
import { nextClusterOpening } from '../maintenance/maintenance-windows.ts'
import { nextOpening, type RecurringWindow } from '../maintenance/openings.ts'

/**
 * The first moment from `now` on at which the job may begin: `now` itself when it may begin immediately, null when its
 * window does not open any more.
 */
export function nextStart(schedule: Schedule | null, now: Date): Date | null {
  const earliest = Math.max(now.getTime(), momentOf(schedule?.notBefore ?? null) ?? 0)
  const start = schedule === null ? earliest : nextInWindow(schedule, earliest)
  return start === null ? null : new Date(start)
}

function nextInWindow({ window, clusterWindow }: Schedule, earliest: number): number | null {
  if (window !== null) return nextOpening(toRecurringWindow(window), earliest)
  return clusterWindow == null ? earliest : nextClusterOpening(clusterWindow, earliest)
}

export function toRecurringWindow(window: MaintenanceWindow): RecurringWindow {
  const { daysOfWeek, startTime, durationHours, utcOffset, timeZone } = window
  return {
    zone: timeZone ?? `UTC${utcOffset}`,
    startTime,
    durationHours,
    opensOn: ({ weekday }) => daysOfWeek.includes(weekday),
  }
}

/** Whether the time to begin has run out. */
export function isStartOverdue(schedule: Schedule | null, now: Date): boolean {
  const end = momentOf(schedule?.giveUpAt ?? null)
  return (end !== null && now.getTime() >= end) || nextStart(schedule, now) === null
}

/** When a job that waits for its time is processed next: at its start, or when it is given up before that. */
export function nextCheckAt(schedule: Schedule | null, now: Date): Date {
  const start = (nextStart(schedule, now) ?? now).getTime()
  return new Date(Math.min(start, momentOf(schedule?.giveUpAt ?? null) ?? start))
}

/** When a job with a schedule begins, seen from `now`; null without a schedule, and if it is given up before that. */
export function beginsAt(schedule: Schedule | null, now: Date): Date | null {
  if (schedule === null) return null
  const start = nextStart(schedule, now)
  const end = momentOf(schedule.giveUpAt)
  return start === null || (end !== null && start.getTime() >= end) ? null : start
}

function momentOf(time: string | null): number | null {
  return time === null ? null : new Date(time).getTime()
}
