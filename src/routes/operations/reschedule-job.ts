import { ref } from '../../contract/fields.ts'
import { JobSchema } from '../../contract/job.ts'
import { JobPathSchema } from '../../contract/parameters.ts'
import { RescheduleRequestSchema } from '../../contract/schedule.ts'
import { MONITOR_HEADERS, monitorHeaders } from '../conditional/long-poll.ts'
import { EXAMPLE_JOB } from '../examples/jobs.ts'
import { scheduleErrors } from '../validation/request-rules.ts'
import { defineOperation } from './define-operation.ts'

export const rescheduleJob = defineOperation({
  operationId: 'rescheduleJob',
  method: 'PATCH',
  path: '/v1/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Reschedule a job',
  description:
    'Changes `notBefore`, `window` and `giveUpAt` of a job that has not begun. Members that are absent stay as they are; null removes a member. A job without these three members begins immediately. `"window": "cluster"` reads the planned maintenance windows of the cluster again. The plan does not expire while its job waits: the job re-checks the cluster when it begins.',
  grant: 'Egress.Execute',
  subject: 'path',
  asksAzure: true,
  params: JobPathSchema,
  body: ref(RescheduleRequestSchema),
  examples: {
    later: {
      summary: 'Begin in the next weekly window',
      value: {
        window: { daysOfWeek: ['Saturday'], startTime: '22:00', durationHours: 4, timeZone: 'Europe/Berlin' },
        reason: 'The partner is not ready',
      },
    },
    now: { summary: 'Begin immediately', value: { notBefore: null, window: null } },
    clusterWindow: {
      summary: 'Begin in the next planned maintenance window of the cluster',
      value: { notBefore: null, window: 'cluster' },
    },
  },
  ifMatch: 'the job',
  responses: {
    200: {
      description: 'The job with its new schedule.',
      schema: ref(JobSchema),
      example: { job: EXAMPLE_JOB },
      headers: MONITOR_HEADERS,
    },
  },
  problems: [
    'JOB_NOT_FOUND',
    'JOB_ALREADY_BEGUN',
    'JOB_ALREADY_FINISHED',
    'SCHEDULE_IMPOSSIBLE',
    'TIME_ZONE_UNKNOWN',
  ],
  errorsOf: scheduleErrors,
  handle: async ({ jobs, azure }, { params, body, by, origin, precondition, request, reply }) => {
    const job = await jobs.reschedule(params.jobId, { by, ...body }, { origin, precondition })
    return reply.headers(monitorHeaders(request, job, azure)).send(job)
  },
})
