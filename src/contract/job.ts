import { Type } from 'typebox'

import { dateTime, enumOf, nullable, ref } from './fields.ts'
import type { AzureMode } from './plan-parts.ts'
import type { StepKey } from './steps.ts'

export const DAYS_OF_WEEK = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const
export type DayOfWeek = (typeof DAYS_OF_WEEK)[number]

/** One execution of one plan, as callers see it. The field names are the HTTP contract. */
export interface Job {
  /** UUID version 7. */
  id: string
  planId: string
  cluster: { id: string; subscriptionId: string; resourceGroup: string; name: string }
  status: JobStatus
  azure: AzureMode
  createdBy: string
  reason: string | null
  /** The approvals that stood when the job was accepted. */
  approvals: JobApproval[]
  progress: { done: number; total: number }
  /** null before the first step and after the last. */
  currentStep: StepKey | null
  steps: JobStep[]
  timestamps: {
    acceptedAt: string
    startedAt: string | null
    finishedAt: string | null
    cancelRequestedAt: string | null
  }
  onFailure: OnFailure
  /** When the job may begin; null for at once. */
  schedule: Schedule | null
  /** The stop before the cut-over; null where none was ordered. */
  hold: JobHold | null
  /** The way back after a failure; null where none was begun. */
  rollback: { status: 'Running' | 'Succeeded' | 'Failed' } | null
  error: JobError | null
  /** Things that a person should know although the job went on, such as an error beside a success. */
  warnings: string[]
  /** Addresses that the job has made so far: announce them before traffic leaves by them. */
  preparedAddresses: PreparedAddress[]
  result: JobResult | null
  /** What can be asked of the job now; each is accepted exactly when it says true. */
  actions: { cancel: boolean; release: boolean; rollbackPlan: boolean; cleanUpPlan: boolean }
}

/** A second person's word that the plan may be executed. */
export interface JobApproval {
  id: string
  by: string
  at: string
}

/**
 * `Ahead`: the job has not come to it. `Held`: it waits there. `Released`: it goes on, or does not stop there. `Ended`: the
 * job ended before anybody released it.
 */
export const HOLD_STATUSES = ['Ahead', 'Held', 'Released', 'Ended'] as const
export type HoldStatus = (typeof HOLD_STATUSES)[number]

/** A stop before the step that moves the traffic, until somebody lets the job go on. */
export interface JobHold {
  status: HoldStatus
  /** The step that is not begun before. */
  step: StepKey
  /** When the job came there; null where it has not, or did not stop. */
  heldSince: string | null
  releasedAt: string | null
  releasedBy: string | null
}

/** What a failure does: `stop` leaves everything as it is, `rollBack` takes the change back where the matrix lets it. */
export const ON_FAILURE = ['stop', 'rollBack'] as const
export type OnFailure = (typeof ON_FAILURE)[number]

/** Azure's own words for a long-running operation. */
export const JOB_STATUSES = ['NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

export const JOB_STEP_STATUSES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Skipped', 'Canceled'] as const
export type JobStepStatus = (typeof JOB_STEP_STATUSES)[number]

export interface JobStep {
  key: StepKey
  title: string
  status: JobStepStatus
  startedAt: string | null
  finishedAt: string | null
  /** Times that ARM was asked to do it; more than one after transient faults. */
  attempts: number
}

export interface JobError {
  /** One of `JOB_ERROR_CODES`. */
  code: JobErrorCode
  message: string
  step: StepKey | null
  /** ARM's own words, where ARM spoke. */
  arm: { code: string; message: string; requestId: string | null } | null
  remedy: string
}

export const JOB_ERROR_CODES = [
  /** The cluster is no longer as the plan saw it; nothing was written. */
  'PLAN_STALE',
  /** ARM refused the change. */
  'ARM_REFUSED',
  /** ARM accepted the change and ended it as Failed. */
  'ARM_OPERATION_FAILED',
  /** The identity of the service may not do this. */
  'ARM_ACCESS_DENIED',
  /** The cluster is gone. */
  'CLUSTER_GONE',
  /** ARM said success, the cluster does not show the target state. */
  'TARGET_NOT_REACHED',
  /** Another operation on the cluster did not end within the limit. */
  'CLUSTER_BUSY',
  /** ARM could not be reached, or only answered with errors, for longer than the limit. */
  'ARM_UNAVAILABLE',
  /** The operation did not end within the limit. */
  'OPERATION_TIMED_OUT',
  /** The caller had Azure abort the operation. */
  'OPERATION_ABORTED',
  /** The job could not begin before the time that its caller set. */
  'NOT_STARTED_IN_TIME',
  /** A fault of this service. */
  'INTERNAL',
] as const
export type JobErrorCode = (typeof JOB_ERROR_CODES)[number]

/** What was read back at the end. */
export interface JobResult {
  outboundType: string
  natGatewaySku: string | null
  egressIps: { address: string; family: 'IPv4' | 'IPv6'; resourceId: string | null }[]
  authorizedIPRanges: string[]
  /** What still stands although the cluster no longer uses it, in words with ids. */
  leftBehind: string[]
}

/** One entry of a job's append-only log as callers see it: no pollers, no inner state. */
export interface JobLogEntry {
  /** 1, 2, 3 … without gaps within a job. */
  sequence: number
  at: string
  type: string
  step: StepKey | null
  message: string
}

const closed = { additionalProperties: false }

/** A weekly window in the words of AKS's own maintenance configurations. */
export const MaintenanceWindowSchema = Type.Object(
  {
    daysOfWeek: Type.Array(enumOf(DAYS_OF_WEEK), { minItems: 1, maxItems: 7, uniqueItems: true }),
    startTime: Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      description: 'HH:MM, at utcOffset.',
    }),
    utcOffset: Type.String({
      pattern: '^[+-](0[0-9]|1[0-4]):[0-5][0-9]$',
      description: 'Such as +02:00. It does not follow daylight saving time.',
    }),
    durationHours: Type.Integer({ minimum: 1, maximum: 24 }),
  },
  { ...closed, $id: 'MaintenanceWindow' },
)

/** When a job may begin, as it is shown on the job. */
export const ScheduleSchema = Type.Object(
  {
    notBefore: nullable(dateTime()),
    window: nullable(ref(MaintenanceWindowSchema)),
    giveUpAt: nullable(dateTime()),
  },
  { $id: 'Schedule' },
)

/** An address or prefix that a job has made. */
export interface PreparedAddress {
  resourceId: string
  /** An address, or the CIDR of a prefix. */
  address: string
}

/** When a job may begin. Once it has written something it goes on to its end: half a change is worse than a late one. */
export interface Schedule {
  /** RFC 3339; null for at once. */
  notBefore: string | null
  window: MaintenanceWindow | null
  /** RFC 3339: a job that has not begun by then ends without having changed anything; null for never. */
  giveUpAt: string | null
}

/** A weekly window in the words of AKS's own maintenance configurations (SDK: MaintenanceWindow). */
export interface MaintenanceWindow {
  daysOfWeek: DayOfWeek[]
  /** `HH:MM` on the clock that `utcOffset` sets. */
  startTime: string
  /** `+HH:MM` or `-HH:MM`. */
  utcOffset: string
  /** 1 to 24. */
  durationHours: number
}
