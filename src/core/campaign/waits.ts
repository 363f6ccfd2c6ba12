import type { RequestedWindow } from '../../contract/schedule.ts'
import { nextOpening } from '../maintenance/openings.ts'
import type { MemberState } from './campaign-state.ts'
import { MAX_WAIT_MS } from './member-outcomes.ts'

/** No wait is longer than `MAX_WAIT_MS`: a longer wait was stored before the clock was set back. */
export function isWaiting(member: MemberState, now: Date): member is MemberState & { notBefore: Date } {
  if (member.notBefore === null) return false
  const waitMs = member.notBefore.getTime() - now.getTime()
  return waitMs > 0 && waitMs <= MAX_WAIT_MS
}

/** A member that starts again after a wait. */
export function isRetried({ status, waitsFor }: MemberState): boolean {
  return status === 'Starting' && waitsFor !== null
}

/** The reason why an open member does not start automatically; null if it is being planned. */
export function holdingCause({ status, isPaused, waitsFor }: MemberState): string | null {
  if (status === 'NeedsDecision') return 'to be decided'
  if (isPaused) return 'paused'
  return waitsFor === null ? null : `waiting (${waitsFor.code})`
}

/** The first moment from `now` on at which a window is open; null if there is none. */
export function windowStart(window: RequestedWindow, now: Date): Date | null {
  const { daysOfWeek, startTime, durationHours, utcOffset = '+00:00', timeZone } = window
  const opens = nextOpening(
    {
      zone: timeZone ?? `UTC${utcOffset}`,
      startTime,
      durationHours,
      opensOn: ({ weekday }) => daysOfWeek.includes(weekday),
    },
    now.getTime(),
  )
  return opens === null ? null : new Date(opens)
}

/** A member starts only while the window is open, even if all workers were busy or stopped until the window closed. */
export function isOpenNow(window: RequestedWindow, now: Date): boolean {
  const start = windowStart(window, now)
  return start !== null && start <= now
}
