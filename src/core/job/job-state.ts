import type {
  HoldStatus,
  JobApproval,
  JobError,
  JobHold,
  JobStatus,
  JobStepStatus,
  OnFailure,
} from '../../contract/job.ts'
import type { Labels } from '../../contract/labels.ts'
import type { Schedule } from '../../contract/schedule.ts'
import type { FieldChange, Step, StepAction, StepKey } from '../../contract/steps.ts'
import type { FaultKind, JobEvent, Observations } from './events.ts'
import type { JobProbes } from './job-probes.ts'
import { beginsAt } from './schedule.ts'

/**
 * A job as its log tells it: what callers see (folded into a `Job` by job-view.ts) and what the next tick
 * has to know.
 */
export interface JobState {
  /** When its last event was recorded. */
  lastEventAt: string
  status: JobStatus
  acceptedAt: string
  by: string
  approvals: JobApproval[]
  reason: string | null
  labels: Labels
  startedAt: string | null
  finishedAt: string | null
  cancelRequestedAt: string | null
  /** The first request to cancel; null without one. */
  cancellation: { by: string; reason: string | null; withdrawnApproval?: string } | null
  /** The caller asks Azure to abort the operation in progress. */
  isAbortWanted: boolean
  /** Azure has been asked to. */
  abortRequestedAt: string | null
  schedule: Schedule | null
  /** When a job that has not begun begins, as far as its schedule says. */
  beginsAt: string | null
  onFailure: OnFailure
  /** The hold before the cutover; null if none was requested. */
  hold: Hold | null
  /** The rollback after a failure, with the error that caused it; null until one begins. */
  rollback: { error: JobError; steps: Step[] } | null
  error: JobError | null
  warnings: string[]
  steps: Record<string, StepState>
  current: StepKey | null
  /** Changes of the cluster's body that this job has made; a freshness check does not count them. */
  applied: FieldChange[]
  observed: Observations
  /** The measurements from nodes, and what was lost in between; empty without `verifyFromNodes`. */
  probes: JobProbes
  /** How many events the log holds. */
  length: number
}

export interface StepState {
  status: JobStepStatus
  startedAt: string | null
  finishedAt: string | null
  /** Whether the step writes the cluster or another resource. */
  isWrite: boolean
  /** Times that a PUT was meant to be sent, or for other steps that ARM was asked. */
  attempts: number
  /** PUTs that were meant to be sent and certainly never reached the cluster. */
  lostWrites: number
  /** PUTs that ARM answered not to have taken. */
  refusedWrites: number
  /** The state of a step that writes; see `WriteState`. */
  write: WriteState
  /** Faults in a row: the retry policy's clock. */
  faults: FaultRow
  /** Do nothing before this time; null for immediately. */
  notBefore: string | null
}

export interface FaultRow {
  count: number
  /** When the first of them was. */
  since: string | null
  /** The kind of the last one, how many of that kind came in a row, and since when. */
  kind: FaultKind | null
  ofKind: number
  kindSince: string | null
}

/**
 * Where the PUT of a step stands.
 *
 * - `none`: none was sent, or the last one certainly took no effect. May write.
 * - `intended`: meant to be sent; whether it was is not recorded. Only reading settles it.
 * - `notSeen`: as `intended`, and the cluster was read once without a trace of it.
 * - `accepted`: ARM has it; its operation is polled.
 * - `adopted`: the cluster shows it although no answer is recorded; the cluster itself is watched.
 * - `ended`: the operation is over; the read-back decides.
 */
export type WriteState =
  | { phase: 'none' }
  | { phase: 'intended' | 'notSeen'; etag: string | null; at: string; changes: FieldChange[] }
  | { phase: 'accepted'; poller: string; at: string; changes: FieldChange[] }
  | { phase: 'adopted' | 'ended'; at: string; changes: FieldChange[] }

