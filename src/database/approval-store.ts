import type { Approval } from '../core/access/approval.ts'
import type { Queries } from './database.ts'
import type { ApprovalsTable } from './tables.ts'

/** Every approval of a plan, withdrawn ones too, oldest first. */
export async function planApprovals(db: Queries, planId: string): Promise<Approval[]> {
  const rows = await db
    .selectFrom('plan_approvals')
    .selectAll()
    .where('plan_id', '=', planId)
    .orderBy('id')
    .execute()
  return rows.map(fromColumns)
}

/** Stores an approval; rejects by the unique index when this person's approval of the plan stands already. */
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

/** Withdraws an approval that stands; one that was withdrawn before stays as it is. */
export async function markWithdrawn(
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

function fromColumns(row: ApprovalsTable): Approval {
  const { withdrawn_by_id: id, withdrawn_by_name: name } = row
  return {
    id: row.id,
    planId: row.plan_id,
    at: row.approved_at.toISOString(),
    by: { id: row.actor_id, name: row.actor_name },
    reason: row.reason,
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
    withdrawnBy: id === null || name === null ? null : { id, name },
  }
}
