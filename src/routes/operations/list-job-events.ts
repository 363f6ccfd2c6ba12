import { Type } from 'typebox'
import { nullable, ref } from '../../contract/fields.ts'
import { JobLogEntrySchema } from '../../contract/job.ts'
import { IF_NONE_MATCH, JobPathSchema, LAST_EVENT_ID } from '../../contract/parameters.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  prefersEventStream,
} from '../conditional/content-negotiation.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import {
  eventStreamErrors,
  resolveResumePoint,
  sendEventStream,
  toServerSentEvent,
} from '../conditional/event-stream.ts'
import { EXAMPLE_JOB_LOG_ENTRY } from '../examples/jobs.ts'
import { defineOperation } from './define-operation.ts'

const DEFAULT_PAGE_SIZE = 100

const FORMS = ['application/json', 'text/event-stream'] as const

const VARY = {
  vary: { type: 'string', description: '`Accept`: this header selects the list or the stream.' },
}

export const listJobEvents = defineOperation({
  operationId: 'listJobEvents',
  method: 'GET',
  path: '/v1/jobs/:jobId/events',
  tag: 'Jobs',
  summary: 'Read or stream the log of a job',
  description:
    'Returns the append-only log of a job, oldest first. The default is a list. To read further entries, send the last `sequence` as `after`. With `Accept: text/event-stream`, the response is a stream of server-sent events. Each event has the `sequence` as its `id` and the entry as its `data`. Comments serve as heartbeats. The stream ends after the entry with the type `ended`. If it ends earlier, reconnect with `Last-Event-ID`.',
  grant: 'Egress.Read',
  subject: 'path',
  openedBy: ['shareLink', 'eventTicket'],
  params: JobPathSchema,
  query: Type.Object(
    {
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2_147_483_647,
          default: 0,
          description: 'Returns only entries with a greater sequence.',
        }),
      ),
      ticket: Type.Optional(
        Type.String({
          maxLength: 100,
          description:
            'A ticket of `POST /v1/jobs/{jobId}/event-tickets`, in place of the `Authorization` header. It is valid once.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          description: 'The number of entries per page. Default: 100. Not allowed for a stream.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  headers: { ...IF_NONE_MATCH, ...LAST_EVENT_ID },
  errorsOf: eventStreamErrors,
  responses: {
    200: {
      description: 'A page of entries, or the stream.',
      schema: Type.Object({
        items: Type.Array(ref(JobLogEntrySchema)),
        next: nullable(Type.Integer(), {
          description: 'The value of `after` for the next page. Null if there are no further entries yet.',
        }),
      }),
      example: { jobEvents: { items: [EXAMPLE_JOB_LOG_ENTRY], next: null } },
      others: {
        'text/event-stream': { jobEventStream: `retry: 2000\n\n${toServerSentEvent(EXAMPLE_JOB_LOG_ENTRY)}` },
      },
      headers: { ...ETAG_HEADERS, ...VARY },
    },
    204: { description: 'For a stream: the job has ended, and there are no entries after `Last-Event-ID`.' },
    304: { ...NOT_MODIFIED, headers: { ...ETAG_HEADERS, ...VARY } },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'JOB_NOT_FOUND', 'TOO_MANY_STREAMS', 'NOT_ACCEPTABLE'],
  handle: async (deps, { params: { jobId }, query, request, reply }) => {
    const { after = 0, limit = DEFAULT_PAGE_SIZE } = query
    const form = negotiateMediaType(request, reply, FORMS)
    const { version, isFinished } = await deps.jobs.getVersion(jobId)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    if (prefersEventStream(request.headers))
      return sendEventStream(request, reply, deps.changes, {
        id: jobId,
        after: resolveResumePoint(request.headers, after),
        isFinished,
        read: (from, count) => deps.jobs.log(jobId, from, count),
      })
    const etag = toEtag(version)
    if (hasIfNoneMatch(request) && matchesIfNoneMatch(request, etag))
      return withEtag(reply, etag).code(304).send()
    const items = await deps.jobs.log(jobId, after, limit)
    withEtag(reply, etag)
    return { items, next: items.length < limit ? null : (items.at(-1)?.sequence ?? null) }
  },
})