/** A stop before the step that moves the traffic: what is prepared can be announced before anything leaves by it. */
interface Hold {
  /** The step that does not begin before the job is released. */
  step: StepKey
  /** When the job came there; null before, and where it was released on its way. */
  heldAt: string | null
  releasedAt: string | null
  releasedBy: string | null
  /** After a stop, which can last for days: the cluster was looked at again. */
  isRechecked: boolean
}

/** The hold that a job is ordered with; null for none. */
export function initialHold(step: StepKey | undefined): Hold | null {
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

/** Whether the job is held before its cutover. No operation is in progress then. */
export function isHeld({ hold, finishedAt }: JobState): boolean {
  return hold !== null && hold.heldAt !== null && hold.releasedAt === null && finishedAt === null
}

/** Whether the job was canceled before its first step: then its plan was not executed, and can be. */
export function neverBegan({ status, startedAt }: Pick<JobState, 'status' | 'startedAt'>): boolean {
  return status === 'Canceled' && startedAt === null
}

/** Whether a release is taken: the step that it is about has written nothing yet, or it was released. Twice is no error. */
export function canBeReleased({ hold, finishedAt, steps }: JobState): boolean {
  const step = hold === null ? undefined : steps[hold.step]
  if (hold === null || step === undefined || finishedAt !== null) return false
  if (hold.releasedAt !== null) return true
  return (step.status === 'Pending' || step.status === 'Running') && step.attempts === 0
}

/** The schedule of a job, and when it begins by it, seen from `at`, RFC 3339. */
export function setSchedule(state: JobState, schedule: Schedule | null, at: string): void {
  state.schedule = schedule
  state.beginsAt = beginsAt(schedule, new Date(at))?.toISOString() ?? null
}

/** Whether the schedule can still change: the job has not begun, and no caller has canceled it. */
export function canBeRescheduled({ startedAt, finishedAt, cancelRequestedAt }: JobState): boolean {
  return startedAt === null && finishedAt === null && cancelRequestedAt === null
}

/** The hold as callers see it; null for a job without a hold. A job that has ended is never held. */
export function toJobHold({ hold, finishedAt }: JobState): JobHold | null {
  if (hold === null) return null
  const { step, heldAt, releasedAt, releasedBy } = hold
  return { status: statusOf(hold, finishedAt), step, heldSince: heldAt, releasedAt, releasedBy }
}

function statusOf({ heldAt, releasedAt }: Hold, finishedAt: string | null): HoldStatus {
  if (releasedAt !== null) return 'Released'
  if (finishedAt !== null) return 'Ended'
  return heldAt === null ? 'Ahead' : 'Held'
}

const WRITES: readonly StepAction['kind'][] = [
  'updateCluster',
  'putResource',
  'deleteResource',
  'upgradeNodeImage',
]

/** Whether the step sends Azure a write, so that an intent has to be recorded and an operation followed. */
export function isWrite({ does }: { does: StepAction }): boolean {
  return WRITES.includes(does.kind)
}

/** The writes with which AKS moves the cluster to its outbound type. */
const SWITCHES: Step['key'][] = ['change-outbound-type', 'reconcile-cluster']

/** Whether such a write has succeeded: from then on, the cluster differs from what the plan is based on. */
export function isSwitched({ steps }: Pick<JobState, 'steps'>): boolean {
  return SWITCHES.some((key) => steps[key]?.status === 'Succeeded')
}

/** Whether such a write was, or may have been, taken. */
export function mayHaveSwitched(state: Pick<JobState, 'steps'>): boolean {
  return SWITCHES.some((key) => mayHaveWritten(state, key))
}

/**
 * Whether a write of this step was, or may have been, accepted. False if Azure rejected every attempt, or none
 * arrived.
 */
export function mayHaveWritten({ steps }: Pick<JobState, 'steps'>, key: Step['key']): boolean {
  const step = steps[key]
  return step !== undefined && step.attempts > step.refusedWrites + step.lostWrites
}
