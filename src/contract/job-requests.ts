import { Type } from 'typebox'
import { dateTime, enumOf, nullable, ref, requestDateTime, string, strings, uuid } from './fields.ts'
import {
  HOLD_STATUSES,
  JOB_ERROR_CODES,
  JOB_STATUSES,
  JOB_STEP_STATUSES,
  MaintenanceWindowSchema,
  ON_FAILURE,
  ScheduleSchema,
} from './job.ts'
import { PlanIdSchema } from './parameters.ts'
import { AZURE_MODES } from './plan-parts.ts'

import { ReasonSchema } from './plan-request.ts'
import { stepKey } from './steps.ts'
import { JobWebhookSchema } from './webhook.ts'

const JobStatusSchema = enumOf(JOB_STATUSES)

const JobStepSchema = Type.Object(
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

const JobErrorSchema = Type.Object(
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

const JobHoldSchema = Type.Object(
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

const JobResultSchema = Type.Object(
  {
    outboundType: string(),
    natGatewaySku: nullable(Type.String()),
    egressIps: Type.Array(
      Type.Object({
        address: string(),
        family: enumOf(['IPv4', 'IPv6']),
        resourceId: nullable(Type.String()),
      }),
    ),
    authorizedIPRanges: strings(),
    leftBehind: strings('What still stands although the cluster no longer uses it.'),
  },
  { $id: 'JobResult', description: 'What was read back from the cluster at the end.' },
)

export const JobSchema = Type.Object(
  {
    id: uuid('The job.'),
    planId: uuid('The plan that it executes.'),
    cluster: Type.Object({ id: string(), subscriptionId: string(), resourceGroup: string(), name: string() }),
    status: JobStatusSchema,
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

export const JobRequestSchema = Type.Object(
  {
    planId: PlanIdSchema,
    acknowledge: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Z][A-Z0-9_]{0,63}$',
          description: 'The code of a finding, such as EGRESS_IP_LOST.',
        }),
        {
          maxItems: 50,
          uniqueItems: true,
          description: "The plan's `acknowledgementsRequired`, once somebody has read what they mean.",
        },
      ),
    ),
    onFailure: Type.Optional(
      enumOf(ON_FAILURE, {
        description:
          '`stop` (the default): a failed step ends the job and everything stays as it is. `rollBack`: what has moved traffic is taken back, the outbound type first; refused where the matrix has no way back.',
      }),
    ),
    holdBeforeCutOver: Type.Optional(
      Type.Boolean({
        description:
          'Stops the job before the step that moves traffic (`cutOver` of the plan) until it is released, so that `preparedAddresses` can be announced. The lock of the cluster is kept meanwhile; the cluster is looked at again before the job goes on. `notBefore`, `window` and `giveUpAt` are about the beginning alone: release it when traffic may move. Refused where no step of the plan moves traffic.',
      }),
    ),
    notBefore: Type.Optional(
      requestDateTime('The job begins no earlier, and looks at the cluster afresh then.'),
    ),
    window: Type.Optional(ref(MaintenanceWindowSchema)),
    giveUpAt: Type.Optional(
      requestDateTime('A job that has not begun by then ends as Failed without having changed anything.'),
    ),
    webhook: Type.Optional(ref(JobWebhookSchema)),
    reason: Type.Optional(ReasonSchema),
  },
  { additionalProperties: false, $id: 'JobRequest' },
)

export const CancelRequestSchema = Type.Object(
  {
    abortOperation: Type.Optional(
      Type.Boolean({
        description:
          'Asks AKS to abort what it is doing to the cluster right now. That undoes nothing and can leave the cluster between two states; left out, the operation is let run to its end.',
      }),
    ),
  },
  { additionalProperties: false, $id: 'CancelRequest' },
)

export const ReleaseRequestSchema = Type.Object(
  { reason: Type.Optional(ReasonSchema) },
  { additionalProperties: false, $id: 'ReleaseRequest' },
)

export const JOB_PART_SCHEMAS = [
  CancelRequestSchema,
  ReleaseRequestSchema,
  MaintenanceWindowSchema,
  ScheduleSchema,
  JobStepSchema,
  JobErrorSchema,
  JobHoldSchema,
  JobResultSchema,
]
