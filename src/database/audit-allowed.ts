import type { AuditSubject, Origin } from '../core/audit/audit.ts'
import { appendAudit } from './audit-log.ts'
import type { Queries } from './database.ts'

/** The clock and the ids of whoever appends. */
export interface AuditDeps {
  now: () => Date
  newId: () => string
}

const NOTHING: AuditSubject = { clusterId: null, planId: null, jobId: null, webhookId: null, reason: null }

/**
 * Writes down what a call was let do, in the transaction that does it and as its last statement. Without an
 * origin the service acts by itself, and its own log says so.
 */
export async function auditAllowed(
  trx: Queries,
  deps: AuditDeps,
  origin: Origin | undefined,
  subject: Partial<AuditSubject>,
): Promise<void> {
  if (origin === undefined) return
  const at = deps.now().toISOString()
  await appendAudit(trx, deps.newId(), {
    ...origin,
    ...NOTHING,
    ...subject,
    at,
    outcome: 'allowed',
    code: null,
  })
}
