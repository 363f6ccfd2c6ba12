import { NO_QUERY, ref } from '../../contract/fields.ts'
import { type Job, JobSchema } from '../../contract/job.ts'
import { CancelRequestSchema } from '../../contract/job-requests.ts'
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

const path = '/v1/jobs/:jobId/cancellation'

const schema = {
  operationId: 'cancelJob',
  tags: ['Jobs'],
  summary: 'Stop a job before its next step',
  description:
    'What Azure is already doing goes on to its end, unless `abortOperation` asks it to stop, and nothing is undone: poll the job to see where it stopped. Asking twice is no error. The body may be left out.',
  body: ref(CancelRequestSchema),
  params: JobPathSchema,
  headers: requestHeaders({ ...IDEMPOTENCY_KEY, ...ifMatch('the job') }),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      202: {
        description: 'The job, asked to stop.',
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
      'PRECONDITION_FAILED',
    ],
  ),
}

export function cancelJob(app: App, { jobs, keys, azure }: AppDeps): void {
  const config = { operation: schema.operationId, bodyOptional: true, idempotent: true }
  app.post(path, { schema, config }, (request, reply) => {
    const { params, body, caller } = request
    const abort = body.abortOperation === true
    return runIdempotently<Job>(
      keys,
      request,
      reply,
      // Once more with the same key it is answered as before, though the job has changed by the first one.
      (hook) => {
        const call = { origin: toOrigin(request), hook, precondition: toPrecondition(request) }
        return jobs.cancel(params.jobId, { by: caller.name, abort }, call)
      },
      (job) => ({ status: 202, headers: monitorHeaders(request, job, azure), body: job }),
    )
  })
}
