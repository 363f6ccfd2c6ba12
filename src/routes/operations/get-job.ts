import { ref } from '../../contract/fields.ts'
import { JobSchema } from '../../contract/job.ts'
import { IF_NONE_MATCH, JobPathSchema, PREFER_WAIT, PREFERENCE_APPLIED } from '../../contract/parameters.ts'
import type { JobText, JobVersion } from '../../jobs/jobs.ts'
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
    'Returns 200 for every existing job, including failed jobs. `error` contains the failure, and `result` contains the final state of the cluster. Jobs and their plans are never deleted. Send the last `ETag` as `If-None-Match` to receive 304 while the job is unchanged. Add `Prefer: wait=30` to receive the response as soon as the job changes. `GET /v1/jobs/{jobId}/events` with `Accept: text/event-stream` streams the same changes.',
  grant: 'Egress.Read',
  subject: 'path',
  params: JobPathSchema,
  headers: { ...IF_NONE_MATCH, ...PREFER_WAIT },
  responses: {
    200: {
      description: 'The current state of the job.',
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
    const mark = (job: JobVersion) => {
      if (!job.isFinished) reply.header('retry-after', resolveRetryAfter(azure, job, new Date()))
      return withEtag(reply, toEtag(job.version))
    }
    const isKnown = ({ version }: JobVersion) => matchesIfNoneMatch(request, toEtag(version))
    const send = (job: JobText) =>
      hasIfNoneMatch(request) && isKnown(job)
        ? mark(job).code(304).send()
        : mark(job).type('application/json; charset=utf-8').send(job.text)
    const seconds = parsePreferWait(request.headers.prefer)
    if (seconds !== null) {
      const isNews = (now: JobVersion, first: JobVersion) =>
        now.isFinished || (hasIfNoneMatch(request) ? !isKnown(now) : now.version !== first.version)
      const read = () => jobs.getText(jobId)
      const { waited, news } = await waitForChange(request, reply, { jobId, seconds, changes, read, isNews })
      if (waited) reply.header('preference-applied', `wait=${seconds}`)
      // What every poll of this change has read together is what each returns.
      if (news !== null) return send(news)
    }
    if (hasIfNoneMatch(request)) {
      const now = await jobs.getVersion(jobId)
      if (isKnown(now)) return mark(now).code(304).send()
    }
    return send(await jobs.getText(jobId))
  },
})
