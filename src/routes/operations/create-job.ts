import type { FastifyRequest } from 'fastify'
import { ref } from '../../contract/fields.ts'
import { type Job, JobSchema } from '../../contract/job.ts'
import { type JobRequest, JobRequestSchema } from '../../contract/job-requests.ts'
import { textOrNull } from '../../core/lib/text.ts'
import type { JobOrder } from '../../jobs/jobs.ts'
import type { Subscriber } from '../../webhooks/webhooks.ts'
import { jobForCaller } from '../auth/job-for-caller.ts'
import { MONITOR_HEADERS, monitorHeaders } from '../conditional/long-poll.ts'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from '../examples/jobs.ts'
import type { SuccessResponse } from '../idempotency/idempotent-handler.ts'
import type { DocumentedResponse } from '../openapi/operation-schema.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { labelErrors, scheduleErrors } from '../validation/request-rules.ts'
import { defineOperation } from './define-operation.ts'

const JOB = { jobId: '$response.body#/id' }
const JOB_LINKS = {
  pollJob: { operationId: 'getJob', parameters: JOB, description: 'Returns the current state of the job.' },
  followJob: {
    operationId: 'listJobEvents',
    parameters: JOB,
    description: 'Streams the log of the job.',
  },
  cancelJob: {
    operationId: 'cancelJob',
    parameters: JOB,
    description: 'Stops the job before its next step.',
  },
  rescheduleJob: {
    operationId: 'rescheduleJob',
    parameters: JOB,
    description: 'Changes when the job begins, until it begins.',
  },
  releaseJob: {
    operationId: 'releaseJob',
    parameters: JOB,
    description: 'Continues a job that was created with `holdBeforeCutOver`.',
  },
  planBack: {
    operationId: 'createRollbackPlan',
    parameters: JOB,
    description:
      'Creates a rollback plan after the job has ended. `actions.rollbackPlan` shows whether a rollback is available.',
  },
}

export const createJob = defineOperation({
  operationId: 'createJob',
  method: 'POST',
  path: '/v1/jobs',
  tag: 'Jobs',
  summary: 'Execute a plan',
  description:
    'Executes the plan as a job, which changes the cluster. List every code from `acknowledgementsRequired` of the plan in `acknowledge`. The service validates the request completely before it accepts the job. Poll the job at `Operation-Location` every `Retry-After` seconds until its status is `Succeeded`, `Failed` or `Canceled`.',
  grant: 'Egress.Execute',
  subject: 'body',
  asksAzure: true,
  body: ref(JobRequestSchema),
  examples: {
    plain: {
      summary: 'A plan that requires no acknowledgement; replace the ID with the ID of your plan',
      value: { planId: EXAMPLE_PLAN.id },
    },
    acknowledged: {
      summary: 'A plan that releases the current egress addresses; replace the ID with the ID of your plan',
      value: { planId: EXAMPLE_PLAN.id, acknowledge: ['EGRESS_IP_LOST'], reason: 'CHG-1234' },
    },
    held: {
      summary: 'A plan that waits before the cutover until others have allowed the new addresses',
      value: { planId: EXAMPLE_PLAN.id, acknowledge: ['EGRESS_IP_LOST'], holdBeforeCutOver: true },
    },
    scheduled: {
      summary: 'A plan that is executed on the next Saturday night in Berlin, or not at all',
      value: {
        planId: EXAMPLE_PLAN.id,
        acknowledge: ['EGRESS_IP_LOST'],
        window: { daysOfWeek: ['Saturday'], startTime: '22:00', timeZone: 'Europe/Berlin', durationHours: 4 },
      },
    },
    told: {
      summary: 'A plan with a webhook that reports the end of the job',
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
  responses: { 202: { ...jobAccepted('The accepted job.'), links: JOB_LINKS } },
  problems: [
    'SCHEDULE_IMPOSSIBLE',
    'TIME_ZONE_UNKNOWN',
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
  errorsOf: (request) => [...scheduleErrors(request), ...labelErrors(request.body)],
  handle: ({ jobs }, { body, subscriber, origin, hook, precondition }) =>
    jobs.accept(toJobOrder(body, subscriber), { origin, hook, precondition }),
  respond: respondWithJob,
})

function toJobOrder(body: JobRequest, { name: by, owner }: Subscriber): JobOrder {
  const { planId, acknowledge = [], onFailure = 'stop', holdBeforeCutOver = false } = body
  const { onlyOnce = false, notBefore, window, giveUpAt } = body
  const labels = body.labels === undefined ? {} : { labels: body.labels }
  const isScheduled = notBefore !== undefined || window !== undefined || giveUpAt !== undefined
  const schedule = isScheduled ? { notBefore, window, giveUpAt } : null
  const webhook = body.webhook === undefined ? null : { ...body.webhook, owner }
  return {
    planId,
    acknowledge,
    reason: textOrNull(body.reason),
    ...labels,
    by,
    onFailure,
    holdBeforeCutOver,
    onlyOnce,
    schedule,
    webhook,
  }
}

/** The success of operations after which the caller polls the job. */
export function jobAccepted(description: string): DocumentedResponse {
  return { description, schema: ref(JobSchema), example: { job: EXAMPLE_JOB }, headers: MONITOR_HEADERS }
}

export function respondWithJob(job: Job, { azure }: AppDeps, request: FastifyRequest): SuccessResponse {
  return { status: 202, headers: monitorHeaders(request, job, azure), body: jobForCaller(request, job) }
}
