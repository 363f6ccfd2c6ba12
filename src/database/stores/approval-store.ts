import { type RawBuilder, sql } from 'kysely'
import type { Approval, ApprovalStatus } from '../../contract/approval.ts'
import type { Queries } from '../engine/database.ts'
import { type ApprovalsTable, toIso } from '../engine/tables.ts'
import { type VisibleClusters, visibleCondition } from './visible-clusters.ts'

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

/** Whether a plan has an approval that was not withdrawn. Its author cannot approve it, so every such approval is valid. */
export const HAS_APPROVAL = sql<boolean>`exists (
  select from plan_approvals where plan_id = plans.id and withdrawn_at is null)`

/** `approvalStatus` as SQL; `required` are the clusters whose plans require an approval. */
export function approvalCondition(
  approval: ApprovalStatus,
  now: Date,
  required: VisibleClusters,
): RawBuilder<boolean> {
  if (approval === 'approved') return HAS_APPROVAL
  const missing = sql<boolean>`${visibleCondition(required)} and not ${HAS_APPROVAL}`
  const isApprovable = sql<boolean>`state = 'open' and made_status = 'applicable' and expires_at > ${now}
    and coalesce(approve_until, expires_at) > ${now}`
  if (approval === 'pending') return sql`(${isApprovable} and ${missing})`
  const isExempt = sql<boolean>`state = 'executed' or (state = 'open' and made_status = 'noChange')`
  return sql`(not (${isApprovable}) and not (${isExempt}) and ${missing})`
}
