import { type Static, Type } from 'typebox'
import { dateTime, enumOf, nullable, string, strings, uuid } from './fields.ts'

export const ACTOR_KINDS = ['user', 'application', 'anonymous'] as const
export type ActorKind = (typeof ACTOR_KINDS)[number]

export const AUDIT_OUTCOMES = ['allowed', 'refused', 'failed'] as const
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

/** One call as the audit log keeps it. It holds nothing secret: no headers, no token. */
export const AuditRecordSchema = Type.Object(
  {
    sequence: Type.Integer({ description: '1, 2, 3 … without gaps.' }),
    id: uuid('The row.'),
    at: dateTime(),
    actor: nullable(
      Type.Object({
        id: string('Object id of the user or service principal in the tenant.'),
        kind: enumOf(ACTOR_KINDS),
        // Names change, so no decision depends on them.
        name: string('For readers; names change.'),
        appId: nullable(Type.String(), {
          description: 'Client id of the application that called, for itself or for the user.',
        }),
      }),
      { description: 'Null when no sound token proved anybody.' },
    ),
    operation: string('The operationId.'),
    outcome: enumOf(AUDIT_OUTCOMES, {
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
    requestId: string('Also in the header x-request-id of the answer and in the log.'),
    armRequestIds: strings(
      "Azure's ids of the requests that the job made which this call started. Not part of `hash`: they come later, from the log of the job.",
    ),
    previousHash: string('The `hash` of the row before; zeros before the first.'),
    hash: string('SHA-256 over `previousHash`, a line feed and the canonical content.'),
  },
  { $id: 'AuditRecord' },
)
export type AuditRecord = Static<typeof AuditRecordSchema>
