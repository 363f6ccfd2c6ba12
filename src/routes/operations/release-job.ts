import { ref } from '../../contract/fields.ts'
import { ReleaseRequestSchema } from '../../contract/job-requests.ts'
import { JobPathSchema } from '../../contract/parameters.ts'
import { jobAccepted, respondWithJob } from './create-job.ts'
import { defineOperation } from './define-operation.ts'

export const releaseJob = defineOperation({
  operationId: 'releaseJob',
  method: 'POST',
  path: '/v1/jobs/:jobId/release',
  tag: 'Jobs',
  summary: 'Let a held job move the traffic',
  description:
    'For a job that was ordered with `holdBeforeCutOver`: it looks at the cluster again and goes on, or ends as `PLAN_STALE` without moving traffic where the plan does not hold any more. A job that has not come to its hold does not stop there. Asking twice is no error. The body may be left out.',
  grant: 'Egress.Execute',
  subject: 'path',
  params: JobPathSchema,
  body: ref(ReleaseRequestSchema),
  bodyOptional: true,
  ifMatch: 'the job',
  responses: { 202: jobAccepted('The job, released.') },
  problems: ['JOB_NOT_FOUND', 'JOB_ALREADY_FINISHED', 'JOB_NOT_HELD'],
  idempotent: true,
  // Sent again with the same key it is answered as before, though the job has changed by the first request.
  handle: ({ jobs }, { params, body, by, origin, hook, precondition }) =>
    jobs.release(params.jobId, { by, reason: body.reason ?? null }, { origin, hook, precondition }),
  respond: respondWithJob,
})
