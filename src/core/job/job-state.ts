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
 * The state of a job from its log: the data that callers see (job-view.ts creates a `Job` from it) and the data that
 * the next tick needs.
 */
export interface JobState {
  /** The time of its last event. */
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
  /** Whether the caller requests an abort of the operation in progress. */
  isAbortWanted: boolean
  /** Whether Azure has been asked to abort. */
  abortRequestedAt: string | null
  schedule: Schedule | null
  /** The start time of a job that has not begun, if its schedule determines it. */
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
  /** Changes of the body of the cluster by this job, which a staleness check ignores. */
  applied: FieldChange[]
  observed: Observations
  /** The measurements from nodes, and what was lost in between; empty without `verifyFromNodes`. */
  probes: JobProbes
  /** The number of events in the log. */
  length: number
}

export interface StepState {
  status: JobStepStatus
  startedAt: string | null
  finishedAt: string | null
  /** Whether the step writes the cluster or another resource. */
  isWrite: boolean
  /** The number of intended PUTs, or for other steps, of requests to ARM. */
  attempts: number
  /** The number of intended PUTs that certainly never reached the cluster. */
  lostWrites: number
  /** The number of PUTs that ARM rejected. */
  refusedWrites: number
  /** The state of a step that writes; see `WriteState`. */
  write: WriteState
  /** The consecutive errors, for the retry policy. */
  faults: FaultRow
  /** The time before which the step must not continue; null means now. */
  notBefore: string | null
}

export interface FaultRow {
  count: number
  /** The time of the first of them. */
  since: string | null
  /** The kind of the last error, the number of consecutive errors of this kind, and the time of their first. */
  kind: FaultKind | null
  ofKind: number
  kindSince: string | null
}

/**
 * The state of the PUT of a step.
 *
 * - `none`: no PUT was sent, or the last PUT certainly took no effect. The step may write.
 * - `intended`: a PUT was intended, but it is unknown whether it was sent. Only a read shows this.
 * - `notSeen`: like `intended`, and one read of the cluster showed no trace of the PUT.
 * - `accepted`: ARM accepted the PUT; its operation is polled.
 * - `adopted`: the cluster shows the PUT although no response was recorded; the cluster is polled.
 * - `ended`: the operation has ended; a read of the target determines the result.
 */
export type WriteState =
  | { phase: 'none' }
  | { phase: 'intended' | 'notSeen'; etag: string | null; at: string; changes: FieldChange[] }
  | { phase: 'accepted'; poller: string; at: string; changes: FieldChange[] }
  | { phase: 'adopted' | 'ended'; at: string; changes: FieldChange[] }

/** A stop before the step that moves the traffic, so that prepared addresses can be announced before traffic uses them. */
interface Hold {
  /** The step that does not begin before the job is released. */
  step: StepKey
  /** The time at which the job reached the hold; null before that, and if the job was released in advance. */
  heldAt: string | null
  releasedAt: string | null
  releasedBy: string | null
  /** Whether the cluster was checked again after the hold, which can last for days. */
  isRechecked: boolean
}

/** The requested hold of a job; null if there is none. */
export function initialHold(step: StepKey | undefined): Hold | null {
  return step === undefined
    ? null
    : { step, heldAt: null, releasedAt: null, releasedBy: null, isRechecked: false }
}

/** The hold after an event. The log names a hold only for a job that has one. */
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

/** Whether the job was canceled before its first step, so that its plan was not executed and can still be executed. */
export function neverBegan({ status, startedAt }: Pick<JobState, 'status' | 'startedAt'>): boolean {
  return status === 'Canceled' && startedAt === null
}

/**
 * Whether a release is accepted: the held step has written nothing yet, or the job was already released. Repeating a
 * release is not an error.
 */
export function canBeReleased({ hold, finishedAt, steps }: JobState): boolean {
  const step = hold === null ? undefined : steps[hold.step]
  if (hold === null || step === undefined || finishedAt !== null) return false
  if (hold.releasedAt !== null) return true
  return (step.status === 'Pending' || step.status === 'Running') && step.attempts === 0
}

/** The schedule of a job and its start time, as of `at` (RFC 3339). */
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

/** Whether the step sends a write to Azure, so that it needs a recorded intent and an operation to poll. */
export function isWrite({ does }: { does: StepAction }): boolean {
  return WRITES.includes(does.kind)
}

/** The writes that make AKS change the cluster to its outbound type. */
const SWITCHES: Step['key'][] = ['change-outbound-type', 'reconcile-cluster']

/** Whether such a write has succeeded: from then on, the cluster differs from what the plan is based on. */
export function isSwitched({ steps }: Pick<JobState, 'steps'>): boolean {
  return SWITCHES.some((key) => steps[key]?.status === 'Succeeded')
}

/** Whether such a write was or may have been accepted. */
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
