import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { nullable, ref } from '../../contract/fields.ts'
import { JobLogEntrySchema } from '../../contract/job.ts'
import { IF_NONE_MATCH, JobPathSchema, LAST_EVENT_ID } from '../../contract/parameters.ts'
import { prefersEventStream } from '../conditional/content-negotiation.ts'
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
  JobEventStream,
  resolveResumePoint,
  toServerSentEvent,
} from '../conditional/event-stream.ts'
import { EXAMPLE_JOB_LOG_ENTRY } from '../examples/jobs.ts'
import { Problem } from '../problems/problems.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'

const DEFAULT_PAGE_SIZE = 100

const VARY = { vary: { type: 'string', description: '`Accept`: list or stream depends on it.' } }

export const listJobEvents = defineOperation({
  operationId: 'listJobEvents',
  method: 'GET',
  path: '/v1/jobs/:jobId/events',
  tag: 'Jobs',
  summary: 'What happened in a job, or what happens',
  description:
    'The append-only log of a job, oldest first. As a list: ask again with the last `sequence` as `after`. With `Accept: text/event-stream` as server-sent events, each as it happens: its `sequence` as `id`, the entry as `data`, comments as heartbeat, and the end of the stream after the entry whose type is `ended`. A stream that ends before was cut: open it again with `Last-Event-ID`.',
  grant: 'Egress.Read',
  subject: 'path',
  params: JobPathSchema,
  query: Type.Object(
    {
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2_147_483_647,
          default: 0,
          description: 'Only entries with a greater sequence.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          description: 'Entries of a page, 100 unless told. Not for a stream.',
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
          description: 'Give it as `after` to read on at once; null when these are all so far.',
        }),
      }),
      example: { jobEvents: { items: [EXAMPLE_JOB_LOG_ENTRY], next: null } },
      others: {
        'text/event-stream': { jobEventStream: `retry: 2000\n\n${toServerSentEvent(EXAMPLE_JOB_LOG_ENTRY)}` },
      },
      headers: { ...ETAG_HEADERS, ...VARY },
    },
    204: { description: 'For a stream: the job has ended, and there is nothing after `Last-Event-ID`.' },
    304: { ...NOT_MODIFIED, headers: { ...ETAG_HEADERS, ...VARY } },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'JOB_NOT_FOUND', 'TOO_MANY_STREAMS'],
  handle: async (deps, { params: { jobId }, query, request, reply }) => {
    const { after = 0, limit = DEFAULT_PAGE_SIZE } = query
    reply.header('vary', 'Accept')
    if (prefersEventStream(request.headers))
      return stream(deps, request, reply, jobId, resolveResumePoint(request.headers, after))
    const { version } = await deps.jobs.getVersion(jobId)
    const etag = toEtag(version)
    if (hasIfNoneMatch(request) && matchesIfNoneMatch(request, etag))
      return withEtag(reply, etag).code(304).send()
    const items = await deps.jobs.log(jobId, after, limit)
    withEtag(reply, etag)
    return { items, next: items.length < limit ? null : (items.at(-1)?.sequence ?? null) }
  },
})

async function stream(
  { jobs, changes }: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  jobId: string,
  after: number,
) {
  const { isFinished } = await jobs.getVersion(jobId)
  // The one answer after which an EventSource does not come back.
  if (isFinished && (await jobs.log(jobId, after, 1)).length === 0) return reply.code(204).send()
  const { heldResponses } = request.server
  if (heldResponses.isFull) throw new Problem('TOO_MANY_STREAMS')
  // A connection that was kept for the next request would hold up a stop.
  reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
  reply.type('text/event-stream; charset=utf-8')
  if (request.method === 'HEAD') return reply.send('')
  const events = new JobEventStream({
    after,
    read: (from, limit) => jobs.log(jobId, from, limit),
    watch: (onChange) => changes.watch(jobId, onChange),
    onFault: (error) => request.log.warn({ err: error, jobId }, 'event stream failed'),
  })
  events.once(
    'close',
    heldResponses.add(() => events.end()),
  )
  return reply.send(events)
}
