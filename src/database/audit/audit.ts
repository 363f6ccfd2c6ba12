import type { AuditRecord } from '../../contract/audit.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { AuditEntry, AuditRow } from '../../core/audit/audit.ts'
import type { Database, Queries } from '../engine/database.ts'
import type { AuditTable } from '../engine/tables.ts'
import { Cursors } from '../stores/cursors.ts'
import {
  eitherEquals,
  equalTo,
  type Page,
  type PageQuery,
  pageOf,
  type RowQuery,
  timeBetween,
  visibleConditions,
} from '../stores/list-query.ts'
import { type AuditDeps, appendAudit, fromAuditColumns } from './audit-log.ts'

interface AuditFilter extends PageQuery {
  /** An actor's id or name. */
  actor?: string | undefined
  operation?: string | undefined
  planId?: string | undefined
  jobId?: string | undefined
  webhookId?: string | undefined
}

interface AuditRowFilter extends AuditFilter {
  clusterKey?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
}

/** One page of rows, newest first, and one row more if there are more. Rows without a cluster need the scope `everything`. */
async function listAuditRows(db: Queries, query: RowQuery<AuditRowFilter>): Promise<AuditRow[]> {
  const { actor, clusterKey, operation, planId, jobId, webhookId, from, to } = query
  const conditions = [
    ...eitherEquals(['actor_id', 'actor_name'], actor),
    ...equalTo<AuditTable>({
      cluster_key: clusterKey,
      operation,
      plan_id: planId,
      job_id: jobId,
      webhook_id: webhookId,
    }),
    ...timeBetween('at', from, to),
  ]
  const visible = await visibleConditions(db, 'audit_log', query, conditions)
  const rows = await pageOf(db.selectFrom('audit_log').selectAll(), query, visible, 'sequence').execute()
  return rows.map(fromAuditColumns)
}

/** The ids that Azure gave the requests of these jobs, in order: what each job caused there. */
async function armRequestIds(db: Queries, jobIds: readonly string[]): Promise<Map<string, string[]>> {
  const requestIds = new Map<string, string[]>()
  if (jobIds.length === 0) return requestIds
  const rows = await db
    .selectFrom('job_events')
    .select(['job_id', 'body'])
    .where('job_id', 'in', jobIds)
    .where('body', 'like', '%"requestId":"%')
    .orderBy('job_id')
    .orderBy('sequence')
    .execute()
  for (const { job_id: jobId, body } of rows) {
    const { requestId, fault } = JSON.parse(body) as { requestId?: string; fault?: { requestId?: string } }
    const id = requestId ?? fault?.requestId
    if (typeof id === 'string') requestIds.set(jobId, [...new Set([...(requestIds.get(jobId) ?? []), id])])
  }
  return requestIds
}

/** What routes may ask of the audit. */
export interface Audit {
  /** Writes down a call that was not let do what it wanted. */
  append(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<Page<AuditRecord>>
}

interface AuditQuery extends AuditFilter {
  cluster?: ClusterRef
  /** RFC 3339, inclusive. */
  from?: string
  /** RFC 3339, exclusive. */
  to?: string
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
      const { items, next } = await cursors.page('audit', query, (filter) => listAuditRows(db, filter))
      const started = items.flatMap((row) => startedJobId(row) ?? [])
      const caused = await armRequestIds(db, started)
      return {
        items: items.map((row) => ({ ...row, armRequestIds: caused.get(startedJobId(row) ?? '') ?? [] })),
        next,
      }
    },
  }
}

function startedJobId({ operation, outcome, jobId }: AuditRow): string | null {
  return operation === STARTS_A_JOB && outcome === 'allowed' ? jobId : null
}
