import type { AuditRecord } from '../../contract/audit.ts'

/** A stored row of the audit log. The ids of ARM requests come later, from the log of the job. */
export type AuditRow = Omit<AuditRecord, 'armRequestIds'>

/** The content of a row before it is appended to the chain. */
export type AuditEntry = Omit<AuditRow, 'sequence' | 'id' | 'previousHash' | 'hash'>

/** The authenticated caller. The id is `anonymous` and the appId null where authentication is off. */
export type Actor = NonNullable<AuditRecord['actor']>

/** Who made a call, from where, and which operation. It holds nothing secret: no headers, no token. */
export type Origin = Pick<AuditEntry, 'actor' | 'operation' | 'address' | 'userAgent' | 'requestId'>

/** The resources of a call, as far as they are known. */
export type AuditSubject = Pick<AuditEntry, 'clusterId' | 'planId' | 'jobId' | 'webhookId' | 'reason'>

/** The hash before the first row. */
export const GENESIS_HASH = '0'.repeat(64)

/**
 * The same content always gives the same text, because a store may return members in any order. A row that names a
 * webhook has a format of its own, so that the hashes of older rows stay valid.
 */
export function canonicalContent(row: Omit<AuditRow, 'previousHash' | 'hash'>): string {
  const { actor, webhookId } = row
  const [form, ofWebhook] = webhookId === null ? [1, []] : [2, [webhookId]]
  return JSON.stringify([
    form,
    row.sequence,
    row.id,
    row.at,
    actor === null ? null : [actor.id, actor.kind, actor.name, actor.appId],
    row.operation,
    row.outcome,
    row.code,
    row.clusterId,
    row.planId,
    row.jobId,
    row.reason,
    row.address,
    row.userAgent,
    row.requestId,
    ...ofWebhook,
  ])
}
