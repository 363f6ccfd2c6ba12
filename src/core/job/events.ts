import type {
  JobApproval,
  JobError,
  JobLogEntry,
  JobResult,
  JobStatus,
  OnFailure,
  PreparedAddress,
  Schedule,
} from '../../contract/job.ts'
import type { FieldChange, Step, StepKey } from '../../contract/steps.ts'

/**
 * The kinds of faults that a job can meet: those that Resource Manager answers with (`ArmFault` of the azure
 * module has the same), and `internal` for a fault of this service itself.
 */
export type FaultKind =
  | 'not-found'
  | 'precondition-failed'
  | 'conflict'
  | 'throttled'
  | 'denied'
  | 'unauthenticated'
  | 'transient'
  | 'refused'
  | 'unknown'
  | 'internal'

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
  | { type: 'writeRefused'; step: StepKey; fault: RecordedFault; retryAt: string | null }
  /** After a crash or a lost answer the cluster was read once and showed no trace of the write. */
  | { type: 'writeNotSeen'; step: StepKey; lookAgainAt: string }
  /** It still showed none: the write never took effect and may be made again. */
  | { type: 'writeLost'; step: StepKey }
  /** The cluster shows the write under way or done, although its answer was never recorded. */
  | { type: 'writeAdopted'; step: StepKey; because: string }
  | { type: 'pollMoved'; step: StepKey; poller: string; pollAt: string }
  | { type: 'operationEnded'; step: StepKey; error: ArmErrorDetail | null; requestId: string | null }
  /** A call failed in a way that may pass; the same is tried again at `retryAt`. */
  | { type: 'faulted'; step: StepKey; fault: RecordedFault; retryAt: string }
  /** After faults Azure answered again, though the step goes on: their row is over. */
  | { type: 'recovered'; step: StepKey }
  | { type: 'warned'; step: StepKey; message: string }
  | { type: 'stepSucceeded'; step: StepKey; observed: Observations | null }
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
  | { type: 'abortRequested'; step: StepKey; requestId: string | null; refusal: ArmErrorDetail | null }
  /** The job failed with `error`, and takes back what it has changed. */
  | { type: 'rollbackStarted'; error: JobError; steps: Step[] }
  | { type: 'ended'; status: Extract<JobStatus, 'Succeeded' | 'Failed' | 'Canceled'>; error: JobError | null }
)

/** ARM's own words. */
export interface ArmErrorDetail {
  code: string
  message: string
}

/** A fault as it is kept in the log: enough to explain and to decide, nothing of headers or tokens. */
export interface RecordedFault extends ArmErrorDetail {
  kind: FaultKind
  requestId: string | null
}

/** What a step read from the cluster that the result or a later step needs. */
export interface Observations extends Partial<JobResult> {
  /** Addresses of a resource that the step has made; those of several steps add up. */
  prepared?: PreparedAddress[]
}

/** An event in words, for people and for the audit; pollers and inner state stay inside. */
export function toLogEntry(event: JobEvent, sequence: number): JobLogEntry {
  return {
    sequence,
    at: event.at,
    type: event.type,
    step: 'step' in event ? event.step : null,
    message: sentence(event),
  }
}

function sentence(event: JobEvent): string {
  switch (event.type) {
    case 'accepted':
      return `Accepted for ${event.by}.`
    case 'stepStarted':
      return 'Started.'
    case 'writeIntended':
      return 'About to write the cluster.'
    case 'writeAccepted':
      return `Azure took the write${event.requestId === null ? '' : ` (request ${event.requestId})`}.`
    case 'writeRefused':
      return `The write was not taken: ${event.fault.code}: ${event.fault.message}${event.retryAt === null ? '' : ` Next try at ${event.retryAt}.`}`
    case 'writeNotSeen':
      return `No answer to the write is recorded and the cluster shows no trace of it; looking again at ${event.lookAgainAt}.`
    case 'writeLost':
      return 'The write never reached the cluster; it may be made again.'
    case 'writeAdopted':
      return `No answer to the write is recorded, but the cluster shows it: ${event.because}`
    case 'pollMoved':
      return 'Azure moved the address of the operation.'
    case 'operationEnded':
      return event.error === null
        ? 'The operation ended.'
        : `The operation ended, with ${event.error.code} beside it.`
    case 'faulted':
      return `${event.fault.code}: ${event.fault.message} Next try at ${event.retryAt}.`
    case 'recovered':
      return 'Azure answers again.'
    case 'warned':
      return event.message
    case 'stepSucceeded':
      return 'Done.'
    case 'stepSkipped':
      return `Skipped: ${event.because}`
    case 'cancelRequested':
      return `Cancellation asked for by ${event.by}${event.abort === true ? ', and for Azure to abort what it does' : ''}.`
    case 'held':
      return 'Held: nothing moves traffic until somebody releases the job.'
    case 'released':
      return `Released by ${event.by}.`
    case 'rechecked':
      return 'Looked at the cluster again after the hold: it is still as the plan saw it.'
    case 'abortRequested':
      return event.refusal === null
        ? 'Azure was asked to abort the operation.'
        : `Azure did not abort the operation: ${event.refusal.code}: ${event.refusal.message}`
    case 'rollbackStarted':
      return `${event.error.message} Taking the change back.`
    case 'ended':
      return event.error === null ? `${event.status}.` : `${event.status}: ${event.error.message}`
  }
}
