import type { MaySend, StartedOperation } from '../../azure/arm.ts'
import type { JobErrorCode } from '../../contract/job.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { isInProgress } from '../../core/arm/words.ts'
import type { Observations } from '../../core/job/events.ts'
import type { StepFacts } from './step-context.ts'

/**
 * What a step writes: the cluster (cluster-target.ts) or a resource beside it (resource-target.ts). Sending a write,
 * reconciling it, watching it and reading it back are written once, on top of this.
 */
export interface WriteTarget {
  /** Whether Azure can be asked to abort an operation on it. */
  isAbortable: boolean
  /** Reads it once; rejects with an `ArmFault`. */
  read(): Promise<TargetReading>
  /**
   * Reads it and sends the step's one write. Rejects with `WriteNotSentError` when the reading forbids the write, and
   * with an `ArmFault`.
   */
  start(send: WriteSend): Promise<StartedOperation>
}

/** The hooks of one write. */
export interface WriteSend {
  /**
   * Records the intent; called last before the request is made. `changes` are changes of the cluster's body, which
   * later staleness checks must not report; empty for other resources.
   */
  intend(etag: string | null, changes: FieldChange[]): Promise<void>
  maySend: MaySend
}

/** The target at one moment, compared with what the step does and expects. Sentences have no full stop unless noted. */
export interface TargetReading {
  /** `provisioningState`; null when the target is absent or shows none. */
  state: string | null
  /** The subject of a sentence about the state. */
  stateLabel: string
  /** Whether an adopted write is still under way. */
  isRunning: boolean
  /** Whether the target can still be behind its operation, so that it is read back again. */
  isLagging: boolean
  /** What shows that the write reached the target, as a sentence with its full stop; null when nothing does. */
  trace(): string | null
  /** What makes the plan stale, as a sentence with its full stop; null when nothing does. */
  staleness(): string | null
  /** How the target differs from what the step expects; empty when the step has succeeded. */
  mismatches(): string[]
  /** What the job's result shows of it. */
  observed(): Observations | null
  /** Warnings of a step that has succeeded. */
  warnings(): StepFacts[]
}

/** Why a write is not sent. */
type NotSentReason =
  | { kind: 'fail'; code: JobErrorCode; detail: string }
  /** Another operation is under way on it. */
  | { kind: 'busy'; name: string; state: string }
  /** There is nothing to write; with `writeAdopted`, the read-back decides whether the target is as expected. */
  | { kind: 'stepSkipped' | 'writeAdopted'; because: string }

/** Thrown before a write is sent: nothing leaves the process. */
export class WriteNotSentError extends Error {
  readonly reason: NotSentReason

  constructor(reason: NotSentReason) {
    super(reason.kind)
    this.name = 'WriteNotSentError'
    this.reason = reason
  }
}

/** Whether a provisioning state such as `Updating` says that an operation is under way. */
export function isOngoing(state: string | null): boolean {
  return state !== null && isInProgress(state)
}
