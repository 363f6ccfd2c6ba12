import type { FastifyReply, FastifyRequest } from 'fastify'
import { ref } from '../../contract/fields.ts'
import { JobSchema } from '../../contract/job.ts'
import { IF_NONE_MATCH, JobPathSchema, PREFERENCE_APPLIED, preferWait } from '../../contract/parameters.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import type { JobText, JobVersion } from '../../jobs/jobs.ts'
import { htmlJobReport, markdownJobReport } from '../../reports/job/job-report.ts'
import { jobFormForCaller, jobTextForCaller } from '../auth/job-for-caller.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  reportVariant,
  sendHtml,
  sendText,
  withPageHeaders,
} from '../conditional/content-negotiation.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import { POLL_HEADERS, parsePreferWait, resolveRetryAfter, waitForChange } from '../conditional/long-poll.ts'
import { EXAMPLE_JOB, EXAMPLE_OUTCOME } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const

const HEADERS = {
  ...POLL_HEADERS,
  ...ETAG_HEADERS,
  ...PREFERENCE_APPLIED,
  vary: { type: 'string', description: '`Accept`: the format depends on this header.' },
}

/** Only the start of the page: a complete page does not help readers of an API document. */
const EXAMPLE_HTML = '<!doctype html>\n<html lang="en">…</html>\n'

export const getJob = defineOperation({
  operationId: 'getJob',
  method: 'GET',
  path: '/v1/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Poll a job',
  description:
    'Returns 200 for every existing job, including failed jobs. `error` contains the failure, and `result` contains the final state of the cluster. A finished job stays available until the service deletes it after `RETENTION_DAYS`; by default, it is never deleted. Send the last `ETag` as `If-None-Match` to receive 304 while the job is unchanged. Add `Prefer: wait=30` to receive the response as soon as the job changes. `GET /v1/jobs/{jobId}/events` with `Accept: text/event-stream` streams the same changes. The default is JSON. With `Accept: text/markdown` or `text/html`, the response is a report for people: what is left to do, the old and the new addresses, the edits of allow lists, and the steps with their times.',
  grant: 'Egress.Read',
  subject: 'path',
  openedBy: ['shareLink'],
  params: JobPathSchema,
  headers: { ...IF_NONE_MATCH, ...preferWait('job', 'A finished job is returned immediately.') },
  responses: {
    200: {
      description: 'The current state of the job.',
      schema: ref(JobSchema),
      example: { job: EXAMPLE_JOB },
      others: {
        'text/markdown': { jobMarkdown: markdownJobReport(EXAMPLE_OUTCOME) },
        'text/html': { jobHtml: EXAMPLE_HTML },
      },
      headers: HEADERS,
    },
    304: { ...NOT_MODIFIED, headers: HEADERS },
  },
  problems: ['JOB_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async (deps, { params: { jobId }, request, reply }) => {
    const { jobs, azure, changes, version: program } = deps
    const form = negotiateMediaType(request, reply, FORMS)
    const isReport = form !== null && form !== 'application/json'
    // The report of an ended job also changes when a later job confirms or supersedes its addresses.
    const later = isReport ? await jobs.getLaterVersions(jobId) : []
    const etagOf = (version: string) =>
      isReport
        ? toEtag([version, ...later].join('.'), reportVariant(form, program))
        : toEtag(version, jobFormForCaller(request))
    const mark = (job: JobVersion) => {
      if (!job.isFinished) reply.header('retry-after', resolveRetryAfter(azure, job, new Date()))
      return withEtag(reply, etagOf(job.version))
    }
    const isKnown = ({ version }: JobVersion) => matchesIfNoneMatch(request, etagOf(version))
    const sendNotModified = (now: JobVersion) => {
      if (form === 'text/html') withPageHeaders(reply)
      return mark(now).code(304).send()
    }
    const send = async (job: JobText) => {
      if (form === null) throw notAcceptableProblem(request, FORMS)
      if (hasIfNoneMatch(request) && isKnown(job)) return sendNotModified(job)
      mark(job)
      if (isReport) return sendReport(request, reply, form, await jobs.getOutcome(jobId))
      return reply.type('application/json; charset=utf-8').send(jobTextForCaller(request, job))
    }
    const seconds = form === null ? null : parsePreferWait(request.headers.prefer)
    if (seconds !== null) {
      const isNews = (now: JobVersion, first: JobVersion) =>
        now.isFinished || (hasIfNoneMatch(request) ? !isKnown(now) : now.version !== first.version)
      const read = () => jobs.getText(jobId)
      const { waited, news } = await waitForChange(request, reply, {
        id: jobId,
        seconds,
        changes,
        read,
        isNews,
      })
      if (waited) reply.header('preference-applied', `wait=${seconds}`)
      // All polls that wait for the same change share one read, and return its result.
      if (news !== null) return send(news)
    }
    if (form !== null && hasIfNoneMatch(request)) {
      const now = await jobs.getVersion(jobId)
      if (isKnown(now)) return sendNotModified(now)
    }
    return send(await jobs.getText(jobId))
  },
})

function sendReport(
  { caller }: FastifyRequest,
  reply: FastifyReply,
  form: 'text/markdown' | 'text/html',
  outcome: JobOutcome,
) {
  return form === 'text/html'
    ? sendHtml(reply, htmlJobReport(outcome, caller.shareLinkId !== undefined))
    : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownJobReport(outcome))
}
