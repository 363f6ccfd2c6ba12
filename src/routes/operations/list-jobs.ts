import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { HOLD_STATUSES, JOB_STATUSES, JobSchema } from '../../contract/job.ts'
import {
  FILTER_PARAMETERS,
  PAGE_PARAMETERS,
  PlanIdSchema,
  pageOf,
  repeatable,
} from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { jobForCaller } from '../auth/job-for-caller.ts'
import { EXAMPLE_JOB } from '../examples/jobs.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const listJobs = defineOperation({
  operationId: 'listJobs',
  method: 'GET',
  path: '/v1/jobs',
  tag: 'Jobs',
  summary: 'List jobs',
  description: 'Returns all accepted jobs, newest first.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    {
      planId: Type.Optional(
        Type.String({ ...PlanIdSchema, description: 'The UUID of the plan whose jobs are returned.' }),
      ),
      status: Type.Optional(repeatable(enumOf(JOB_STATUSES), 'Returns only jobs with this status.')),
      hold: Type.Optional(
        enumOf(HOLD_STATUSES, {
          description:
            'Returns only jobs with this `hold.status`. `Held` finds jobs that wait for a release. Jobs that were created without a hold have no hold status.',
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
  handle: async ({ jobs }, { query, request }) => {
    const { items, next } = await jobs.list({
      planId: query.planId?.toLowerCase(),
      status: query.status,
      hold: query.hold,
      ...toFilters(query),
      ...toPage(query),
      ...visibleScope(request),
    })
    return { items: items.map((job) => jobForCaller(request, job)), next }
  },
})
