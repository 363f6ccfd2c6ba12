import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { PROBE_STATUSES, ProbeSchema } from '../../contract/probe.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_PROBE } from '../examples/probes.ts'
import { listQueryErrors, toFilters, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const { createdBy, createdAfter, createdBefore } = FILTER_PARAMETERS

export const listProbes = defineOperation({
  operationId: 'listProbes',
  method: 'GET',
  path: '/v1/probes',
  tag: 'Probes',
  summary: 'List probes',
  description: 'Returns all accepted probes, newest first.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    {
      status: Type.Optional(enumOf(PROBE_STATUSES, { description: 'Returns only probes with this status.' })),
      createdBy,
      createdAfter,
      createdBefore,
      ...PAGE_PARAMETERS,
    },
    { additionalProperties: false },
  ),
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of probes.',
      schema: pageOf(ref(ProbeSchema)),
      example: { probes: { items: [EXAMPLE_PROBE], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  handle: ({ probes }, { query, request }) =>
    probes.list({ status: query.status, ...toFilters(query), ...toPage(query), ...visibleScope(request) }),
})
