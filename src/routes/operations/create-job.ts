import type { FastifyRequest } from 'fastify'
import { ref } from '../../contract/fields.ts'
import { type Job, JobSchema } from '../../contract/job.ts'
import { type JobRequest, JobRequestSchema } from '../../contract/job-requests.ts'
import type { JobOrder } from '../../jobs/jobs.ts'
import type { Subscriber } from '../../webhooks/webhooks.ts'
import { MONITOR_HEADERS, monitorHeaders } from '../conditional/long-poll.ts'
import { EXAMPLE_JOB } from '../examples/jobs.ts'
import { EXAMPLE_PLAN } from '../examples/plans.ts'
import type { SuccessResponse } from '../idempotency/idempotent-handler.ts'
import type { DocumentedResponse } from '../openapi/operation-schema.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'

const JOB = { jobId: '$response.body#/id' }
const JOB_LINKS = {
  pollJob: { operationId: 'getJob', parameters: JOB, description: 'How the job stands.' },
  followJob: {
    operationId: 'listJobEvents',
    parameters: JOB,
    description: 'What the job has done, as it happens.',
  },
  cancelJob: { operationId: 'cancelJob', parameters: JOB, description: 'Stop before the next step.' },
  releaseJob: {
    operationId: 'releaseJob',
    parameters: JOB,
    description: 'Let a job go on that was ordered with `holdBeforeCutOver`.',
  },
  planBack: {
    operationId: 'createRollbackPlan',
    parameters: JOB,
    description: 'The way back, once the job has ended; `actions.rollbackPlan` says whether there is one.',
  },
}

export const createJob = defineOperation({
  operationId: 'createJob',
  method: 'POST',
  path: '/v1/jobs',
  tag: 'Jobs',
  summary: 'Execute a plan',
  description:
    'Name in `acknowledge` each code that `acknowledgementsRequired` of the plan lists. Everything that can be refused is refused now; an accepted job changes the cluster. Poll the job at `Operation-Location` every `Retry-After` seconds until its status is `Succeeded`, `Failed` or `Canceled`.',
  grant: 'Egress.Execute',
  subject: 'body',
  asksAzure: true,
  body: ref(JobRequestSchema),
  examples: {
    plain: {
      summary: 'A plan that asks for no acknowledgement; put in the id of yours',
      value: { planId: EXAMPLE_PLAN.id },
    },
    acknowledged: {
      summary: 'A plan that releases the present addresses; put in the id of yours',
      value: { planId: EXAMPLE_PLAN.id, acknowledge: ['EGRESS_IP_LOST'], reason: 'CHG-1234' },
    },
    held: {
      summary: 'A plan whose new addresses others have to admit before traffic leaves by them',
      value: { planId: EXAMPLE_PLAN.id, acknowledge: ['EGRESS_IP_LOST'], holdBeforeCutOver: true },
    },
    told: {
      summary: 'A plan whose end is told to a URL of your own',
      value: {
        planId: EXAMPLE_PLAN.id,
        webhook: {
          url: 'https://bot.example.com/hooks/egress',
          secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
          events: ['job.succeeded', 'job.failed', 'job.canceled'],
        },
      },
    },
  },
  ifMatch: 'the plan',
  responses: { 202: { ...jobAccepted('The job, accepted.'), links: JOB_LINKS } },
  problems: [
    'SCHEDULE_IMPOSSIBLE',
    'WEBHOOK_URL_REFUSED',
    'WEBHOOK_SECRET_INVALID',
    'ACKNOWLEDGEMENT_UNKNOWN',
    'PLAN_NOT_FOUND',
    'PLAN_DISCARDED',
    'PLAN_EXPIRED',
    'PLAN_ALREADY_EXECUTED',
    'PLAN_BLOCKED',
    'PLAN_NO_CHANGE',
    'PLAN_FOR_OTHER_AZURE',
    'ACKNOWLEDGEMENT_MISSING',
    'APPROVAL_MISSING',
    'ROLLBACK_NOT_AVAILABLE',
    'HOLD_NOT_POSSIBLE',
    'CLUSTER_LOCKED',
    'PLAN_STALE',
  ],
  idempotent: true,
  handle: ({ jobs }, { body, subscriber, origin, hook, precondition }) =>
    jobs.accept(toJobOrder(body, subscriber), { origin, hook, precondition }),
  respond: respondWithJob,
})

function toJobOrder(body: JobRequest, { name: by, owner }: Subscriber): JobOrder {
  const { planId, acknowledge = [], reason = null, onFailure = 'stop', holdBeforeCutOver = false } = body
  const { notBefore = null, window = null, giveUpAt = null } = body
  const isScheduled = notBefore !== null || window !== null || giveUpAt !== null
  const schedule = isScheduled ? { notBefore, window, giveUpAt } : null
  const webhook = body.webhook === undefined ? null : { ...body.webhook, owner }
  return { planId, acknowledge, reason, by, onFailure, holdBeforeCutOver, schedule, webhook }
}

/** The success of operations whose caller then polls the job. */
export function jobAccepted(description: string): DocumentedResponse {
  return { description, schema: ref(JobSchema), example: { job: EXAMPLE_JOB }, headers: MONITOR_HEADERS }
}

export function respondWithJob(job: Job, { azure }: AppDeps, request: FastifyRequest): SuccessResponse {
  return { status: 202, headers: monitorHeaders(request, job, azure), body: job }
}
