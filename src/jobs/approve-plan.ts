import { type Approval, isSame, type Somebody, standingApprovals } from '../core/access/approval.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { Plan } from '../core/plan.ts'
import { Refusal } from '../core/refusal.ts'
import { insertApproval, markWithdrawn, planApprovals } from '../database/approval-store.ts'
import { auditAllowed } from '../database/audit-allowed.ts'
import type { Queries } from '../database/database.ts'
import type { Witness } from '../database/idempotency.ts'
import { type PlanRow, planRow } from '../database/plan-store.ts'
import { refuseState } from './accept-job.ts'
import type { Approvals, GivenApproval } from './approvals.ts'
import type { JobsDeps } from './deps.ts'
import { PlanCache } from './load-job.ts'

/** Approvals of plans by a second person, on the database. */
export function createApprovals(deps: JobsDeps): Approvals {
  const db = deps.database.kysely
  const plans = new PlanCache()
  return {
    async approve(planId, reason, origin, witness) {
      const plan = await plans.get(db, planId)
      if (plan === null) throw new Refusal('PLAN_NOT_FOUND', { planId })
      return db.transaction().execute((trx) => approve(trx, deps, plan, reason, origin, witness))
    },
    withdraw: (planId, approvalId, origin) =>
      db.transaction().execute((trx) => withdraw(trx, deps, planId, approvalId, origin)),
    async list(planId) {
      const row = await planRow(db, planId)
      if (row === null) throw new Refusal('PLAN_NOT_FOUND', { planId })
      const items = await planApprovals(db, planId)
      return {
        planId: row.id,
        required: deps.needsApproval?.(row.cluster_key) ?? false,
        given: standingApprovals(items, makerOf(row), NOBODY).length > 0,
        expiresAt: row.expires_at.toISOString(),
        items,
      }
    },
  }
}

/** Equal to nobody: no caller has an empty id. */
const NOBODY: Somebody = { id: '', name: '' }

export function makerOf(row: Pick<PlanRow, 'created_by' | 'created_by_id'>): Somebody {
  return { id: row.created_by_id, name: row.created_by }
}

async function approve(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  reason: string | null,
  origin: Origin,
  witness: Witness<GivenApproval> | undefined,
): Promise<GivenApproval> {
  const row = await lockedRow(trx, plan.id)
  refuseState(row, plan, deps)
  const by = actorOf(origin)
  if (isSame(by, makerOf(row)))
    throw new Refusal('APPROVAL_NOT_INDEPENDENT', { planId: plan.id, createdBy: row.created_by })
  const standing = (await planApprovals(trx, plan.id)).find(
    (each) => each.withdrawnAt === null && each.by.id === by.id,
  )
  const approval: Approval = standing ?? {
    id: deps.newId(),
    planId: plan.id,
    at: deps.now().toISOString(),
    by,
    reason,
    withdrawnAt: null,
    withdrawnBy: null,
  }
  const given = { approval, isNew: standing === undefined }
  if (given.isNew) await insertApproval(trx, approval)
  await witness?.(trx, given)
  await auditAllowed(trx, deps, origin, {
    clusterId: row.cluster_key,
    planId: plan.id,
    jobId: null,
    reason,
  })
  return given
}

async function withdraw(
  trx: Queries,
  deps: JobsDeps,
  planId: string,
  approvalId: string,
  origin: Origin,
): Promise<void> {
  const row = await lockedRow(trx, planId)
  const approval = (await planApprovals(trx, planId)).find((each) => each.id === approvalId.toLowerCase())
  if (approval === undefined) throw new Refusal('APPROVAL_NOT_FOUND', { planId, approvalId })
  if (row.state === 'executed') throw new Refusal('PLAN_IN_USE', { planId, jobId: row.job_id })
  await markWithdrawn(trx, approval.id, deps.now(), actorOf(origin))
  await auditAllowed(trx, deps, origin, { clusterId: row.cluster_key, planId, jobId: null, reason: null })
}

/** Locked, so that no job begins between the look at an approval and its end. */
async function lockedRow(trx: Queries, planId: string): Promise<PlanRow> {
  const row = await planRow(trx, planId, true)
  if (row === null) throw new Refusal('PLAN_NOT_FOUND', { planId })
  return row
}

function actorOf({ actor }: Origin): { id: string; name: string } {
  if (actor === null) throw new Error('nobody approves without being known')
  return { id: actor.id, name: actor.name }
}
