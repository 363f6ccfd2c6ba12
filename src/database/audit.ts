import type { Reach } from '../core/access/reach.ts'
import type { AuditEntry, AuditRow } from '../core/audit/audit.ts'
import { clusterId, idKey } from '../core/resource-id.ts'
import type { ClusterRef } from '../core/target.ts'
import type { AuditDeps } from './audit-allowed.ts'
import { armRequestIds, listAudit } from './audit-list.ts'
import { appendAudit } from './audit-log.ts'
import { Cursors } from './cursors.ts'
import type { Database } from './database.ts'

/** What routes may ask of the audit. */
export interface Audit {
  /** Writes down a call that was not let do what it wanted. */
  append(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<{ items: AuditRecord[]; next: string | null }>
}

/** A row as callers see it. */
export interface AuditRecord extends AuditRow {
  /** Azure's ids of the requests that the job made which this call started; grows while the job runs. */
  armRequestIds: string[]
}

export interface AuditQuery {
  actor?: string
  cluster?: ClusterRef
  operation?: string
  planId?: string
  jobId?: string
  webhookId?: string
  /** RFC 3339; included. */
  from?: string
  /** RFC 3339; not included. */
  to?: string
  reach?: Reach
  limit: number
  cursor: string | null
}

const STARTS_A_JOB = 'createJob'

export function createAudit(deps: AuditDeps & { database: Database }): Audit {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  return {
    async append(entry) {
      const at = deps.now().toISOString()
      await db.transaction().execute((trx) => appendAudit(trx, deps.newId(), { ...entry, at }))
    },
    async list({ cluster, from, to, ...rest }) {
      const query = {
        ...rest,
        clusterKey: cluster && idKey(clusterId(cluster)),
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      }
      const { items, next } = await cursors.page('audit', query, (filter) => listAudit(db, filter))
      const started = items.flatMap((row) => startedJob(row) ?? [])
      const caused = await armRequestIds(db, started)
      return {
        items: items.map((row) => ({ ...row, armRequestIds: caused.get(startedJob(row) ?? '') ?? [] })),
        next,
      }
    },
  }
}

function startedJob({ operation, outcome, jobId }: AuditRow): string | null {
  return operation === STARTS_A_JOB && outcome === 'allowed' ? jobId : null
}
