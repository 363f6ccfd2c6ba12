import type { StepKey } from '../plan-steps.ts'
import type { JobEvent } from './events.ts'
import type { HoldStatus, JobHold } from './job.ts'
import type { JobState } from './job-state.ts'

/** A stop before the step that moves the traffic: what is prepared can be announced before anything leaves by it. */
export interface Hold {
  /** The step that is not begun before somebody says so. */
  step: StepKey
  /** When the job came there; null before, and where it was released on its way. */
  heldAt: string | null
  releasedAt: string | null
  releasedBy: string | null
  /** After a stop, which can last for days: the cluster was looked at again. */
  isRechecked: boolean
}

/** The hold that a job is ordered with; null for none. */
export function orderedHold(step: StepKey | undefined): Hold | null {
  return step === undefined
    ? null
    : { step, heldAt: null, releasedAt: null, releasedBy: null, isRechecked: false }
}

/** What happens to a hold; its job has one, or the log would not name it. */
export function applyToHold(
  { hold }: JobState,
  event: Extract<JobEvent, { type: 'held' | 'released' | 'rechecked' }>,
): void {
  if (hold === null) throw new Error('the log names a hold that was not ordered')
  switch (event.type) {
    case 'held':
      hold.heldAt ??= event.at
      return
    case 'released':
      hold.releasedAt ??= event.at
      hold.releasedBy ??= event.by
      return
    case 'rechecked':
      hold.isRechecked = true
      return
  }
}

/** Whether the job stands before its cut-over and waits for a word: nothing of it is in flight then. */
export function isHeld({ hold, finishedAt }: JobState): boolean {
  return hold !== null && hold.heldAt !== null && hold.releasedAt === null && finishedAt === null
}

/** Whether a release is taken: the step that it is about has written nothing yet, or it was released. Twice is no error. */
export function canBeReleased({ hold, finishedAt, steps }: JobState): boolean {
  const step = hold === null ? undefined : steps[hold.step]
  if (hold === null || step === undefined || finishedAt !== null) return false
  if (hold.releasedAt !== null) return true
  return (step.status === 'Pending' || step.status === 'Running') && step.attempts === 0
}

/** As callers see it; null for a job without. One that has ended waits for nobody, however it stood. */
export function holdView({ hold, finishedAt }: JobState): JobHold | null {
  if (hold === null) return null
  const { step, heldAt, releasedAt, releasedBy } = hold
  return { status: statusOf(hold, finishedAt), step, heldSince: heldAt, releasedAt, releasedBy }
}

function statusOf({ heldAt, releasedAt }: Hold, finishedAt: string | null): HoldStatus {
  if (releasedAt !== null) return 'Released'
  if (finishedAt !== null) return 'Ended'
  return heldAt === null ? 'Ahead' : 'Held'
}
