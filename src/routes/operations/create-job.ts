import { NO_QUERY, ref } from '../../contract/fields.ts'
import { type Job, JobSchema } from '../../contract/job.ts'
import { type JobRequest, JobRequestSchema } from '../../contract/job-requests.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, ifMatch, requestHeaders } from '../../contract/parameters.ts'
import type { JobOrder } from '../../jobs/jobs.ts'
import type { Subscriber } from '../../webhooks/webhooks.ts'
import { toOrigin, toSubscriber } from '../auth/caller.ts'
import { toPrecondition } from '../conditional/etag.ts'
import { MONITOR_HEADERS, monitorHeaders } from '../conditional/long-poll.ts'
import { JOB_REQUEST_EXAMPLES } from '../examples/plans.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import {
  AZURE_PROBLEMS,
  BODY_PROBLEMS,
  documentedResponses,
  KEY_PROBLEMS,
} from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/jobs'

const schema = {
  operationId: 'createJob',
  tags: ['Jobs'],
  summary: 'Execute a plan',
  description:
    'Name in `acknowledge` each code that `acknowledgementsRequired` of the plan lists. Everything that can be refused is refused now; an accepted job changes the cluster. Poll the job at `Operation-Location` every `Retry-After` seconds until its status is `Succeeded`, `Failed` or `Canceled`.',
  body: ref(JobRequestSchema),
  headers: requestHeaders({ ...IDEMPOTENCY_KEY, ...ifMatch('the plan') }),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      202: {
        description: 'The job, accepted.',
        schema: ref(JobSchema),
        example: 'job',
        headers: {
          ...MONITOR_HEADERS,
          ...IDEMPOTENCY_REPLAYED,
        },
      },
    },
    [
      ...BODY_PROBLEMS,
      ...KEY_PROBLEMS,
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
      'PRECONDITION_FAILED',
      'CLUSTER_NOT_FOUND',
      'SUBSCRIPTION_NOT_FOUND',
      ...AZURE_PROBLEMS,
    ],
  ),
}

const config = {
  operation: schema.operationId,
  idempotent: true,
  bodyExamples: Object.keys(JOB_REQUEST_EXAMPLES),
}

function toJobOrder(body: JobRequest, { name: by, owner }: Subscriber): JobOrder {
  const { planId, acknowledge = [], reason = null, onFailure = 'stop', holdBeforeCutOver = false } = body
  const { notBefore = null, window = null, giveUpAt = null } = body
  const isScheduled = notBefore !== null || window !== null || giveUpAt !== null
  const schedule = isScheduled ? { notBefore, window, giveUpAt } : null
  const webhook = body.webhook === undefined ? null : { ...body.webhook, owner }
  return { planId, acknowledge, reason, by, onFailure, holdBeforeCutOver, schedule, webhook }
}

export function createJob(app: App, { jobs, keys, azure }: AppDeps): void {
  app.post(path, { schema, config }, (request, reply) => {
    const order = toJobOrder(request.body, toSubscriber(request))
    return runIdempotently<Job>(
      keys,
      request,
      reply,
      (hook) => {
        const call = { origin: toOrigin(request), hook, precondition: toPrecondition(request) }
        return jobs.accept(order, call)
      },
      (job) => ({ status: 202, headers: monitorHeaders(request, job, azure), body: job }),
    )
  })
}
