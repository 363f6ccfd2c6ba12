import { sql } from 'kysely'
import type { Plan, PlanStatus } from '../core/plan.ts'
import { clusterId, idKey } from '../core/resource-id.ts'
import type { Queries } from './database.ts'
import { type ListFilter, listConditions } from './list-conditions.ts'
import type { PlansTable } from './tables.ts'

/** A plan's row without its document. */
export type PlanRow = Omit<PlansTable, 'document'>

const COLUMNS = [
  'id',
  'cluster_key',
  'subscription_id',
  'resource_group',
  'cluster_name',
  'from_type',
  'to_type',
  'made_status',
  'state',
  'created_at',
  'expires_at',
  'created_by',
  'created_by_id',
  'job_id',
] as const

/** Stores a plan as it was made; `createdById` is its maker's id, where makers are told apart. */
export async function insertPlan(db: Queries, plan: Plan, createdById: string | null = null): Promise<void> {
  const { status, ...document } = plan
  await db
    .insertInto('plans')
    .values({
      id: plan.id,
      cluster_key: idKey(clusterId(plan.cluster)),
      subscription_id: plan.cluster.subscriptionId,
      resource_group: plan.cluster.resourceGroup,
      cluster_name: plan.cluster.name,
      from_type: plan.transition.from ?? plan.from.outboundType,
      to_type: plan.transition.to,
      made_status: status,
      state: 'open',
      created_at: new Date(plan.createdAt),
      expires_at: new Date(plan.expiresAt),
      created_by: plan.createdBy,
      created_by_id: createdById,
      job_id: null,
      document: JSON.stringify(document),
    })
    .execute()
}

/** What a plan is now: what became of it, else whether its time is over, else what it was when it was made. */
export function presentStatus(
  row: Pick<PlansTable, 'made_status' | 'state' | 'expires_at'>,
  now: Date,
): PlanStatus {
  if (row.state !== 'open') return row.state
  return row.made_status === 'applicable' && row.expires_at <= now ? 'expired' : row.made_status
}

/** The present status alone, which is all of a plan that can change. */
export async function planStatus(db: Queries, id: string, now: Date): Promise<PlanStatus | null> {
  const query = db.selectFrom('plans').select(['made_status', 'state', 'expires_at']).where('id', '=', id)
  const row = await query.executeTakeFirst()
  return row === undefined ? null : presentStatus(row, now)
}

/** The plan as JSON text with its present status in front: one row read, nothing parsed. */
export async function planText(
  db: Queries,
  id: string,
  now: Date,
): Promise<{ status: PlanStatus; text: string } | null> {
  const row = await db
    .selectFrom('plans')
    .select(['document', 'made_status', 'state', 'expires_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const status = presentStatus(row, now)
  return { status, text: `{"status":"${status}",${row.document.slice(1)}` }
}

/** The row alone; with `lock` no other transaction can alter it until this one ends. */
export async function planRow(db: Queries, id: string, lock = false): Promise<PlanRow | null> {
  const query = db.selectFrom('plans').select(COLUMNS).where('id', '=', id)
  return (await (lock ? query.forUpdate() : query).executeTakeFirst()) ?? null
}

/** Moves a plan that is still open to another state; false when it was open no more. */
export async function closePlan(
  db: Queries,
  id: string,
  state: Exclude<PlansTable['state'], 'open'>,
  jobId: string | null = null,
): Promise<boolean> {
  const result = await db
    .updateTable('plans')
    .set({ state, job_id: jobId })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export interface PlanFilter extends ListFilter {
  status?: PlanStatus | undefined
}

/**
 * Newest first, and one more than `limit` where there are more. Plans that come in between two pages move nothing: ids
 * grow with time.
 */
export async function listPlanRows(db: Queries, filter: PlanFilter, now: Date): Promise<PlanRow[]> {
  let query = db
    .selectFrom('plans')
    .select(COLUMNS)
    .where((each) => each.and(listConditions(each, filter)))
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
  if (filter.status !== undefined) query = query.where(statusCondition(filter.status, now))
  return query.execute()
}

/** `presentStatus` as SQL. */
function statusCondition(status: PlanStatus, now: Date) {
  switch (status) {
    case 'executed':
    case 'discarded':
    case 'stale':
      return sql<boolean>`state = ${status}`
    case 'expired':
      return sql<boolean>`state = 'open' and made_status = 'applicable' and expires_at <= ${now}`
    case 'applicable':
      return sql<boolean>`state = 'open' and made_status = 'applicable' and expires_at > ${now}`
    case 'blocked':
    case 'noChange':
      return sql<boolean>`state = 'open' and made_status = ${status}`
  }
}
