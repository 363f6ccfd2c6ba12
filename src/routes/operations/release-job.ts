import { NO_QUERY, ref } from '../../contract/fields.ts'
import { type Job, JobSchema } from '../../contract/job.ts'
import { ReleaseRequestSchema } from '../../contract/job-requests.ts'
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_REPLAYED,
  ifMatch,
  JobPathSchema,
  requestHeaders,
} from '../../contract/parameters.ts'
import { toOrigin } from '../auth/caller.ts'
import { toPrecondition } from '../conditional/etag.ts'
import { MONITOR_HEADERS, monitorHeaders } from '../conditional/long-poll.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import { BODY_PROBLEMS, documentedResponses, KEY_PROBLEMS } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/jobs/:jobId/release'

const schema = {
  operationId: 'releaseJob',
  tags: ['Jobs'],
  summary: 'Let a held job move the traffic',
  description:
    'For a job that was ordered with `holdBeforeCutOver`: it looks at the cluster again and goes on, or ends as `PLAN_STALE` without moving traffic where the plan does not hold any more. A job that has not come to its hold does not stop there. Asking twice is no error. The body may be left out.',
  body: ref(ReleaseRequestSchema),
  params: JobPathSchema,
  headers: requestHeaders({ ...IDEMPOTENCY_KEY, ...ifMatch('the job') }),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      202: {
        description: 'The job, released.',
        schema: ref(JobSchema),
        example: 'job',
        headers: {
          ...MONITOR_HEADERS,
          ...IDEMPOTENCY_REPLAYED,
        },
      },
    },
    [
      'URI_TOO_LONG',
      ...BODY_PROBLEMS,
      ...KEY_PROBLEMS,
      'JOB_NOT_FOUND',
      'JOB_ALREADY_FINISHED',
      'JOB_NOT_HELD',
      'PRECONDITION_FAILED',
    ],
  ),
}

export function releaseJob(app: App, { jobs, keys, azure }: AppDeps): void {
  const config = { operation: schema.operationId, bodyOptional: true, idempotent: true }
  app.post(path, { schema, config }, (request, reply) => {
    const { params, body, caller } = request
    return runIdempotently<Job>(
      keys,
      request,
      reply,
      // Once more with the same key it is answered as before, though the job has changed by the first one.
      (hook) => {
        const call = { origin: toOrigin(request), hook, precondition: toPrecondition(request) }
        return jobs.release(params.jobId, { by: caller.name, reason: body.reason ?? null }, call)
      },
      (job) => ({ status: 202, headers: monitorHeaders(request, job, azure), body: job }),
    )
  })
}
