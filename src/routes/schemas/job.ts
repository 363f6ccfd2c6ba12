import { Type } from 'typebox'
import { JOB_ERROR_CODES, JOB_STATUSES, JOB_STEP_STATUSES } from '../../core/job/job.ts'
import { STEP_KEYS } from '../../core/plan-steps.ts'
import { PlanIdSchema } from './names.ts'
import { id, nullable, ref, text, texts, time, words } from './plain.ts'
import { AZURE_MODES } from './plan.ts'
import { ReasonSchema } from './plan-request.ts'

export const JobStatusSchema = words(JOB_STATUSES)

const JobStepSchema = Type.Object(
  {
    key: words(STEP_KEYS),
    title: text(),
    status: words(JOB_STEP_STATUSES),
    startedAt: nullable(time()),
    finishedAt: nullable(time()),
    attempts: Type.Integer({ description: 'Times that Azure was asked to do it.' }),
  },
  { $id: 'JobStep' },
)

const JobErrorSchema = Type.Object(
  {
    code: words(JOB_ERROR_CODES),
    message: text(),
    step: nullable(words(STEP_KEYS)),
    arm: nullable(Type.Object({ code: text(), message: text(), requestId: nullable(Type.String()) }), {
      description: "Azure's own words, where Azure spoke.",
    }),
    remedy: text(),
  },
  { $id: 'JobError' },
)

const JobResultSchema = Type.Object(
  {
    outboundType: text(),
    natGatewaySku: nullable(Type.String()),
    egressIps: Type.Array(
      Type.Object({
        address: text(),
        family: words(['IPv4', 'IPv6']),
        resourceId: nullable(Type.String()),
      }),
    ),
    authorizedIPRanges: texts(),
    leftBehind: texts('What still stands although the cluster no longer uses it.'),
  },
  { $id: 'JobResult', description: 'What was read back from the cluster at the end.' },
)

export const JobSchema = Type.Object(
  {
    id: id('The job.'),
    planId: id('The plan that it executes.'),
    cluster: Type.Object({ id: text(), subscriptionId: text(), resourceGroup: text(), name: text() }),
    status: JobStatusSchema,
    azure: words(AZURE_MODES),
    createdBy: text(),
    reason: nullable(Type.String()),
    approvals: Type.Array(Type.Object({ id: id('The approval.'), by: text(), at: time() }), {
      description: 'The approvals by other persons that stood when the job was accepted.',
    }),
    progress: Type.Object({ done: Type.Integer(), total: Type.Integer() }),
    currentStep: nullable(words(STEP_KEYS), {
      description: 'Null before the first step and after the last.',
    }),
    steps: Type.Array(ref(JobStepSchema)),
    timestamps: Type.Object({
      acceptedAt: time(),
      startedAt: nullable(time()),
      finishedAt: nullable(time(), { description: 'Null as long as the job is unfinished.' }),
      cancelRequestedAt: nullable(time()),
    }),
    error: nullable(ref(JobErrorSchema)),
    warnings: texts(),
    result: nullable(ref(JobResultSchema)),
    actions: Type.Object(
      { cancel: Type.Boolean(), rollbackPlan: Type.Boolean() },
      { description: 'What can be asked of the job now; each is accepted exactly when it says true.' },
    ),
  },
  { $id: 'Job' },
)

export const JobLogEntrySchema = Type.Object(
  {
    sequence: Type.Integer({ description: '1, 2, 3 … without gaps within a job.' }),
    at: time(),
    type: text(),
    step: nullable(words(STEP_KEYS)),
    message: text(),
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
      words(['stop'], { description: 'A failed step ends the job; nothing is undone by itself.' }),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { additionalProperties: false, $id: 'JobRequest' },
)

export const JOB_PARTS = [JobStepSchema, JobErrorSchema, JobResultSchema]
