import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { isUnfinished, POLL_HEADERS, POLL_SECONDS } from '../polling.ts'
import { JobSchema } from '../schemas/job.ts'
import { JobPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'

const path = '/v1/jobs/:jobId'

const schema = {
  operationId: 'getJob',
  tags: ['Jobs'],
  summary: 'Poll a job',
  description:
    'Answers 200 as long as the job exists, also when it failed: what went wrong is in `error`, what was read back at the end in `result`.',
  params: JobPathSchema,
  querystring: NO_QUERY,
  response: answers(
    {
      200: {
        description: 'The job as it stands.',
        schema: ref(JobSchema),
        example: 'job',
        headers: POLL_HEADERS,
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'JOB_NOT_FOUND'],
  ),
}

export function getJob(app: App, { jobs, azure }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async ({ params }, reply) => {
    const text = await jobs.getText(params.jobId)
    if (isUnfinished(text)) reply.header('retry-after', POLL_SECONDS[azure])
    return reply.type('application/json; charset=utf-8').send(text)
  })
}
