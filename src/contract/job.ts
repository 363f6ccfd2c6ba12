import { type Static, Type } from 'typebox'
import { AZURE_MODES } from './cluster.ts'
import { IP_FAMILIES } from './egress.ts'
import { closed, dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { stepKey } from './steps.ts'

export const DAYS_OF_WEEK = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const

/** A weekly window, with the fields of AKS maintenance configurations. */
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
export type MaintenanceWindow = Static<typeof MaintenanceWindowSchema>

/** When a job may begin. A job that has written something continues to its end: half a change is worse than a late one. */
export const ScheduleSchema = Type.Object(
  {
    notBefore: nullable(dateTime()),
    window: nullable(ref(MaintenanceWindowSchema)),
    // A job that has not begun by then ends without changes; null for never.
    giveUpAt: nullable(dateTime()),
  },
  { $id: 'Schedule' },
)
export type Schedule = Static<typeof ScheduleSchema>

/** Azure's status values of a long-running operation. */
export const JOB_STATUSES = ['NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

export const JOB_STEP_STATUSES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Skipped', 'Canceled'] as const
export type JobStepStatus = (typeof JOB_STEP_STATUSES)[number]

export const JobStepSchema = Type.Object(
  {
    key: stepKey(),
    title: string(),
    status: enumOf(JOB_STEP_STATUSES),
    startedAt: nullable(dateTime()),
    finishedAt: nullable(dateTime()),
    attempts: Type.Integer({ description: 'Times that Azure was asked to do it.' }),
  },
  { $id: 'JobStep' },
)
export type JobStep = Static<typeof JobStepSchema>

export const JOB_ERROR_CODES = [
  /** The cluster differs from the plan's basis; nothing was written. */
  'PLAN_STALE',
  /** ARM rejected the change. */
  'ARM_REFUSED',
  /** ARM accepted the change and ended it as Failed. */
  'ARM_OPERATION_FAILED',
  /** The identity of the service lacks a permission. */
  'ARM_ACCESS_DENIED',
  /** The cluster no longer exists. */
  'CLUSTER_GONE',
  /** ARM reported success, but the cluster does not show the target state. */
  'TARGET_NOT_REACHED',
  /** Another operation on the cluster did not end within the limit. */
  'CLUSTER_BUSY',
  /** ARM could not be reached, or only answered with errors, for longer than the limit. */
  'ARM_UNAVAILABLE',
  /** The operation did not end within the limit. */
  'OPERATION_TIMED_OUT',
  /** The caller aborted the operation in Azure. */
  'OPERATION_ABORTED',
  /** The job could not begin before the time that its caller set. */
  'NOT_STARTED_IN_TIME',
  /** An error of this service. */
  'INTERNAL',
] as const
export type JobErrorCode = (typeof JOB_ERROR_CODES)[number]

export const JobErrorSchema = Type.Object(
  {
    code: enumOf(JOB_ERROR_CODES),
    message: string(),
    step: nullable(stepKey()),
    arm: nullable(Type.Object({ code: string(), message: string(), requestId: nullable(Type.String()) }), {
      description: "Azure's own words, where Azure spoke.",
    }),
    remedy: string(),
  },
  { $id: 'JobError' },
)
export type JobError = Static<typeof JobErrorSchema>

export const HOLD_STATUSES = ['Ahead', 'Held', 'Released', 'Ended'] as const
export type HoldStatus = (typeof HOLD_STATUSES)[number]

/** A stop before the cutover, until a user releases the job. */
export const JobHoldSchema = Type.Object(
  {
    status: enumOf(HOLD_STATUSES, {
      description:
        '`Ahead`: the job has not come to it. `Held`: it waits there, and holds the lock of the cluster. `Released`: it goes on, or does not stop there. `Ended`: the job ended before anybody released it; `heldSince` says whether it had come there.',
    }),
    step: stepKey(),
    heldSince: nullable(dateTime(), {
      description: 'When the job came there; null where it has not, or did not stop.',
    }),
    releasedAt: nullable(dateTime()),
    releasedBy: nullable(Type.String()),
  },
  {
    $id: 'JobHold',
    description:
      'A stop before `step`, the first that moves traffic. Only a job that is `Held` waits for somebody.',
  },
)
export type JobHold = Static<typeof JobHoldSchema>

export const JobResultSchema = Type.Object(
  {
    outboundType: string(),
    natGatewaySku: nullable(Type.String()),
    egressIps: Type.Array(
      Type.Object({
        address: string(),
        family: enumOf(IP_FAMILIES),
        resourceId: nullable(Type.String()),
      }),
    ),
    authorizedIPRanges: strings(),
    leftBehind: strings('What still stands although the cluster no longer uses it.'),
  },
  { $id: 'JobResult', description: 'What was read back from the cluster at the end.' },
)
export type JobResult = Static<typeof JobResultSchema>

/** What a failure does: `stop` leaves everything as it is, `rollBack` reverts the change where the matrix supports it. */
export const ON_FAILURE = ['stop', 'rollBack'] as const
export type OnFailure = (typeof ON_FAILURE)[number]

/** One execution of one plan. */
export const JobSchema = Type.Object(
  {
    id: uuid('The job.'),
    planId: uuid('The plan that it executes.'),
    cluster: Type.Object({ id: string(), subscriptionId: string(), resourceGroup: string(), name: string() }),
    status: enumOf(JOB_STATUSES),
    azure: enumOf(AZURE_MODES),
    createdBy: string(),
    reason: nullable(Type.String()),
    approvals: Type.Array(Type.Object({ id: uuid('The approval.'), by: string(), at: dateTime() }), {
      description: 'The approvals by other persons that stood when the job was accepted.',
    }),
    progress: Type.Object({ done: Type.Integer(), total: Type.Integer() }),
    currentStep: nullable(stepKey(), {
      description: 'Null before the first step and after the last.',
    }),
    steps: Type.Array(ref(JobStepSchema)),
    timestamps: Type.Object({
      acceptedAt: dateTime(),
      startedAt: nullable(dateTime()),
      finishedAt: nullable(dateTime(), { description: 'Null as long as the job is unfinished.' }),
      cancelRequestedAt: nullable(dateTime()),
    }),
    onFailure: enumOf(ON_FAILURE),
    schedule: nullable(ref(ScheduleSchema), { description: 'When the job may begin; null for at once.' }),
    hold: nullable(ref(JobHoldSchema), {
      description: 'The stop before the cut-over; null where none was ordered.',
    }),
    rollback: nullable(Type.Object({ status: enumOf(['Running', 'Succeeded', 'Failed']) }), {
      description: 'The way back after a failure; null where none was begun.',
    }),
    error: nullable(ref(JobErrorSchema)),
    // What a person should know although the job succeeded or continues.
    warnings: strings(),
    preparedAddresses: Type.Array(
      Type.Object({ resourceId: string(), address: string('An address, or the CIDR of a prefix.') }),
      {
        description: 'Addresses that the job has made so far: announce them before traffic leaves by them.',
      },
    ),
    result: nullable(ref(JobResultSchema)),
    actions: Type.Object(
      {
        cancel: Type.Boolean(),
        release: Type.Boolean(),
        rollbackPlan: Type.Boolean(),
        cleanUpPlan: Type.Boolean(),
      },
      { description: 'What can be asked of the job now; each is accepted exactly when it says true.' },
    ),
  },
  { $id: 'Job' },
)
export type Job = Static<typeof JobSchema>
export type JobApproval = Job['approvals'][number]
export type PreparedAddress = Job['preparedAddresses'][number]

/** One entry of a job's append-only log, without internal state. */
export const JobLogEntrySchema = Type.Object(
  {
    sequence: Type.Integer({ description: '1, 2, 3 … without gaps within a job.' }),
    at: dateTime(),
    type: string(),
    step: nullable(stepKey()),
    message: string(),
  },
  { $id: 'JobLogEntry' },
)
export type JobLogEntry = Static<typeof JobLogEntrySchema>
