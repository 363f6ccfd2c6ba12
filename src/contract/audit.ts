import { type Static, Type } from 'typebox'
import { dateTime, enumOf, nullable, string, strings, uuid } from './fields.ts'

export const ACTOR_KINDS = ['user', 'application', 'anonymous', 'agent'] as const
export type ActorKind = (typeof ACTOR_KINDS)[number]

export const AUDIT_OUTCOMES = ['allowed', 'refused', 'failed'] as const
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

/** One call as the audit log records it. It contains no secrets: no headers, no token. */
export const AuditRecordSchema = Type.Object(
  {
    sequence: Type.Integer({ description: 'The position in the log: 1, 2, 3 and so on, without gaps.' }),
    id: uuid('The ID of the record.'),
    at: dateTime(),
    actor: nullable(
      Type.Object({
        id: string('The object ID of the user or service principal in the Microsoft Entra tenant.'),
        kind: enumOf(ACTOR_KINDS, {
          description:
            '`agent`: an AI agent makes the call on behalf of the user or application in `id`. This applies to all calls through `/mcp`, and to other calls with the header `X-Agent`.',
        }),
        // Names change, so no decision depends on them.
        name: string('The display name, which can change.'),
        appId: nullable(Type.String(), {
          description:
            'The client ID of the application that made the call, on its own behalf or on behalf of the user.',
        }),
      }),
      { description: 'Null if the call had no valid token.' },
    ),
    operation: string('The `operationId` of the call.'),
    outcome: enumOf(AUDIT_OUTCOMES, {
      description:
        '`allowed`: the service accepted the call. `refused`: the service rejected the call. `failed`: this service or Azure could not complete the call.',
    }),
    code: nullable(Type.String(), {
      description: 'The problem code of a rejected or failed call. Null for an allowed call.',
    }),
    clusterId: nullable(Type.String(), {
      description: 'The ARM ID of the cluster, in lower case. Null if the call refers to no known cluster.',
    }),
    planId: nullable(Type.String()),
    jobId: nullable(Type.String()),
    webhookId: nullable(Type.String(), {
      description: 'The ID of the webhook that the call created, changed, tested or deleted.',
    }),
    reason: nullable(Type.String(), { description: 'The reason given by the caller.' }),
    address: nullable(Type.String(), { description: 'The IP address of the caller.' }),
    userAgent: nullable(Type.String()),
    requestId: string('The request ID, also returned in the header `x-request-id` and written to the log.'),
    armRequestIds: strings(
      'The request IDs that Azure assigned to the requests of the job that this call started. They are read from the log of the job and are not part of `hash`.',
    ),
    previousHash: string('The `hash` of the previous record. Zeros for the first record.'),
    hash: string('The SHA-256 hash of `previousHash`, a line feed and the canonical content of the record.'),
  },
  { $id: 'AuditRecord' },
)
export type AuditRecord = Static<typeof AuditRecordSchema>
