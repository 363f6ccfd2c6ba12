import type {
  JobApproval,
  JobError,
  JobLogEntry,
  JobResult,
  JobStatus,
  OnFailure,
  PreparedAddress,
} from '../../contract/job.ts'
import type { Labels } from '../../contract/labels.ts'
import type { Schedule } from '../../contract/schedule.ts'
import type { FieldChange, Step, StepKey } from '../../contract/steps.ts'
import type { LostEndpoint } from '../probe/losses.ts'
import { type ProbeEvent, type ProbeRun, probeSentence } from '../probe/probe-run.ts'

/**
 * The kinds of faults that a job can encounter: those of Resource Manager (the same as `ArmFault` of the azure module), and
 * `internal` for an error of this service.
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
 * What can happen to a job. The log of events, oldest first, is the source of truth; everything else is folded from it
 * (fold-events.ts). Events are never changed or deleted.
 */
export type JobEvent = { at: string } & (
  | {
      type: 'accepted'
      by: string
      reason: string | null
      /** Omitted if there are none. */
      labels?: Labels
      acknowledge: string[]
      /** The approvals by second persons; omitted if there are none. */
      approvals?: JobApproval[]
      /** Absent in logs of earlier versions, like `onFailure`; the defaults are to start immediately and to stop. */
      schedule?: Schedule
      onFailure?: OnFailure
      /** The step before which the job is held until it is released; omitted without a hold. */
      holdBefore?: StepKey
      /** The `traceparent` of the request (W3C Trace Context), if there is one. */
      traceparent?: string
    }
  | { type: 'stepStarted'; step: StepKey }
  /** Committed before the PUT is sent: after this event, a crash may have changed the cluster. */
  | { type: 'writeIntended'; step: StepKey; etag: string | null; changes: FieldChange[] }
  | { type: 'writeAccepted'; step: StepKey; poller: string; requestId: string | null; pollAt: string }
  /** ARM rejected the PUT; it may be retried at `retryAt`, or never if that is null. */
  | { type: 'writeRefused'; step: StepKey; fault: RecordedFault; retryAt: string | null }
  /** After a crash or a lost response, the cluster was read once and showed no trace of the write. */
  | { type: 'writeNotSeen'; step: StepKey; lookAgainAt: string }
  /** The second read showed no trace either: the write never took effect and may be repeated. */
  | { type: 'writeLost'; step: StepKey }
  /** The cluster shows the write in progress or completed, although its response was never recorded. */
  | { type: 'writeAdopted'; step: StepKey; because: string }
  | { type: 'pollMoved'; step: StepKey; poller: string; pollAt: string }
  | { type: 'operationEnded'; step: StepKey; error: ArmErrorDetail | null; requestId: string | null }
  /** A call failed with a transient fault; it is retried at `retryAt`. */
  | { type: 'faulted'; step: StepKey; fault: RecordedFault; retryAt: string }
  /** After errors, Azure responded again while the step continues. This ends the series of consecutive errors. */
  | { type: 'recovered'; step: StepKey }
  | { type: 'warned'; step: StepKey; message: string }
  /**
   * A measurement from nodes begins; another one in the same step repeats it. `baseline`: the measurement of another job,
   * before the cutover that this job reverts.
   */
  | { type: 'probeStarted'; step: StepKey; run: ProbeRun; baseline?: ProbeRun }
  | { type: 'probed'; step: StepKey; events: ProbeEvent[] }
  /** The comparison with the measurement before the cutover. `unmeasured`: only after a rollback. `unreached`: only after the cutover. */
  | {
      type: 'probeCompared'
      step: StepKey
      lost: LostEndpoint[]
      unmeasured?: string[]
      unreached?: LostEndpoint[]
    }
  | { type: 'stepSucceeded'; step: StepKey; observed: Observations | null }
  | { type: 'stepSkipped'; step: StepKey; because: string }
  /** `abort`: the job also asks Azure to abort the running operation. `withdrawnApproval`: the ID of the last approval. */
  | { type: 'cancelRequested'; by: string; abort?: boolean; reason?: string; withdrawnApproval?: string }
  /** A caller changed the schedule of a job that has not begun; null means immediately. */
  | { type: 'rescheduled'; by: string; schedule: Schedule | null; reason: string | null }
  /** The service did not run in the window of the job, which begins later. */
  | { type: 'startDelayed' }
  /** The job has reached its hold. */
  | { type: 'held'; step: StepKey }
  /** A caller released the job, before or during its hold. */
  | { type: 'released'; by: string; reason: string | null }
  /** After the hold, the cluster was re-read, and the plan is not stale. */
  | { type: 'rechecked'; step: StepKey }
  /** Azure was asked to abort; `refusal` is its error if it rejected the request. */
  | { type: 'abortRequested'; step: StepKey; requestId: string | null; refusal: ArmErrorDetail | null }
  /** The job failed with `error`, and reverts its changes. */
  | { type: 'rollbackStarted'; error: JobError; steps: Step[] }
  | { type: 'ended'; status: Extract<JobStatus, 'Succeeded' | 'Failed' | 'Canceled'>; error: JobError | null }
)

