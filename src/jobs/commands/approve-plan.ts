import type { Approval } from '../../contract/approval.ts'
import type { Plan } from '../../contract/plan.ts'
import { isSamePerson, type Person, validApprovals } from '../../core/access/approvals.ts'
import type { Origin } from '../../core/audit/audit.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import type { TransactionHook } from '../../database/stores/idempotency.ts'
import {
  insertApproval,
  listPlanApprovals,
  markApprovalWithdrawn,
  type PlanRow,
  planRow,
} from '../../database/stores/plan-store.ts'
import type { JobsDeps } from '../deps.ts'
import { PlanCache } from '../event-log.ts'
import type { Approvals, GivenApproval } from '../jobs.ts'
import { assertPlanExecutable } from './accept-job.ts'

/** Approvals of plans by a second person, on the database. */
export function createApprovals(deps: JobsDeps): Approvals {
  const db = deps.database.kysely
  const plans = new PlanCache()
  return {
    async approve(planId, reason, origin, witness) {
      const plan = await plans.get(db, planId)
      if (plan === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
      return db.transaction().execute((trx) => recordApproval(trx, deps, plan, reason, origin, witness))
    },
    withdraw: (planId, approvalId, origin) =>
      db.transaction().execute((trx) => recordWithdrawal(trx, deps, planId, approvalId, origin)),
    async list(planId) {
      const row = await planRow(db, planId)
      if (row === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
      const items = await listPlanApprovals(db, planId)
      return {
        planId: row.id,
        required: deps.needsApproval?.(row.cluster_key) ?? false,
        given: validApprovals(items, planAuthor(row), NOBODY).length > 0,
        expiresAt: row.expires_at.toISOString(),
        items,
      }
    },
  }
}

/** Equal to nobody: no caller has an empty id. */
const NOBODY: Person = { id: '', name: '' }

export function planAuthor(row: Pick<PlanRow, 'created_by' | 'created_by_id'>): Person {
  return { id: row.created_by_id, name: row.created_by }
}

async function recordApproval(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  reason: string | null,
  origin: Origin,
  witness: TransactionHook<GivenApproval> | undefined,
): Promise<GivenApproval> {
  const row = await lockPlanRow(trx, plan.id)
  assertPlanExecutable(row, plan, deps)
  const by = requireActor(origin)
  if (isSamePerson(by, planAuthor(row)))
    throw new DomainError('APPROVAL_NOT_INDEPENDENT', { planId: plan.id, createdBy: row.created_by })
  const standing = (await listPlanApprovals(trx, plan.id)).find(
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

async function recordWithdrawal(
  trx: Queries,
  deps: JobsDeps,
  planId: string,
  approvalId: string,
  origin: Origin,
): Promise<void> {
  const row = await lockPlanRow(trx, planId)
  const approval = (await listPlanApprovals(trx, planId)).find((each) => each.id === approvalId.toLowerCase())
  if (approval === undefined) throw new DomainError('APPROVAL_NOT_FOUND', { planId, approvalId })
  if (row.state === 'executed') throw new DomainError('PLAN_IN_USE', { planId, jobId: row.job_id })
  await markApprovalWithdrawn(trx, approval.id, deps.now(), requireActor(origin))
  await auditAllowed(trx, deps, origin, { clusterId: row.cluster_key, planId, jobId: null, reason: null })
}

/** Locked, so that no job begins between the look at an approval and its end. */
async function lockPlanRow(trx: Queries, planId: string): Promise<PlanRow> {
  const row = await planRow(trx, planId, true)
  if (row === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
  return row
}

function requireActor({ actor }: Origin): { id: string; name: string } {
  if (actor === null) throw new Error('nobody approves without being known')
  return { id: actor.id, name: actor.name }
}
