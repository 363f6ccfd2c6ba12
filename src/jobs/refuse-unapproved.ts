import { type Approval, standingApprovals } from '../core/access/approval.ts'
import { Refusal } from '../core/refusal.ts'
import { planApprovals } from '../database/approval-store.ts'
import type { Queries } from '../database/database.ts'
import type { PlanRow } from '../database/plan-store.ts'
import type { JobsDeps } from './deps.ts'

/**
 * The approvals that stand for this job; rejects with `APPROVAL_MISSING` where the cluster needs one and
 * there is none by a second person.
 */
export async function refuseUnapproved(
  db: Queries,
  deps: JobsDeps,
  row: PlanRow,
  executor: { id: string | null; name: string },
): Promise<Approval[]> {
  const given = await planApprovals(db, row.id)
  const maker = { id: row.created_by_id, name: row.created_by }
  const standing = standingApprovals(given, maker, executor)
  if (standing.length === 0 && deps.needsApproval?.(row.cluster_key) === true)
    throw new Refusal('APPROVAL_MISSING', { planId: row.id, given: given.length })
  return standing
}
