import { ref } from '../../contract/fields.ts'
import { CancelRequestSchema } from '../../contract/job-requests.ts'
import { JobPathSchema } from '../../contract/parameters.ts'
import { textOrNull } from '../../core/lib/text.ts'
import { jobAccepted, respondWithJob } from './create-job.ts'
import { defineOperation } from './define-operation.ts'

export const cancelJob = defineOperation({
  operationId: 'cancelJob',
  method: 'POST',
  path: '/v1/jobs/:jobId/cancellation',
  tag: 'Jobs',
  summary: 'Cancel a job',
  description:
    'Stops the job before its next step. An operation that is running in Azure continues to its end, unless `abortOperation` is true. Nothing is reverted. Poll the job to see where it stopped. Canceling a job again is not an error. The body is optional.',
  grant: 'Egress.Execute',
  subject: 'path',
  params: JobPathSchema,
  body: ref(CancelRequestSchema),
  bodyOptional: true,
  ifMatch: 'the job',
  responses: { 202: jobAccepted('The job. The cancellation was requested.') },
  problems: ['JOB_NOT_FOUND', 'JOB_ALREADY_FINISHED'],
  idempotent: true,
  // A repeated request with the same key returns the first response, although that request changed the job.
  handle: ({ jobs }, { params, body, by, origin, hook, precondition }) =>
    jobs.cancel(
      params.jobId,
      { by, abort: body.abortOperation === true, reason: textOrNull(body.reason) },
      { origin, hook, precondition },
    ),
  respond: respondWithJob,
})
