import type { AuditRecord } from '../../contract/audit.ts'

/** A stored row of the audit log. The IDs of ARM requests are added later, from the log of the job. */
export type AuditRow = Omit<AuditRecord, 'armRequestIds'>

/** The content of a row before it is appended to the chain. */
export type AuditEntry = Omit<AuditRow, 'sequence' | 'id' | 'previousHash' | 'hash'>

/** The authenticated caller. Without authentication, the ID is `anonymous` and the appId is null. */
export type Actor = NonNullable<AuditRecord['actor']>

/** The caller, the address, and the operation of a call. It contains no secrets: no headers, no token. */
export type Origin = Pick<AuditEntry, 'actor' | 'operation' | 'address' | 'userAgent' | 'requestId'>

/** The known resources of a call. */
export type AuditSubject = Pick<AuditEntry, 'clusterId' | 'planId' | 'jobId' | 'webhookId' | 'reason'>

/** The hash before the first row. */
export const GENESIS_HASH = '0'.repeat(64)

/**
 * Equal content always gives the same text, even if a store returns members in a different order. A row with a webhook
 * has a separate format, so that the hashes of older rows stay valid.
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
