import type { MaySend, StartedOperation } from '../../azure/arm.ts'
import type { JobErrorCode } from '../../contract/job.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { isInProgress } from '../../core/arm/words.ts'
import type { Observations } from '../../core/job/events.ts'
import type { StepFacts } from './step-context.ts'

/**
 * The target of the write of a step: the cluster (cluster-target.ts) or another resource (resource-target.ts). Sending,
 * reconciling, watching, and reading back use this interface, so they exist only once.
 */
export interface WriteTarget {
  /** Whether Azure can abort an operation on the target. */
  isAbortable: boolean
  /** Reads the target once; rejects with an `ArmFault`. */
  read(): Promise<TargetReading>
  /**
   * Reads the target and sends the write of the step. Rejects with `WriteNotSentError` if the reading does not allow
   * the write, or with an `ArmFault`.
   */
  start(send: WriteSend): Promise<StartedOperation>
}

/** The hooks of one write. */
export interface WriteSend {
  /**
   * Records the intent; called directly before the request. `changes` are changes of the cluster's body, which later
   * staleness checks must not report; empty for other resources.
   */
  intend(etag: string | null, changes: FieldChange[]): Promise<void>
  maySend: MaySend
}

/**
 * The target at one moment, compared with the changes and expectations of the step. Sentences have no full stop unless
 * noted.
 */
export interface TargetReading {
  /** `provisioningState`; null if the target does not exist or shows none. */
  state: string | null
  /** The subject of a sentence about the state. */
  stateLabel: string
  /** Whether an adopted write is still in progress. */
  isRunning: boolean
  /** Whether the target may not yet show the result of its operation, so that it is read again. */
  isLagging: boolean
  /** The evidence that the write reached the target, as a sentence with a full stop; null if there is none. */
  trace(): string | null
  /** The reason why the plan is stale, as a sentence with a full stop; null if it is not stale. */
  staleness(): string | null
  /** How the target differs from what the step expects; empty when the step has succeeded. */
  mismatches(): string[]
  /** The part of the target that the result of the job contains. */
  observed(): Observations | null
  /** Warnings of a step that has succeeded. */
  warnings(): StepFacts[]
}

/** Why a write is not sent. */
type NotSentReason =
  | { kind: 'fail'; code: JobErrorCode; detail: string }
  /** Another operation on the target is in progress. */
  | { kind: 'busy'; name: string; state: string }
  /** There is nothing to write. With `writeAdopted`, the target is then read and compared with the expectations. */
  | { kind: 'stepSkipped' | 'writeAdopted'; because: string }

/** Thrown before a write is sent: no request was made. */
export class WriteNotSentError extends Error {
  readonly reason: NotSentReason

  constructor(reason: NotSentReason) {
    super(reason.kind)
    this.name = 'WriteNotSentError'
    this.reason = reason
  }
}

/** Whether a provisioning state such as `Updating` means that an operation is in progress. */
export function isOngoing(state: string | null): boolean {
  return state !== null && isInProgress(state)
}
