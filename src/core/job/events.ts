import type { FieldChange } from '../cluster-write.ts'
import type { Step, StepKey } from '../plan-steps.ts'
import type { FaultKind } from './fault-kind.ts'
import type { JobApproval, JobError, JobResult, JobStatus, OnFailure } from './job.ts'
import type { Schedule } from './schedule.ts'

/**
 * What can happen to a job. The log of these, oldest first, is the truth about it; everything else is
 * folded from them (fold-events.ts). An event is a fact that has happened and is never taken back.
 */
export type JobEvent = { at: string } & (
  | {
      type: 'accepted'
      by: string
      reason: string | null
      acknowledge: string[]
      /** By second persons; left out where there are none. */
      approvals?: JobApproval[]
      /** Absent in logs of earlier versions, as the two below: at once, and stop. */
      schedule?: Schedule
      onFailure?: OnFailure
      /** The step before which the job stops until it is released; left out where it does not. */
      holdBefore?: StepKey
      /** The trace of the request, as W3C writes it, where there is one. */
      traceparent?: string
    }
  | { type: 'stepStarted'; step: StepKey }
  /** Committed before the PUT leaves: from here on a crash may have changed the cluster. */
  | { type: 'writeIntended'; step: StepKey; etag: string | null; changes: FieldChange[] }
  | { type: 'writeAccepted'; step: StepKey; poller: string; requestId: string | null; pollAt: string }
  /** ARM answered that it did not take the PUT; it may be tried again at `retryAt`, never where that is null. */
  | { type: 'writeRefused'; step: StepKey; fault: FaultNote; retryAt: string | null }
  /** After a crash or a lost answer the cluster was read once and showed no trace of the write. */
  | { type: 'writeNotSeen'; step: StepKey; lookAgainAt: string }
  /** It still showed none: the write never took effect and may be made again. */
  | { type: 'writeLost'; step: StepKey }
  /** The cluster shows the write under way or done, although its answer was never recorded. */
  | { type: 'writeAdopted'; step: StepKey; because: string }
  | { type: 'pollMoved'; step: StepKey; poller: string; pollAt: string }
  | { type: 'operationEnded'; step: StepKey; error: ArmWords | null; requestId: string | null }
  /** A call failed in a way that may pass; the same is tried again at `retryAt`. */
  | { type: 'faulted'; step: StepKey; fault: FaultNote; retryAt: string }
  /** After faults Azure answered again, though the step goes on: their row is over. */
  | { type: 'recovered'; step: StepKey }
  | { type: 'warned'; step: StepKey; message: string }
  | { type: 'stepSucceeded'; step: StepKey; observed: Observed | null }
  | { type: 'stepSkipped'; step: StepKey; because: string }
  /** `abort`: Azure is to be asked to abort what it is doing. */
  | { type: 'cancelRequested'; by: string; abort?: boolean }
  /** The job has come to the step that it was ordered to stop before. */
  | { type: 'held'; step: StepKey }
  /** Somebody lets it go on, or keeps it from stopping. */
  | { type: 'released'; by: string; reason: string | null }
  /** After the stop the cluster was looked at again, and the plan still holds. */
  | { type: 'rechecked'; step: StepKey }
  /** Azure was asked; `refusal` is what it said when it would not. */
  | { type: 'abortRequested'; step: StepKey; requestId: string | null; refusal: ArmWords | null }
  /** The job failed with `error`, and takes back what it has changed. */
  | { type: 'rollbackStarted'; error: JobError; steps: Step[] }
  | { type: 'ended'; status: Extract<JobStatus, 'Succeeded' | 'Failed' | 'Canceled'>; error: JobError | null }
)

/** ARM's own words. */
export interface ArmWords {
  code: string
  message: string
}

/** A fault as it is kept in the log: enough to explain and to decide, nothing of headers or tokens. */
export interface FaultNote extends ArmWords {
  kind: FaultKind
  requestId: string | null
}

/** What a step read from the cluster that the result or a later step needs. */
export interface Observed {
  outboundType?: string
  natGatewaySku?: string | null
  authorizedIPRanges?: string[]
  egressIps?: JobResult['egressIps']
  leftBehind?: string[]
  /** Addresses of a resource that the step has made; those of several steps add up. */
  prepared?: PreparedAddress[]
}

/** An address or prefix that a job has made. */
export interface PreparedAddress {
  resourceId: string
  /** An address, or the CIDR of a prefix. */
  address: string
}
