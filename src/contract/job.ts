import { type Static, Type } from 'typebox'
import { AZURE_MODES } from './cluster.ts'
import { IP_FAMILIES } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { labelsOf } from './labels.ts'
import { PlanCountsSchema } from './plan-status.ts'
import { NodeVerificationSchema } from './probe.ts'
import { ScheduleSchema } from './schedule.ts'
import { stepKey } from './steps.ts'

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
    attempts: Type.Integer({ description: 'The number of times that the job sent the step to Azure.' }),
    mayHaveChanged: Type.Optional(
      Type.Boolean({
        description:
          'Whether Azure accepted a write of this step, or may have accepted it. False: the step sent nothing, or Azure rejected everything that it sent, so the step changed nothing. Absent for steps that have not started, for steps that only read, and for jobs that ended under an earlier version.',
      }),
    ),
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
  /** Nodes no longer reach what they reached before the cutover. */
  'NODES_LOST_ENDPOINTS',
  /** Nodes could not be measured before the cutover, so the cutover did not begin. */
  'NODES_NOT_MEASURED',
  /** The operation did not end within the limit. */
  'OPERATION_TIMED_OUT',
  /** The caller aborted the operation in Azure. */
  'OPERATION_ABORTED',
  /** The job could not start before the time set by its caller. */
  'NOT_STARTED_IN_TIME',
  /** An operator ended the job to unlock its cluster. */
  'ENDED_BY_OPERATOR',
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
      description: 'The error as reported by Azure. Null if Azure reported no error.',
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
        '`Ahead`: the job has not reached the hold. `Held`: the job waits at the hold and keeps the lock on the cluster. `Released`: the job continues, or does not stop at the hold. `Ended`: the job ended before it was released; `heldSince` shows whether it had reached the hold.',
    }),
    step: stepKey(),
    heldSince: nullable(dateTime(), {
      description:
        'The time at which the job reached the hold. Null if the job has not reached the hold, or did not stop there.',
    }),
    releasedAt: nullable(dateTime()),
    releasedBy: nullable(Type.String()),
  },
  {
    $id: 'JobHold',
    description:
      'A hold before `step`, which is the first step that moves traffic, or the measurement from nodes before it. Only a job with the status `Held` waits for a release.',
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
    leftBehind: strings(
      'Texts about NAT gateways and default routes that the outbound type does not require. They can still carry the traffic of the cluster.',
    ),
  },
  { $id: 'JobResult', description: 'The state of the cluster at the end of the job, as read from ARM.' },
)
export type JobResult = Static<typeof JobResultSchema>

/** The effect of a failure: `stop` leaves everything as it is; `rollBack` reverts the change if the support matrix allows it. */
export const ON_FAILURE = ['stop', 'rollBack'] as const
export type OnFailure = (typeof ON_FAILURE)[number]

