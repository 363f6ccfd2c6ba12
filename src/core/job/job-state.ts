import type { FieldChange } from '../cluster-write.ts'
import type { Step, StepKey } from '../plan-steps.ts'
import type { Observed } from './events.ts'
import type { FaultKind } from './fault-kind.ts'
import type { Hold } from './hold.ts'
import type { JobApproval, JobError, JobStatus, JobStepStatus, OnFailure } from './job.ts'
import type { Schedule } from './schedule.ts'

/**
 * A job as its log tells it: what callers see (folded into a `Job` by job-view.ts) and what the next tick
 * has to know.
 */
export interface JobState {
  status: JobStatus
  acceptedAt: string
  by: string
  approvals: JobApproval[]
  reason: string | null
  startedAt: string | null
  finishedAt: string | null
  cancelRequestedAt: string | null
  /** The caller wants Azure to abort what it is doing. */
  isAbortWanted: boolean
  /** Azure has been asked to. */
  abortRequestedAt: string | null
  schedule: Schedule | null
  onFailure: OnFailure
  /** The stop before the cut-over; null where none was ordered. */
  hold: Hold | null
  /** The way back after a failure, with the error that began it; null as long as there is none. */
  rollback: { error: JobError; steps: Step[] } | null
  error: JobError | null
  warnings: string[]
  steps: Record<string, StepState>
  current: StepKey | null
  /** Changes of the cluster's body that this job has made; a freshness check does not count them. */
  applied: FieldChange[]
  observed: Observed
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
  /** Where a step that writes stands; see `WriteState`. */
  write: WriteState
  /** Faults in a row: the retry policy's clock. */
  faults: FaultRow
  /** Nothing is to be done before this moment; null for at once. */
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
