import { Type } from 'typebox'
import { ACTOR_KINDS, AUDIT_OUTCOMES } from '../../core/audit/audit.ts'
import { id, nullable, text, texts, time, words } from './plain.ts'

export const AuditRecordSchema = Type.Object(
  {
    sequence: Type.Integer({ description: '1, 2, 3 … without gaps.' }),
    id: id('The row.'),
    at: time(),
    actor: nullable(
      Type.Object({
        id: text('Object id of the user or service principal in the tenant.'),
        kind: words(ACTOR_KINDS),
        name: text('For readers; names change.'),
        appId: nullable(Type.String(), {
          description: 'Client id of the application that called, for itself or for the user.',
        }),
      }),
      { description: 'Null when no sound token proved anybody.' },
    ),
    operation: text('The operationId.'),
    outcome: words(AUDIT_OUTCOMES, {
      description: '`failed`: nobody refused, but this service or Azure could not.',
    }),
    code: nullable(Type.String(), { description: 'The problem code of what was not allowed.' }),
    clusterId: nullable(Type.String(), {
      description: "The cluster's ARM id in lower case; null when the call named no known one.",
    }),
    planId: nullable(Type.String()),
    jobId: nullable(Type.String()),
    webhookId: nullable(Type.String(), {
      description: 'The webhook that was made, changed, asked or deleted.',
    }),
    reason: nullable(Type.String(), { description: 'The reason that the caller gave.' }),
    address: nullable(Type.String(), { description: 'Where the connection came from.' }),
    userAgent: nullable(Type.String()),
    requestId: text('Also in the header x-request-id of the answer and in the log.'),
    armRequestIds: texts(
      "Azure's ids of the requests that the job made which this call started. Not part of `hash`: they come later, from the log of the job.",
    ),
    previousHash: text('The `hash` of the row before; zeros before the first.'),
    hash: text('SHA-256 over `previousHash`, a line feed and the canonical content.'),
  },
  { $id: 'AuditRecord' },
)
