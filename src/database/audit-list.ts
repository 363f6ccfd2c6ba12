import type { Reach } from '../core/access/reach.ts'
import type { AuditRow } from '../core/audit/audit.ts'
import { fromColumns } from './audit-log.ts'
import type { Queries } from './database.ts'
import { reachCondition } from './reach-condition.ts'

export interface AuditFilter {
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
  reach?: Reach | undefined
  limit: number
  /** The id of the last row of the page before. */
  after: string | null
}

/** Newest first, and one more than `limit` where there are more. Rows that name no cluster are seen by those alone who may see everything. */
export async function listAudit(db: Queries, filter: AuditFilter): Promise<AuditRow[]> {
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
  if (reach !== 'everything') query = query.where(reachCondition(reach))
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
  return (await query.execute()).map(fromColumns)
}

/** The ids that Azure gave the requests of these jobs, in order: what each job caused there. */
export async function armRequestIds(db: Queries, jobIds: readonly string[]): Promise<Map<string, string[]>> {
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
