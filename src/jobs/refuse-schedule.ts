import { nextStart, type Schedule } from '../core/job/schedule.ts'
import { Refusal } from '../core/refusal.ts'

/** A plan for longer ahead would be stale by then, and would hold the cluster's lock all that time. */
const FARTHEST_DAYS = 31
const DAY_MS = 24 * 60 * 60_000

/** Refuses times that have passed, lie too far ahead, or leave no moment to begin. */
export function refuseSchedule(schedule: Schedule | null, now: Date): void {
  if (schedule === null) return
  const { notBefore, giveUpAt } = schedule
  const latest = new Date(now.getTime() + FARTHEST_DAYS * DAY_MS)
  if (notBefore !== null && new Date(notBefore) > latest)
    throw impossible('notBefore', `notBefore lies more than ${FARTHEST_DAYS} days ahead`)
  if (giveUpAt === null) return
  if (new Date(giveUpAt) <= now) throw impossible('giveUpAt', 'giveUpAt has passed')
  const start = nextStart(schedule, now)
  if (start >= new Date(giveUpAt))
    throw impossible(
      'giveUpAt',
      `the job could begin at ${start.toISOString()} only, which is after giveUpAt`,
    )
}

function impossible(parameter: string, reason: string): Refusal {
  return new Refusal('SCHEDULE_IMPOSSIBLE', { parameter, reason }, [`/${parameter}`])
}
