import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import {
  type AuditEntry,
  type AuditRow,
  type AuditSubject,
  canonicalContent,
  GENESIS_HASH,
  type Origin,
} from '../../core/audit/audit.ts'
import type { Queries } from '../engine/database.ts'
import { type AuditTable, toIso } from '../engine/tables.ts'
import { addCluster } from '../stores/visible-clusters.ts'

/** Any number: it only has to be the same for every process that appends to this audit. */
const LOCK_KEY = 7_241_902

/**
 * Appends a row, chained to the last one. Belongs at the end of the transaction that has the effect: the
 * lock that puts appends in a row is held until that transaction ends.
 */
export async function appendAudit(trx: Queries, id: string, entry: AuditEntry): Promise<AuditRow> {
  // Before the lock: a plan adds its cluster before it is audited, and the other order could deadlock.
  if (entry.clusterId !== null) await addCluster(trx, entry.clusterId)
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_KEY)})`.execute(trx)
  const last = await trx
    .selectFrom('audit_log')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  // As the columns give them back: what is hashed must be what is read.
  const asStored = (uuid: string | null) => uuid?.toLowerCase() ?? null
  const content = {
    ...entry,
    sequence: (last?.sequence ?? 0) + 1,
    id,
    planId: asStored(entry.planId),
    jobId: asStored(entry.jobId),
    webhookId: asStored(entry.webhookId),
  }
  const previousHash = last?.hash ?? GENESIS_HASH
  const row = { ...content, previousHash, hash: hashOf(previousHash, content) }
  await trx.insertInto('audit_log').values(toAuditColumns(row)).execute()
  return row
}

export function hashOf(previousHash: string, content: Omit<AuditRow, 'previousHash' | 'hash'>): string {
  return createHash('sha256')
    .update(`${previousHash}\n${canonicalContent(content)}`)
    .digest('hex')
}

function toAuditColumns(row: AuditRow): AuditTable {
  return {
    sequence: row.sequence,
    id: row.id,
    at: new Date(row.at),
    actor_id: row.actor?.id ?? null,
    actor_kind: row.actor?.kind ?? null,
    actor_name: row.actor?.name ?? null,
    actor_app_id: row.actor?.appId ?? null,
    operation: row.operation,
    outcome: row.outcome,
    code: row.code,
    cluster_key: row.clusterId,
    plan_id: row.planId,
    job_id: row.jobId,
    webhook_id: row.webhookId,
    reason: row.reason,
    address: row.address,
    user_agent: row.userAgent,
    request_id: row.requestId,
    previous_hash: row.previousHash,
    hash: row.hash,
  }
}

export function fromAuditColumns(row: AuditTable): AuditRow {
  const { actor_id: id, actor_kind: kind, actor_name: name, actor_app_id: appId } = row
  return {
    sequence: row.sequence,
    id: row.id,
    at: toIso(row.at),
    actor: id === null || kind === null || name === null ? null : { id, kind, name, appId },
    operation: row.operation,
    outcome: row.outcome,
    code: row.code,
    clusterId: row.cluster_key,
    planId: row.plan_id,
    jobId: row.job_id,
    webhookId: row.webhook_id,
    reason: row.reason,
    address: row.address,
    userAgent: row.user_agent,
    requestId: row.request_id,
    previousHash: row.previous_hash,
    hash: row.hash,
  }
}

/** The clock and the IDs of the appending module. */
export interface AuditDeps {
  now: () => Date
  newId: () => string
}

const NO_SUBJECT: AuditSubject = { clusterId: null, planId: null, jobId: null, webhookId: null, reason: null }

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
    ...NO_SUBJECT,
    ...subject,
    at,
    outcome: 'allowed',
    code: null,
  })
}
