import { Type } from 'typebox'
import { HOLD_STATUSES, JOB_STATUSES } from '../../core/job/job.ts'
import { answers } from '../answers.ts'
import { within } from '../auth/guard-clusters.ts'
import type { App, AppDeps } from '../deps.ts'
import { listQueryFaults, toFilters, toPage } from '../list-query.ts'
import { JobSchema } from '../schemas/job.ts'
import { FILTER_PARAMETERS, listOf, PAGE_PARAMETERS } from '../schemas/lists.ts'
import { ref, words } from '../schemas/plain.ts'

const path = '/v1/jobs'

const schema = {
  operationId: 'listJobs',
  tags: ['Jobs'],
  summary: 'List jobs',
  description: 'The jobs that were accepted, newest first.',
  querystring: Type.Object(
    {
      status: Type.Optional(words(JOB_STATUSES, { description: 'Jobs with this status only.' })),
      hold: Type.Optional(
        words(HOLD_STATUSES, {
          description:
            'Jobs whose `hold.status` is this only; `Held` finds those that wait to be released. Jobs that were ordered without a hold have none.',
        }),
      ),
      ...FILTER_PARAMETERS,
      ...PAGE_PARAMETERS,
    },
    { additionalProperties: false },
  ),
  response: answers(
    {
      200: {
        description: 'A page of jobs.',
        schema: listOf(ref(JobSchema)),
        example: 'jobs',
      },
    },
    ['INVALID_REQUEST', 'PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  ),
}

export function listJobs(app: App, { jobs }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryFaults }
  app.get(path, { schema, config }, async (request) => {
    const { query } = request
    return jobs.list({
      status: query.status,
      hold: query.hold,
      ...toFilters(query),
      ...toPage(query),
      ...within(request),
    })
  })
}
