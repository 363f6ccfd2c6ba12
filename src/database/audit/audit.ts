import type { AuditRecord } from '../../contract/audit.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { ClusterScope } from '../../core/access/access-policy.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { AuditEntry, AuditRow } from '../../core/audit/audit.ts'
import type { Database, Queries } from '../engine/database.ts'
import { Cursors } from '../stores/cursors.ts'
import { scopeCondition } from '../stores/list-conditions.ts'
import { type AuditDeps, appendAudit, fromAuditColumns } from './audit-log.ts'

interface AuditFilter {
  /** An actor's id or name. */
  actor?: string | undefined
  clusterKey?: string | undefined
  operation?: string | undefined
  planId?: string | undefined
  jobId?: string | undefined
  webhookId?: string | undefined
  /** From this moment on. */
  from?: Date | undefined
  /** Up to, but without, this moment. */
  to?: Date | undefined
  reach?: ClusterScope | undefined
  limit: number
  /** The id of the last row of the page before. */
  after: string | null
}

/** Newest first, and one more than `limit` where there are more. Rows that name no cluster are seen by those alone who may see everything. */
async function listAuditRows(db: Queries, filter: AuditFilter): Promise<AuditRow[]> {
  let query = db
    .selectFrom('audit_log')
    .selectAll()
    .orderBy('sequence', 'desc')
    .limit(filter.limit + 1)
  const {
    actor,
    clusterKey,
    operation,
    planId,
    jobId,
    webhookId,
    from,
    to,
    reach = 'everything',
    after,
  } = filter
  if (reach !== 'everything') query = query.where(scopeCondition(reach))
  if (actor !== undefined)
    query = query.where((each) => each.or([each('actor_id', '=', actor), each('actor_name', '=', actor)]))
  if (clusterKey !== undefined) query = query.where('cluster_key', '=', clusterKey)
  if (operation !== undefined) query = query.where('operation', '=', operation)
  if (planId !== undefined) query = query.where('plan_id', '=', planId)
  if (jobId !== undefined) query = query.where('job_id', '=', jobId)
  if (webhookId !== undefined) query = query.where('webhook_id', '=', webhookId)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (to !== undefined) query = query.where('at', '<', to)
  if (after !== null)
    query = query.where('sequence', '<', (each) =>
      each.selectFrom('audit_log').select('sequence').where('id', '=', after),
    )
  return (await query.execute()).map(fromAuditColumns)
}

/** The ids that Azure gave the requests of these jobs, in order: what each job caused there. */
async function armRequestIds(db: Queries, jobIds: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  if (jobIds.length === 0) return found
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
    if (typeof id === 'string') found.set(jobId, [...new Set([...(found.get(jobId) ?? []), id])])
  }
  return found
}

/** What routes may ask of the audit. */
export interface Audit {
  /** Writes down a call that was not let do what it wanted. */
  append(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<{ items: AuditRecord[]; next: string | null }>
}

interface AuditQuery {
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
  reach?: ClusterScope
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