/** One execution of one plan. */
export const JobSchema = Type.Object(
  {
    id: uuid('The ID of the job.'),
    planId: uuid('The ID of the plan that the job executes.'),
    cluster: Type.Object({ id: string(), subscriptionId: string(), resourceGroup: string(), name: string() }),
    status: enumOf(JOB_STATUSES),
    azure: enumOf(AZURE_MODES),
    createdBy: string(),
    reason: nullable(Type.String()),
    labels: Type.Optional(labelsOf('The labels of the job. Absent if there are none.')),
    approvals: Type.Array(
      Type.Object({ id: uuid('The ID of the approval.'), by: string(), at: dateTime() }),
      {
        description: 'The approvals by other persons that were valid when the job was accepted.',
      },
    ),
    counts: Type.Optional(ref(PlanCountsSchema)),
    progress: Type.Object({ done: Type.Integer(), total: Type.Integer() }),
    currentStep: nullable(stepKey(), {
      description: 'The key of the current step. Null before the first step and after the last step.',
    }),
    steps: Type.Array(ref(JobStepSchema)),
    timestamps: Type.Object({
      acceptedAt: dateTime(),
      startedAt: nullable(dateTime()),
      finishedAt: nullable(dateTime(), { description: 'Null while the job is unfinished.' }),
      cancelRequestedAt: nullable(dateTime()),
    }),
    cancellation: Type.Optional(
      nullable(
        Type.Object({
          by: string(),
          reason: nullable(Type.String()),
          withdrawnApproval: Type.Optional(
            uuid('The ID of the withdrawn approval, the last valid one, whose withdrawal canceled the job.'),
          ),
        }),
        {
          description:
            'Who requested the cancellation, and why. Null without a cancellation. Absent in jobs of earlier versions of the service.',
        },
      ),
    ),
    onFailure: enumOf(ON_FAILURE),
    schedule: nullable(ref(ScheduleSchema), {
      description: 'The schedule of the job. Null if the job starts immediately.',
    }),
    beginsAt: Type.Optional(
      nullable(dateTime(), {
        description:
          'The earliest time at which a scheduled job begins. Null if the job has no schedule, has begun, or has ended, or if its schedule leaves no time to begin. Absent in jobs of earlier versions of the service.',
      }),
    ),
    hold: nullable(ref(JobHoldSchema), {
      description: 'The hold before the cutover. Null if the job was created without a hold.',
    }),
    rollback: nullable(Type.Object({ status: enumOf(['Running', 'Succeeded', 'Failed']) }), {
      description: 'The rollback after a failure. Null if no rollback was started.',
    }),
    error: nullable(ref(JobErrorSchema)),
    // Warnings for a job that succeeded or continues.
    warnings: strings(),
    preparedAddresses: Type.Array(
      Type.Object({ resourceId: string(), address: string('An address, or the CIDR of a prefix.') }),
      {
        description: 'Addresses that the job has created so far. Announce them before the cutover.',
      },
    ),
    result: nullable(ref(JobResultSchema)),
    // Only jobs whose plan has `verifyFromNodes`.
    nodeVerification: Type.Optional(ref(NodeVerificationSchema)),
    actions: Type.Object(
      {
        cancel: Type.Boolean(),
        release: Type.Boolean({
          description:
            'True only while the job is held. The service also accepts a release in advance, while `hold.status` is `Ahead`: the job then does not stop.',
        }),
        rollbackPlan: Type.Boolean(),
        cleanUpPlan: Type.Boolean(),
        // Absent in jobs of earlier versions of the service.
        reschedule: Type.Optional(Type.Boolean()),
        reconcilePlan: Type.Optional(Type.Boolean()),
      },
      {
        description:
          'Which operations this caller can call now, by the state of the job, the roles of the caller and the access policy. In messages of webhooks, only the state of the job counts.',
      },
    ),
  },
  { $id: 'Job' },
)
export type Job = Static<typeof JobSchema>
export type JobApproval = Job['approvals'][number]
export type PreparedAddress = Job['preparedAddresses'][number]

/** A job that held the lock on the cluster when the plan was created. */
export const ActiveJobSchema = Type.Object(
  {
    id: uuid('The ID of the job.'),
    status: enumOf(JOB_STATUSES),
    beginsAt: nullable(dateTime(), {
      description: 'The time at which the job begins. Null if it has begun or begins immediately.',
    }),
    isHeld: Type.Boolean({ description: 'Whether the job waits for a release.' }),
  },
  {
    $id: 'ActiveJob',
    description:
      'The job that held the lock on the cluster when the plan was created. The plan can be executed only after this job ends, and becomes stale if the job changes the cluster.',
  },
)
export type ActiveJob = Static<typeof ActiveJobSchema>

/** One entry of a job's append-only log, without internal state. */
export const JobLogEntrySchema = Type.Object(
  {
    sequence: Type.Integer({
      description: 'The position in the log of the job: 1, 2, 3 and so on, without gaps.',
    }),
    at: dateTime(),
    type: string(),
    step: nullable(stepKey()),
    message: string(),
  },
  { $id: 'JobLogEntry' },
)
export type JobLogEntry = Static<typeof JobLogEntrySchema>
