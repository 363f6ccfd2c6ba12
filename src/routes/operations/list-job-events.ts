import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { nullable, ref } from '../../contract/fields.ts'
import { JobLogEntrySchema } from '../../contract/job.ts'
import { IF_NONE_MATCH, JobPathSchema, LAST_EVENT_ID, requestHeaders } from '../../contract/parameters.ts'
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
  prefersEventStream,
  resolveResumePoint,
} from '../conditional/event-stream.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import { Problem } from '../problems/problems.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/jobs/:jobId/events'
const DEFAULT_PAGE_SIZE = 100

const VARY = { vary: { type: 'string', description: '`Accept`: list or stream depends on it.' } }

const schema = {
  operationId: 'listJobEvents',
  tags: ['Jobs'],
  summary: 'What happened in a job, or what happens',
  description:
    'The append-only log of a job, oldest first. As a list: ask again with the last `sequence` as `after`. With `Accept: text/event-stream` as server-sent events, each as it happens: its `sequence` as `id`, the entry as `data`, comments as heartbeat, and the end of the stream after the entry whose type is `ended`. A stream that ends before was cut: open it again with `Last-Event-ID`.',
  params: JobPathSchema,
  headers: requestHeaders({ ...IF_NONE_MATCH, ...LAST_EVENT_ID }),
  querystring: Type.Object(
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
  response: documentedResponses(
    {
      200: {
        description: 'A page of entries, or the stream.',
        schema: Type.Object({
          items: Type.Array(ref(JobLogEntrySchema)),
          next: nullable(Type.Integer(), {
            description: 'Give it as `after` to read on at once; null when these are all so far.',
          }),
        }),
        example: 'jobEvents',
        others: { 'text/event-stream': 'jobEventStream' },
        headers: { ...ETAG_HEADERS, ...VARY },
      },
      204: { description: 'For a stream: the job has ended, and there is nothing after `Last-Event-ID`.' },
      304: { ...NOT_MODIFIED, headers: { ...ETAG_HEADERS, ...VARY } },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PARAMETER_OUT_OF_RANGE', 'JOB_NOT_FOUND', 'TOO_MANY_STREAMS'],
  ),
}

export function listJobEvents(app: App, { jobs, changes }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: eventStreamErrors }
  app.get(path, { schema, config }, async (request, reply) => {
    const { jobId } = request.params
    const { after = 0, limit = DEFAULT_PAGE_SIZE } = request.query
    reply.header('vary', 'Accept')
    if (prefersEventStream(request.headers))
      return stream(request, reply, jobId, resolveResumePoint(request.headers, after))
    const { version } = await jobs.getVersion(jobId)
    const etag = toEtag(version)
    if (hasIfNoneMatch(request) && matchesIfNoneMatch(request, etag))
      return withEtag(reply, etag).code(304).send()
    const items = await jobs.log(jobId, after, limit)
    return withEtag(reply, etag).send({
      items,
      next: items.length < limit ? null : (items.at(-1)?.sequence ?? null),
    })
  })

  async function stream(request: FastifyRequest, reply: FastifyReply, jobId: string, after: number) {
    const { isFinished } = await jobs.getVersion(jobId)
    // The one answer after which an EventSource does not come back.
    if (isFinished && (await jobs.log(jobId, after, 1)).length === 0) return reply.code(204).send()
    const { waits } = request.server
    if (waits.isFull) throw new Problem('TOO_MANY_STREAMS')
    // A connection that was kept for the next request would hold up a stop.
    reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
    reply.type('text/event-stream; charset=utf-8')
    if (request.method === 'HEAD') return reply.send('')
    const events = new JobEventStream({
      after,
      read: (from, limit) => jobs.log(jobId, from, limit),
      watch: (onChange) => changes.watch(jobId, onChange),
      onFault: (error) => request.log.warn({ err: error, jobId }, 'an event stream could not be read on'),
    })
    events.once(
      'close',
      waits.add(() => events.end()),
    )
    return reply.send(events)
  }
}
