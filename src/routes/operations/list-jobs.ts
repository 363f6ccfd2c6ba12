import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { HOLD_STATUSES, JOB_STATUSES, JobSchema } from '../../contract/job.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'

const path = '/v1/jobs'

const schema = {
  operationId: 'listJobs',
  tags: ['Jobs'],
  summary: 'List jobs',
  description: 'The jobs that were accepted, newest first.',
  querystring: Type.Object(
    {
      status: Type.Optional(enumOf(JOB_STATUSES, { description: 'Jobs with this status only.' })),
      hold: Type.Optional(
        enumOf(HOLD_STATUSES, {
          description:
            'Jobs whose `hold.status` is this only; `Held` finds those that wait to be released. Jobs that were ordered without a hold have none.',
        }),
      ),
      ...FILTER_PARAMETERS,
      ...PAGE_PARAMETERS,
    },
    { additionalProperties: false },
  ),
  response: documentedResponses(
    {
      200: {
        description: 'A page of jobs.',
        schema: pageOf(ref(JobSchema)),
        example: 'jobs',
      },
    },
    ['INVALID_REQUEST', 'PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  ),
}

export function listJobs(app: App, { jobs }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryErrors }
  app.get(path, { schema, config }, async (request) => {
    const { query } = request
    return jobs.list({
      status: query.status,
      hold: query.hold,
      ...toFilters(query),
      ...toPage(query),
      ...visibleScope(request),
    })
  })
}
