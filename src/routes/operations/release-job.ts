import { ref } from '../../contract/fields.ts'
import { ReleaseRequestSchema } from '../../contract/job-requests.ts'
import { JobPathSchema } from '../../contract/parameters.ts'
import { textOrNull } from '../../core/lib/text.ts'
import { jobAccepted, respondWithJob } from './create-job.ts'
import { defineOperation } from './define-operation.ts'

export const releaseJob = defineOperation({
  operationId: 'releaseJob',
  method: 'POST',
  path: '/v1/jobs/:jobId/release',
  tag: 'Jobs',
  summary: 'Release a held job',
  description:
    'Releases a job that was created with `holdBeforeCutOver`. The job re-checks the cluster and continues. If the plan is stale, the job ends with `PLAN_STALE` without moving traffic. If the job has not reached its hold yet, it will not stop there. Releasing a job again is not an error. The body is optional.',
  grant: 'Egress.Execute',
  subject: 'path',
  params: JobPathSchema,
  body: ref(ReleaseRequestSchema),
  bodyOptional: true,
  ifMatch: 'the job',
  responses: { 202: jobAccepted('The released job.') },
  problems: ['JOB_NOT_FOUND', 'JOB_ALREADY_FINISHED', 'JOB_NOT_HELD'],
  idempotent: true,
  // A repeated request with the same key returns the first response, although that request changed the job.
  handle: ({ jobs }, { params, body, by, origin, hook, precondition }) =>
    jobs.release(params.jobId, { by, reason: textOrNull(body.reason) }, { origin, hook, precondition }),
  respond: respondWithJob,
})
