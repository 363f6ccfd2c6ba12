import { ref } from '../../contract/fields.ts'
import { JobSchema } from '../../contract/job.ts'
import { IF_NONE_MATCH, JobPathSchema, PREFER_WAIT, PREFERENCE_APPLIED } from '../../contract/parameters.ts'
import type { JobVersion } from '../../jobs/jobs.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import { POLL_HEADERS, parsePreferWait, resolveRetryAfter, waitForChange } from '../conditional/long-poll.ts'
import { EXAMPLE_JOB } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'

export const getJob = defineOperation({
  operationId: 'getJob',
  method: 'GET',
  path: '/v1/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Poll a job',
  description:
    'Answers 200 as long as the job exists, also when it failed: what went wrong is in `error`, what was read back at the end in `result`. Jobs and their plans are never deleted. Send the `ETag` of the last answer as `If-None-Match` to be answered 304 while nothing has changed, and `Prefer: wait=30` beside it to be answered as soon as something has. `GET /v1/jobs/{jobId}/events` with `Accept: text/event-stream` tells the same as it happens.',
  grant: 'Egress.Read',
  subject: 'path',
  params: JobPathSchema,
  headers: { ...IF_NONE_MATCH, ...PREFER_WAIT },
  responses: {
    200: {
      description: 'The job as it stands.',
      schema: ref(JobSchema),
      example: { job: EXAMPLE_JOB },
      headers: { ...POLL_HEADERS, ...ETAG_HEADERS, ...PREFERENCE_APPLIED },
    },
    304: {
      ...NOT_MODIFIED,
      headers: { ...POLL_HEADERS, ...ETAG_HEADERS, ...PREFERENCE_APPLIED },
    },
  },
  problems: ['JOB_NOT_FOUND'],
  handle: async ({ jobs, azure, changes }, { params: { jobId }, request, reply }) => {
    const read = () => jobs.getVersion(jobId)
    const mark = ({ version, isFinished, isHeld }: JobVersion) => {
      if (!isFinished) reply.header('retry-after', resolveRetryAfter(azure, isHeld))
      return withEtag(reply, toEtag(version))
    }
    const seconds = parsePreferWait(request.headers.prefer)
    if (seconds !== null) {
      const isNews = (now: JobVersion, first: JobVersion) =>
        now.isFinished ||
        (hasIfNoneMatch(request)
          ? !matchesIfNoneMatch(request, toEtag(now.version))
          : now.version !== first.version)
      await waitForChange(request, reply, { jobId, seconds, changes, read, isNews })
      reply.header('preference-applied', `wait=${seconds}`)
    }
    if (hasIfNoneMatch(request)) {
      const now = await read()
      if (matchesIfNoneMatch(request, toEtag(now.version))) return mark(now).code(304).send()
    }
    const job = await jobs.getText(jobId)
    return mark(job).type('application/json; charset=utf-8').send(job.text)
  },
})
