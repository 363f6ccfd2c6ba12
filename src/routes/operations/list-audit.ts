import { Type } from 'typebox'
import { type AuditRecord, AuditRecordSchema } from '../../contract/audit.ts'
import { ref } from '../../contract/fields.ts'
import {
  JobIdSchema,
  PAGE_PARAMETERS,
  PlanIdSchema,
  pageOf,
  WebhookIdSchema,
} from '../../contract/parameters.ts'
import { GENESIS_HASH } from '../../core/audit/audit.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from '../examples/jobs.ts'
import { listQueryErrors, timeRule, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const EXAMPLE_AUDIT_RECORD: AuditRecord = {
  sequence: 1,
  id: '01990000-0000-7000-8000-000000000004',
  at: '2026-09-01T00:05:00.000Z',
  actor: {
    id: '55555555-5555-5555-5555-555555555555',
    kind: 'user',
    name: 'first.person@example.com',
    appId: '66666666-6666-6666-6666-666666666666',
  },
  operation: 'createJob',
  outcome: 'allowed',
  code: null,
  clusterId: EXAMPLE_JOB.cluster.id.toLowerCase(),
  planId: EXAMPLE_PLAN.id,
  jobId: EXAMPLE_JOB.id,
  webhookId: null,
  reason: 'CHG-1234',
  address: '192.0.2.7',
  userAgent: 'portal/4.2',
  requestId: '5d0f3c1e-6c0b-4f43-9a53-0b2a5a0f7c11',
  armRequestIds: ['7b1c1f5e-2f63-4c0a-9d0b-0a2d3f9b6f10'],
  previousHash: GENESIS_HASH,
  hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
}

export const listAudit = defineOperation({
  operationId: 'listAudit',
  method: 'GET',
  path: '/v1/audit',
  tag: 'Audit',
  summary: 'Read the audit log',
  description:
    'Returns all calls that changed something, were rejected or failed, newest first. Reads are not recorded, except those by share links. A record contains the caller, the IP address, the cluster, the reason and the outcome. Records are chained by hash and cannot be altered. Records without a known cluster are only visible to callers who may audit every cluster.',
  grant: 'Egress.Audit',
  subject: 'list',
  query: Type.Object(
    {
      actor: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          pattern: '^[^\\u0000-\\u001f\\u007f]*$',
          description: 'Returns only calls of this actor, given by object ID or name.',
        }),
      ),
      operation: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z]{1,64}$',
          description: 'Returns only calls of this operation, given by its `operationId`.',
        }),
      ),
      planId: Type.Optional(PlanIdSchema),
      jobId: Type.Optional(JobIdSchema),
      webhookId: Type.Optional(WebhookIdSchema),
      from: Type.Optional(
        Type.String({ maxLength: 40, description: 'Returns only calls at or after this time (RFC 3339).' }),
      ),
      to: Type.Optional(
        Type.String({ maxLength: 40, description: 'Returns only calls before this time (RFC 3339).' }),
      ),
      ...PAGE_PARAMETERS,
    },
    { additionalProperties: false },
  ),
  errorsOf: (request) => listQueryErrors(request, [timeRule('from'), timeRule('to')]),
  responses: {
    200: {
      description: 'A page of records.',
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
