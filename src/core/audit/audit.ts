import type { ActorKind, AuditOutcome } from '../../contract/audit.ts'
/** Who acts, as far as it is proven. */
export interface Actor {
  /** Object id of the user or service principal in the tenant; `anonymous` where nobody is checked. */
  id: string
  kind: ActorKind
  /** For readers: a user's name or an application's id. Names change, so nothing is decided by them. */
  name: string
  /** Client id of the application that called, for itself or for the user; null where nobody is checked. */
  appId: string | null
}

/** One call, as the audit keeps it: who, from where, to do what. Holds nothing secret: no headers, no token. */
export interface Origin {
  actor: Actor | null
  /** The operationId. */
  operation: string
  /** The address that the connection came from. */
  address: string | null
  userAgent: string | null
  requestId: string
}

/** What a call was about, as far as it is known. */
export interface AuditSubject {
  /** The cluster's ARM id in lower case. */
  clusterId: string | null
  planId: string | null
  jobId: string | null
  webhookId: string | null
  /** The reason that the caller gave. */
  reason: string | null
}

/** What is to be appended. */
export interface AuditEntry extends Origin, AuditSubject {
  at: string
  outcome: AuditOutcome
  /** The problem code of what was not allowed. */
  code: string | null
}

/** A row of the audit as it stands: the entry, its place, and its link to the row before. */
export interface AuditRow extends AuditEntry {
  /** 1, 2, 3 … without gaps. */
  sequence: number
  id: string
  previousHash: string
  /** SHA-256 in hex over `previousHash`, a line feed, and the canonical content. */
  hash: string
}

/** The hash before the first row. */
export const GENESIS_HASH = '0'.repeat(64)

/**
 * The same content always gives the same text, whatever order a store gives the members in. A row that names a webhook
 * has a form of its own: those from before could not, and their hashes hold.
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
