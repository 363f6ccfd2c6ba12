import type { CampaignReason } from '../../contract/campaign.ts'
import type { RequestedWindow } from '../../contract/schedule.ts'
import { MINUTE_MS } from '../lib/durations.ts'
import { nextOpening } from '../maintenance/openings.ts'
import type { MemberState, WaveState } from './campaign-state.ts'
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

/** The job of a running member is held before its cutover. */
const HELD: CampaignReason = {
  code: 'HELD',
  message: 'The job is held before the cutover. Release the job, or cancel the member.',
}
const APPROVAL_MISSING: CampaignReason = {
  code: 'APPROVAL_MISSING',
  message: 'The plan needs the approval of a second person.',
}
const APPROVAL_EXPIRED: CampaignReason = {
  code: 'APPROVAL_EXPIRED',
  message:
    'The plan or the time for its approval has expired. The service plans the member again and requests a new approval when its wave is about to start. The action `retry` does so immediately.',
}

export function isHeld({ status, waitsFor }: MemberState): boolean {
  return status === 'Running' && waitsFor?.code === HELD.code
}

/** A member whose job is held, or no longer held; null if the member shows that already. */
export function withHold(member: MemberState, isJobHeld: boolean): MemberState | null {
  if (member.status !== 'Running' || isJobHeld === isHeld(member)) return null
  if (!isJobHeld) return { ...member, waitsFor: null }
  return member.waitsFor === null ? { ...member, waitsFor: HELD } : null
}

/** Whether the plan of a member can be executed as far as its approval decides; null if it needs none. */
export type ApprovalState = 'given' | 'pending' | 'expired' | null

/** A ready member with the state of its approval; null if the member shows that already. */
export function withApproval(member: MemberState, approval: ApprovalState): MemberState | null {
  if (member.status !== 'Ready') return null
  const next = { given: null, pending: APPROVAL_MISSING, expired: APPROVAL_EXPIRED }[approval ?? 'given']
  if (next === null && !awaitsApproval(member)) return null
  if (next?.code === member.waitsFor?.code) return null
  return { ...member, waitsFor: next, notBefore: next === null ? member.notBefore : null }
}

/** Whether a ready member cannot start because its plan is not approved. */
export function awaitsApproval({ status, waitsFor }: MemberState): boolean {
  return status === 'Ready' && (waitsFor?.code === APPROVAL_MISSING.code || isExpired({ status, waitsFor }))
}

/** Whether a ready member needs a new plan before it can be approved. */
export function isExpired({ status, waitsFor }: Pick<MemberState, 'status' | 'waitsFor'>): boolean {
  return status === 'Ready' && waitsFor?.code === APPROVAL_EXPIRED.code
}

/** Whether a member waits for a person: a decision, an approval, or a release. */
export function needsPerson(member: MemberState): boolean {
  return member.status === 'NeedsDecision' || awaitsApproval(member) || isHeld(member)
}

/** The reason why an open member does not start automatically; null if it is being planned. */
export function holdingCause(member: MemberState): string | null {
  const { status, isPaused, waitsFor } = member
  if (status === 'NeedsDecision') return 'to be decided'
  if (isHeld(member)) return 'held before the cutover'
  if (isPaused) return 'paused'
  if (awaitsApproval(member)) return 'waiting for an approval'
  if (waitsFor !== null) return `waiting (${waitsFor.code})`
  // Others occupy all places, or change a resource that it shares.
  return status === 'Ready' ? 'to start after them' : null
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

/** Whether a member of a wave has had a job. Without a job, nothing has changed that could fail later. */
export function hasHadJob(members: readonly MemberState[], wave: number): boolean {
  return members.some((member) => member.wave === wave && member.jobId !== null)
}

/**
 * The end of the soak times after these waves, the first waves of a campaign, by the current clock. A retry can end a wave
 * after a later wave. A wave that changed nothing has no soak time.
 */
export function soakEnd(
  waves: readonly WaveState[],
  members: readonly MemberState[],
  jumpedSince: (time: string) => number,
): Date {
  const ends = waves.map(({ settings, finishedAt }, index) => {
    if (finishedAt === null || !hasHadJob(members, index)) return 0
    return Date.parse(finishedAt) + (settings.soakMinutes ?? 0) * MINUTE_MS + jumpedSince(finishedAt)
  })
  return new Date(Math.max(0, ...ends))
}

/** What the log says about the end of a wave. */
export function finishedMessage(
  waves: readonly WaveState[],
  members: readonly MemberState[],
  index: number,
): string {
  const soakMinutes = index === waves.length - 1 ? 0 : (waves[index]?.settings.soakMinutes ?? 0)
  const isSkipped = soakMinutes > 0 && !hasHadJob(members, index)
  const reason = isSkipped ? ' None of its members had a job, so its soak time does not apply.' : ''
  return `Wave ${index + 1} has finished.${reason}`
}
