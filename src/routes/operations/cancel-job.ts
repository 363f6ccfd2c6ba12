import { ref } from '../../contract/fields.ts'
import { CancelRequestSchema } from '../../contract/job-requests.ts'
import { JobPathSchema } from '../../contract/parameters.ts'
import { jobAccepted, respondWithJob } from './create-job.ts'
import { defineOperation } from './define-operation.ts'

export const cancelJob = defineOperation({
  operationId: 'cancelJob',
  method: 'POST',
  path: '/v1/jobs/:jobId/cancellation',
  tag: 'Jobs',
  summary: 'Stop a job before its next step',
  description:
    'What Azure is already doing goes on to its end, unless `abortOperation` asks it to stop, and nothing is undone: poll the job to see where it stopped. Asking twice is no error. The body may be left out.',
  grant: 'Egress.Execute',
  subject: 'path',
  params: JobPathSchema,
  body: ref(CancelRequestSchema),
  bodyOptional: true,
  ifMatch: 'the job',
  responses: { 202: jobAccepted('The job, asked to stop.') },
  problems: ['JOB_NOT_FOUND', 'JOB_ALREADY_FINISHED'],
  idempotent: true,
  // Sent again with the same key it is answered as before, though the job has changed by the first request.
  handle: ({ jobs }, { params, body, by, origin, hook, precondition }) =>
    jobs.cancel(params.jobId, { by, abort: body.abortOperation === true }, { origin, hook, precondition }),
  respond: respondWithJob,
})
