import { Type } from 'typebox'
import { AuditRecordSchema } from '../../contract/audit.ts'
import { ref } from '../../contract/fields.ts'
import {
  JobIdSchema,
  PAGE_PARAMETERS,
  PlanIdSchema,
  pageOf,
  WebhookIdSchema,
} from '../../contract/parameters.ts'
import type { Fault } from '../../contract/problem.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_AUDIT_RECORD } from '../examples/jobs.ts'
import type { RawRequest } from '../operation.ts'
import { listQueryErrors, timeErrors, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const listAudit = defineOperation({
  operationId: 'listAudit',
  method: 'GET',
  path: '/v1/audit',
  tag: 'Audit',
  summary: 'Who did or tried what',
  description:
    'Every call that changed something, or was not let, newest first: who, from where, on which cluster, why, and how it ended. Rows are chained by hash and cannot be altered. What names no known cluster is shown to those alone who may audit every cluster.',
  grant: 'Egress.Audit',
  subject: 'list',
  query: Type.Object(
    {
      actor: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          pattern: '^[^\\u0000-\\u001f\\u007f]*$',
          description: "Only this actor's calls, by id or name.",
        }),
      ),
      operation: Type.Optional(
        Type.String({ pattern: '^[A-Za-z]{1,64}$', description: 'Only this operation, by its operationId.' }),
      ),
      planId: Type.Optional(PlanIdSchema),
      jobId: Type.Optional(JobIdSchema),
      webhookId: Type.Optional(WebhookIdSchema),
      from: Type.Optional(Type.String({ maxLength: 40, description: 'From this time on (RFC 3339).' })),
      to: Type.Optional(Type.String({ maxLength: 40, description: 'Before this time (RFC 3339).' })),
      ...PAGE_PARAMETERS,
    },
    { additionalProperties: false },
  ),
  errorsOf: auditQueryErrors,
  responses: {
    200: {
      description: 'A page of rows.',
      schema: pageOf(ref(AuditRecordSchema)),
      example: { audit: { items: [EXAMPLE_AUDIT_RECORD], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID', 'CURSOR_INVALID'],
  handle: ({ audit }, { query, request }) => {
    const { actor, operation, planId, jobId, webhookId, from, to } = query
    const filter = { actor, operation, planId, jobId, webhookId, from, to }
    return audit.list({ ...filter, ...toPage(query), ...visibleScope(request, 'audit') })
  },
})

function auditQueryErrors(request: RawRequest): Fault[] {
  const query = request.query as Record<string, unknown>
  return [...listQueryErrors(request), ...['from', 'to'].flatMap((name) => timeErrors(name, query[name]))]
}
