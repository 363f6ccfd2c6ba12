import { answers, BODY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { CancelRequestSchema, JobSchema } from '../schemas/job.ts'
import { JobPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'

const path = '/v1/jobs/:jobId/cancellation'

const schema = {
  operationId: 'cancelJob',
  tags: ['Jobs'],
  summary: 'Stop a job before its next step',
  description:
    'What Azure is already doing goes on to its end, unless `abortOperation` asks it to stop, and nothing is undone: poll the job to see where it stopped. Asking twice is no error. The body may be left out.',
  body: ref(CancelRequestSchema),
  params: JobPathSchema,
  querystring: NO_QUERY,
  response: answers(
    {
      202: {
        description: 'The job, asked to stop.',
        schema: ref(JobSchema),
        example: 'job',
        headers: { location: { type: 'string', description: 'The path of the job, to poll.' } },
      },
    },
    [...BODY_PROBLEMS, 'JOB_NOT_FOUND', 'JOB_ALREADY_FINISHED'],
  ),
}

export function cancelJob(app: App, { jobs }: AppDeps): void {
  const config = { operation: schema.operationId, bodyOptional: true }
  app.post(path, { schema, config }, async (request, reply) => {
    const { params, body, caller } = request
    const job = await jobs.cancel(params.jobId, caller.name, body.abortOperation === true, originOf(request))
    return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job)
  })
}