/** ARM's error code and message. */
export interface ArmErrorDetail {
  code: string
  message: string
}

/** A fault as it is stored in the log: enough to explain and to decide, without headers or tokens. */
export interface RecordedFault extends ArmErrorDetail {
  kind: FaultKind
  requestId: string | null
}

/** The data from the cluster that the result or a later step needs. */
export interface Observations extends Partial<JobResult> {
  /** The addresses of a resource that the step has created. The addresses of several steps are combined. */
  prepared?: PreparedAddress[]
}

/** An event as text, for people and for the audit log, without pollers and internal state. */
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
      return `Job accepted for ${event.by}.`
    case 'stepStarted':
      return 'Step started.'
    case 'writeIntended':
      return 'Sending a write to Azure.'
    case 'writeAccepted':
      return `Azure accepted the request${event.requestId === null ? '' : ` (request ID ${event.requestId})`}.`
    case 'writeRefused':
      return `Azure rejected the request: ${event.fault.code}: ${event.fault.message}${event.retryAt === null ? '' : ` Next attempt at ${event.retryAt}.`}`
    case 'writeNotSeen':
      return `The response of Azure to the write is unknown, and Azure does not show the write. The job reads the resource again at ${event.lookAgainAt}.`
    case 'writeLost':
      return 'The write did not take effect, so the job may repeat it.'
    case 'writeAdopted':
      return `The response of Azure to the write is unknown, but Azure shows the write: ${event.because}`
    case 'pollMoved':
      return 'Azure changed the URL of the operation.'
    case 'operationEnded':
      return event.error === null
        ? 'The operation succeeded.'
        : `The operation succeeded, but Azure also reported ${event.error.code}.`
    case 'faulted':
      return `${event.fault.code}: ${event.fault.message} Next attempt at ${event.retryAt}.`
    case 'recovered':
      return 'Azure responds again.'
    case 'warned':
      return event.message
    case 'probeStarted':
      return `Measuring from ${event.run.nodes.filter(({ instanceId, phase }) => instanceId !== null && phase !== 'ended').length} nodes.`
    case 'probed':
      return event.events.map(probeSentence).join(' ')
    case 'probeCompared':
      return event.unmeasured === undefined
        ? `Endpoints lost since the cutover: ${event.lost.length}.${event.unreached === undefined ? '' : ` Endpoints not reached and not measured before: ${event.unreached.length}.`}`
        : `Endpoints that nodes do not reach after the rollback: ${event.lost.length}.`
    case 'stepSucceeded':
      return 'Step succeeded.'
    case 'stepSkipped':
      return `Step skipped: ${event.because}`
    case 'cancelRequested':
      if (event.withdrawnApproval !== undefined)
        return `${event.by} withdrew the last valid approval: the job stops before its cutover.`
      return `${event.by} requested cancellation${event.abort === true ? ' and an abort of the running Azure operation' : ''}.${event.reason === undefined ? '' : ` Reason: ${event.reason}`}`
    case 'rescheduled':
      return `${event.by} changed the schedule of the job.${event.reason === null ? '' : ` Reason: ${event.reason}`}`
    case 'startDelayed':
      return 'The job did not begin in its window and waits for the next window.'
    case 'held':
      return 'Job held: no step moves traffic until the job is released.'
    case 'released':
      return `Job released by ${event.by}.`
    case 'rechecked':
      return 'The staleness check after the hold found no change.'
    case 'abortRequested':
      return event.refusal === null
        ? 'The job asked Azure to abort the operation.'
        : `Azure did not abort the operation: ${event.refusal.code}: ${event.refusal.message}`
    case 'rollbackStarted':
      return `${event.error.message} Reverting the change.`
    case 'ended':
      return event.error === null
        ? `Job ended: ${event.status}.`
        : `Job ended: ${event.status}. ${event.error.message}`
  }
}
