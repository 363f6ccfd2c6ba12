import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { HOLD_STATUSES, JOB_STATUSES, JobSchema } from '../../contract/job.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_JOB } from '../examples/jobs.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const listJobs = defineOperation({
  operationId: 'listJobs',
  method: 'GET',
  path: '/v1/jobs',
  tag: 'Jobs',
  summary: 'List jobs',
  description: 'The jobs that were accepted, newest first.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
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
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of jobs.',
      schema: pageOf(ref(JobSchema)),
      example: { jobs: { items: [EXAMPLE_JOB], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  handle: ({ jobs }, { query, request }) =>
    jobs.list({
      status: query.status,
      hold: query.hold,
      ...toFilters(query),
      ...toPage(query),
      ...visibleScope(request),
    }),
})
