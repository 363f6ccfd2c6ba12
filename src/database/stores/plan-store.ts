import { sql } from 'kysely'
import type { Approval } from '../../contract/approval.ts'
import type { PlanStatus } from '../../contract/plan.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { PlanState } from '../../core/plan/plan-state.ts'
import type { NewPlan } from '../../core/planner/planner.ts'
import type { Queries } from '../engine/database.ts'
import { type ApprovalsTable, type PlansTable, toIso } from '../engine/tables.ts'
import { type ListQuery, listConditions, pageOf, type RowQuery, visibleConditions } from './list-query.ts'

/** Every approval of a plan, withdrawn ones too, oldest first. */
export async function listPlanApprovals(db: Queries, planId: string): Promise<Approval[]> {
  const rows = await db
    .selectFrom('plan_approvals')
    .selectAll()
    .where('plan_id', '=', planId)
    .orderBy('id')
    .execute()
  return rows.map(toApproval)
}

/** Stores an approval; rejects by the unique index if this person's approval of the plan is still valid. */
export async function insertApproval(db: Queries, approval: Approval): Promise<void> {
  await db
    .insertInto('plan_approvals')
    .values({
      id: approval.id,
      plan_id: approval.planId,
      approved_at: new Date(approval.at),
      actor_id: approval.by.id,
      actor_name: approval.by.name,
      reason: approval.reason,
      withdrawn_at: null,
      withdrawn_by_id: null,
      withdrawn_by_name: null,
    })
    .execute()
}

/** Withdraws an approval; an approval that was withdrawn before does not change. */
export async function markApprovalWithdrawn(
  db: Queries,
  id: string,
  at: Date,
  by: { id: string; name: string },
): Promise<void> {
  await db
    .updateTable('plan_approvals')
    .set({ withdrawn_at: at, withdrawn_by_id: by.id, withdrawn_by_name: by.name })
    .where('id', '=', id)
    .where('withdrawn_at', 'is', null)
    .execute()
}

function toApproval(row: ApprovalsTable): Approval {
  const { withdrawn_by_id: id, withdrawn_by_name: name } = row
  return {
    id: row.id,
    planId: row.plan_id,
    at: toIso(row.approved_at),
    by: { id: row.actor_id, name: row.actor_name },
    reason: row.reason,
    withdrawnAt: toIso(row.withdrawn_at),
    withdrawnBy: id === null || name === null ? null : { id, name },
  }
}

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

/** Stores a plan unchanged; `createdById` is its creator's id, where callers are authenticated. */
export async function insertPlan(
  db: Queries,
  plan: NewPlan,
  createdById: string | null = null,
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

export function currentState(
  row: Pick<PlansTable, 'made_status' | 'state' | 'expires_at' | 'job_id'>,
  now: Date,
): PlanState {
  return { status: currentStatus(row, now), jobId: row.job_id }
}

const STATE_COLUMNS = ['made_status', 'state', 'expires_at', 'job_id'] as const

/** The present state alone, which is all of a plan that can change. */
export async function planState(db: Queries, id: string, now: Date): Promise<PlanState | null> {
  const query = db.selectFrom('plans').select(STATE_COLUMNS).where('id', '=', id)
  const row = await query.executeTakeFirst()
  return row === undefined ? null : currentState(row, now)
}

/** The plan as JSON text with its present state in front: one row read, nothing parsed. */
export async function planText(
  db: Queries,
  id: string,
  now: Date,
): Promise<(PlanState & { text: string }) | null> {
  const row = await db
    .selectFrom('plans')
    .select(['document', ...STATE_COLUMNS])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const state = currentState(row, now)
  const members = `"status":"${state.status}","jobId":${JSON.stringify(state.jobId)}`
  return { ...state, text: `{${members},${row.document.slice(1)}` }
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
  status?: PlanStatus | undefined
}

/** One page of plans, newest first, and one row more if there are more. */
export async function listPlanRows(db: Queries, query: RowQuery<PlanQuery>, now: Date): Promise<PlanRow[]> {
  const { status } = query
  const conditions = [
    ...listConditions(query),
    ...(status === undefined ? [] : [statusCondition(status, now)]),
  ]
  const visible = await visibleConditions(db, 'plans', query, conditions)
  return pageOf(db.selectFrom('plans').select(COLUMNS), query, visible).execute()
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
