import type { Approval } from '../../contract/approval.ts'
import type { Plan } from '../../contract/plan.ts'
import { isSamePerson, type Person, validApprovals } from '../../core/access/approvals.ts'
import type { Origin } from '../../core/audit/audit.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import { insertApproval, listPlanApprovals, markApprovalWithdrawn } from '../../database/stores/plan-store.ts'
import type { JobsDeps } from '../deps.ts'
import { PlanCache } from '../event-log.ts'
import type { ApprovalCall, Approvals, RecordedApproval } from '../jobs.ts'
import { assertPlanExecutable, planAuthor, requirePlanRow } from './acceptance-checks.ts'

/** Approvals of plans by a second person, on the database. */
export function createApprovals(deps: JobsDeps): Approvals {
  const db = deps.database.kysely
  const plans = new PlanCache()
  return {
    async approve(planId, reason, call) {
      const plan = await plans.get(db, planId)
      if (plan === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
      return db.transaction().execute((trx) => recordApproval(trx, deps, plan, reason, call))
    },
    withdraw: (planId, approvalId, origin) =>
      db.transaction().execute((trx) => recordWithdrawal(trx, deps, planId, approvalId, origin)),
    async list(planId) {
      const row = await requirePlanRow(db, planId)
      const items = await listPlanApprovals(db, planId)
      return {
        planId: row.id,
        required: deps.needsApproval?.(row.cluster_key) ?? false,
        given: validApprovals(items, planAuthor(row), NO_PERSON).length > 0,
        expiresAt: row.expires_at.toISOString(),
        items,
      }
    },
  }
}

/** Differs from every caller: no caller has an empty ID. */
const NO_PERSON: Person = { id: '', name: '' }

async function recordApproval(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  reason: string | null,
  { origin, hook }: ApprovalCall,
): Promise<RecordedApproval> {
  // Locked, so that no job starts between the check of the approvals and the end of the transaction.
  const row = await requirePlanRow(trx, plan.id, true)
  assertPlanExecutable(row, plan, deps)
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
  if (recorded.isNew) await insertApproval(trx, approval)
  await hook?.(trx, recorded)
  await auditAllowed(trx, deps, origin, { clusterId: row.cluster_key, planId: plan.id, reason })
  return recorded
}

async function recordWithdrawal(
  trx: Queries,
  deps: JobsDeps,
  planId: string,
  approvalId: string,
  origin: Origin,
): Promise<void> {
  const row = await requirePlanRow(trx, planId, true)
  const approvals = await listPlanApprovals(trx, planId)
  const approval = approvals.find(({ id }) => id === approvalId.toLowerCase())
  if (approval === undefined) throw new DomainError('APPROVAL_NOT_FOUND', { planId, approvalId })
  if (row.state === 'executed') throw new DomainError('PLAN_IN_USE', { planId, jobId: row.job_id })
  await markApprovalWithdrawn(trx, approval.id, deps.now(), requireActor(origin))
  await auditAllowed(trx, deps, origin, { clusterId: row.cluster_key, planId })
}

function requireActor({ actor }: Origin): { id: string; name: string } {
  if (actor === null) throw new Error('an approval requires an authenticated caller')
  return { id: actor.id, name: actor.name }
}
