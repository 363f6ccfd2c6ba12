import { sql } from 'kysely'
import type { ApprovalStatus } from '../../contract/approval.ts'
import type { PlanStatus } from '../../contract/plan-status.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import { countPlan, type NewPlan } from '../../core/planner/planner.ts'
import type { Queries } from '../engine/database.ts'
import type { PlansTable } from '../engine/tables.ts'
import { approvalCondition, HAS_APPROVAL } from './approval-store.ts'
import {
  type ListQuery,
  labelConditions,
  labelEntries,
  listConditions,
  pageOf,
  type RowQuery,
  visibleConditions,
} from './list-query.ts'
import type { VisibleClusters } from './visible-clusters.ts'

/** A plan's row without its document, and whether the plan has an approval that was not withdrawn. */
export type PlanRow = Omit<PlansTable, 'document'> & { is_approved: boolean }

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
  'approve_until',
  'labels',
  'counts',
] as const

/**
 * Stores a plan unchanged; `createdById` is its creator's id, where callers are authenticated. Without `approveUntil`, it
 * can be approved until it expires.
 */
export async function insertPlan(
  db: Queries,
  plan: NewPlan,
  createdById: string | null = null,
  approveUntil: Date | null = null,
): Promise<void> {
  const { status, jobId: _jobId, ...document } = plan
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
      approve_until: approveUntil,
      labels: labelEntries(plan.labels),
      counts: JSON.stringify(countPlan(plan)),
      document: JSON.stringify(document),
    })
    .execute()
}

/** What a plan is now: what became of it, else whether its time is over, else what it was when it was made. */
export function currentStatus(
  row: Pick<PlansTable, 'made_status' | 'state' | 'expires_at'>,
  now: Date,
): PlanStatus {
  if (row.state !== 'open') return row.state
  return row.made_status === 'applicable' && row.expires_at <= now ? 'expired' : row.made_status
}

/** The plan as JSON text without its status: one row read, nothing parsed. */
export async function planDocument(
  db: Queries,
  id: string,
): Promise<(PlanRow & { document: string }) | null> {
  const query = selectPlans(db).select('document').where('id', '=', id)
  return (await query.executeTakeFirst()) ?? null
}

/** The row alone; with `lock` no other transaction can alter it until this one ends. */
export async function planRow(db: Queries, id: string, lock = false): Promise<PlanRow | null> {
  const query = selectPlans(db).where('id', '=', id)
  return (await (lock ? query.forUpdate() : query).executeTakeFirst()) ?? null
}

/** The rows of these plans. */
export async function planRows(db: Queries, ids: readonly string[]): Promise<PlanRow[]> {
  if (ids.length === 0) return []
  return selectPlans(db)
    .where(sql<boolean>`id = any (${[...ids]}::uuid[])`)
    .execute()
}

function selectPlans(db: Queries) {
  return db.selectFrom('plans').select(COLUMNS).select(HAS_APPROVAL.as('is_approved'))
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

/** Frees a plan whose job was canceled before it began: it is again what it was before the job. */
export async function reopenPlan(db: Queries, id: string, jobId: string): Promise<void> {
  await db
    .updateTable('plans')
    .set({ state: 'open', job_id: null })
    .where('id', '=', id)
    .where('job_id', '=', jobId)
    .where('state', '=', 'executed')
    .execute()
}

export interface PlanQuery extends ListQuery {
  status?: PlanStatus | readonly PlanStatus[] | undefined
  approval?: ApprovalStatus | undefined
}

/**
 * One page of plans, newest first, and one row more if there are more. `required` are the clusters whose plans require an
 * approval.
 */
export async function listPlanRows(
  db: Queries,
  query: RowQuery<PlanQuery>,
  now: Date,
  required: VisibleClusters = [],
): Promise<PlanRow[]> {
  const { status, approval } = query
  const conditions = [
    ...listConditions(query),
    ...(status === undefined ? [] : [statusesCondition([status].flat(), now)]),
    ...labelConditions('plans', query.labels),
    ...(approval === undefined ? [] : [approvalCondition(approval, now, required)]),
  ]
  const visible = await visibleConditions(db, 'plans', query, conditions)
  return pageOf(selectPlans(db), query, visible).execute()
}

/** One of several statuses. */
function statusesCondition(statuses: readonly PlanStatus[], now: Date) {
  const conditions = statuses.map((status) => sql<boolean>`(${statusCondition(status, now)})`)
  return sql<boolean>`(${sql.join(conditions, sql` or `)})`
}

/** `currentStatus` as SQL. */
function statusCondition(status: PlanStatus, now: Date) {
  switch (status) {
    case 'executed':
    case 'discarded':
    case 'stale':
      return sql<boolean>`state = ${status}`
    case 'expired':
      return sql<boolean>`state = 'open' and made_status = 'applicable' and expires_at <= ${now}`
    case 'applicable':
      // Few of many: without the subquery, all expired plans are read in the order of their IDs.
      return sql<boolean>`id = any (array(
        select id from plans where state = 'open' and made_status = 'applicable' and expires_at > ${now}))`
    case 'blocked':
    case 'noChange':
      return sql<boolean>`state = 'open' and made_status = ${status}`
  }
}
