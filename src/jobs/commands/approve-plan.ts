import type { Approval } from '../../contract/approval.ts'
import type { Plan } from '../../contract/plan.ts'
import { isSamePerson, type Person, validApprovals } from '../../core/access/approvals.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import { insertApproval, listPlanApprovals } from '../../database/stores/approval-store.ts'
import { wakeCampaignOf } from '../../database/stores/campaign-member-store.ts'
import { planState } from '../../database/stores/plan-view.ts'
import type { JobsDeps } from '../deps.ts'
import { PlanCache } from '../event-log.ts'
import type { ApprovalCall, Approvals, RecordedApproval } from '../jobs.ts'
import { assertPlanExecutable, planAuthor, requirePlanRow } from './acceptance-checks.ts'
import { announceApproval, requireActor, withdrawApproval } from './withdraw-approval.ts'

/** Implements approvals of plans by a second person. */
export function createApprovals(deps: JobsDeps): Approvals {
  const db = deps.database.kysely
  const plans = new PlanCache()
  return {
    async approve(planId, reason, call) {
      const plan = await plans.get(db, planId)
      if (plan === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
      return db.transaction().execute((trx) => recordApproval(trx, deps, plan, reason, call))
    },
    withdraw: (planId, approvalId, origin) => withdrawApproval(deps, plans, { planId, approvalId, origin }),
    async list(planId) {
      const row = await requirePlanRow(db, planId)
      const items = await listPlanApprovals(db, planId)
      const { approval, approvableUntil } = planState(row, deps.now(), deps.needsApproval)
      return {
        planId: row.id,
        required: deps.needsApproval?.(row.cluster_key) ?? false,
        given: validApprovals(items, planAuthor(row), NO_PERSON).length > 0,
        expiresAt: row.expires_at.toISOString(),
        approval,
        approvableUntil,
        items,
      }
    },
  }
}

/** No caller has an empty ID, so this person differs from every caller. */
const NO_PERSON: Person = { id: '', name: '' }

async function recordApproval(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  reason: string | null,
  { origin, hook }: ApprovalCall,
): Promise<RecordedApproval> {
  // The row is locked, so that no job starts between the check of the approvals and the end of the transaction.
  const row = await requirePlanRow(trx, plan.id, true)
  assertPlanExecutable(row, plan, deps)
  if (row.approve_until !== null && row.approve_until <= deps.now())
    throw new DomainError('APPROVAL_WINDOW_CLOSED', {
      planId: plan.id,
      approvableUntil: row.approve_until.toISOString(),
    })
  const by = requireActor(origin)
  if (isSamePerson(by, planAuthor(row)))
    throw new DomainError('APPROVAL_NOT_INDEPENDENT', { planId: plan.id, createdBy: row.created_by })
  const existing = (await listPlanApprovals(trx, plan.id)).find(
    (approval) => approval.withdrawnAt === null && isSamePerson(approval.by, by),
  )
  const approval: Approval = existing ?? {
    id: deps.newId(),
    planId: plan.id,
    at: deps.now().toISOString(),
    by,
    reason,
    withdrawnAt: null,
    withdrawnBy: null,
  }
  const recorded = { approval, isNew: existing === undefined }
  if (recorded.isNew) {
    await insertApproval(trx, approval)
    await announceApproval(trx, deps, 'plan.approved', approval)
    await wakeCampaignOf(trx, row, deps.now())
  }
  await hook?.(trx, recorded)
  await auditAllowed(trx, deps, origin, { clusterId: row.cluster_key, planId: plan.id, reason })
  return recorded
}
