import { Type } from 'typebox'
import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { JobLogEntrySchema } from '../schemas/job.ts'
import { JobPathSchema } from '../schemas/names.ts'
import { nullable, ref } from '../schemas/plain.ts'

const path = '/v1/jobs/:jobId/events'
const USUAL_PAGE = 100

const schema = {
  operationId: 'listJobEvents',
  tags: ['Jobs'],
  summary: 'What happened in a job',
  description: 'The append-only log of a job, oldest first. Ask again with the last `sequence` as `after`.',
  params: JobPathSchema,
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
        Type.Integer({ minimum: 1, maximum: 1000, default: USUAL_PAGE, description: 'Entries of a page.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: answers(
    {
      200: {
        description: 'A page of entries.',
        schema: Type.Object({
          items: Type.Array(ref(JobLogEntrySchema)),
          next: nullable(Type.Integer(), {
            description: 'Give it as `after` to read on at once; null when these are all so far.',
          }),
        }),
        example: 'jobEvents',
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PARAMETER_OUT_OF_RANGE', 'JOB_NOT_FOUND'],
  ),
}

export function listJobEvents(app: App, { jobs }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async ({ params, query }) => {
    const { after = 0, limit = USUAL_PAGE } = query
    const items = await jobs.log(params.jobId, after, limit)
    return { items, next: items.length < limit ? null : (items.at(-1)?.sequence ?? null) }
  })
}
