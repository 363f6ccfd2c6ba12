import type { Approval } from '../../contract/approval.ts'
import type { PlanMessageType } from '../../contract/webhook.ts'
import type { Origin } from '../../core/audit/audit.ts'
import { stopsBeforeCutover } from '../../core/job/next-action.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { planMessage } from '../../core/webhooks/messages.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import { listPlanApprovals, markApprovalWithdrawn } from '../../database/stores/approval-store.ts'
import { wakeCampaignOf } from '../../database/stores/campaign-member-store.ts'
import type { PlanRow } from '../../database/stores/plan-store.ts'
import { toPlanSummary } from '../../database/stores/plan-view.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, loadJob, type PlanCache } from '../event-log.ts'
import { requirePlanRow } from './acceptance-checks.ts'
import { appendCommand } from './append-command.ts'
import { cancellationCommand } from './change-job.ts'

interface Withdrawal {
  planId: string
  approvalId: string
  origin: Origin
}

/** A job or another withdrawal was accepted in the meantime, so the earlier decision is outdated. */
class PlanMovedError extends Error {}

/** The maximum number of attempts. Jobs start and end rarely, and each attempt reads everything again. */
const MAX_ATTEMPTS = 10

/**
 * Withdraws an approval. A job that requires an approval and has no other approval is canceled in the same transaction.
 * This changes the revision of the job, so a worker that is about to write the cutover sends nothing.
 */
export async function withdrawApproval(
  deps: JobsDeps,
  plans: PlanCache,
  withdrawal: Withdrawal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptWithdrawal(deps, plans, withdrawal)
    } catch (error) {
      if (!(error instanceof PlanMovedError) || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

async function attemptWithdrawal(deps: JobsDeps, plans: PlanCache, withdrawal: Withdrawal): Promise<void> {
  const db = deps.database.kysely
  const row = await requirePlanRow(db, withdrawal.planId)
  const { withdrawnAt } = await requireApproval(db, withdrawal)
  const jobId = row.state === 'executed' ? row.job_id : null
  const job = jobId === null ? null : await loadJob(db, plans, jobId)
  // Repeating a withdrawal is not an error, even after the withdrawal has ended the job.
  if (job !== null && withdrawnAt === null) assertBeforeCutover(row, job)
  const stops = job !== null && (await isLastApproval(db, deps, job, withdrawal.approvalId))
  if (job === null || !stops) {
    await db.transaction().execute(async (trx) => {
      const { cluster_key: clusterId } = await recordWithdrawal(trx, deps, withdrawal, { job, stops: false })
      await auditAllowed(trx, deps, withdrawal.origin, { clusterId, planId: row.id, jobId })
    })
    return
  }
  const { name: by } = requireActor(withdrawal.origin)
  const command = {
    ...cancellationCommand(deps, { by, abort: false, withdrawnApproval: withdrawal.approvalId }),
    assertPossible: (current: LoadedJob) => assertBeforeCutover(row, current),
  }
  const hook = async (trx: Queries) => {
    await recordWithdrawal(trx, deps, withdrawal, { job, stops: true })
  }
  try {
    await appendCommand(deps, plans, job.row.id, command, { origin: withdrawal.origin, hook })
  } catch (error) {
    if (error instanceof DomainError && error.code === 'JOB_ALREADY_FINISHED') throw planInUse(row)
    throw error
  }
}

/** Marks the approval in a transaction. Rejects with `PlanMovedError` if the decision whether a job stops is outdated. */
async function recordWithdrawal(
  trx: Queries,
  deps: JobsDeps,
  withdrawal: Withdrawal,
  { job, stops }: { job: LoadedJob | null; stops: boolean },
): Promise<PlanRow> {
  const row = await requirePlanRow(trx, withdrawal.planId, true)
  const approval = await requireApproval(trx, withdrawal)
  if ((row.state === 'executed' ? row.job_id : null) !== (job?.row.id ?? null)) throw new PlanMovedError()
  if (job !== null && !stops && (await isLastApproval(trx, deps, job, approval.id)))
    throw new PlanMovedError()
  if (approval.withdrawnAt !== null) return row
  const at = deps.now()
  const withdrawnBy = requireActor(withdrawal.origin)
  await markApprovalWithdrawn(trx, approval.id, at, withdrawnBy)
  const withdrawn = { ...approval, withdrawnAt: at.toISOString(), withdrawnBy }
  await announceApproval(trx, deps, 'plan.approval.withdrawn', withdrawn)
  await wakeCampaignOf(trx, row, at)
  return row
}

async function requireApproval(db: Queries, { planId, approvalId }: Withdrawal): Promise<Approval> {
  const approval = (await listPlanApprovals(db, planId)).find(({ id }) => id === approvalId.toLowerCase())
  if (approval === undefined) throw new DomainError('APPROVAL_NOT_FOUND', { planId, approvalId })
  return approval
}

/**
 * Whether the job requires an approval and would have no approval without this one. Only the approvals at its
 * acceptance count.
 */
async function isLastApproval(
  db: Queries,
  deps: JobsDeps,
  { row, plan, state }: LoadedJob,
  approvalId: string,
): Promise<boolean> {
  if (deps.needsApproval?.(row.cluster_key) !== true) return false
  const approvals = await listPlanApprovals(db, plan.id)
  const valid = approvals.filter(
    ({ id, withdrawnAt }) => withdrawnAt === null && state.approvals.some((accepted) => accepted.id === id),
  )
  return valid.length === 1 && valid[0]?.id === approvalId.toLowerCase()
}

function assertBeforeCutover(row: PlanRow, { plan, state }: LoadedJob): void {
  if (!stopsBeforeCutover(plan, state)) throw planInUse(row)
}

function planInUse({ id: planId, job_id: jobId }: PlanRow): DomainError {
  return new DomainError('PLAN_IN_USE', { planId, jobId })
}

/** Orders the messages about an approval that was given or withdrawn. */
export async function announceApproval(
  trx: Queries,
  deps: JobsDeps,
  type: PlanMessageType,
  approval: Approval,
): Promise<void> {
  if (deps.announce === undefined) return
  const row = await requirePlanRow(trx, approval.planId)
  const plan = toPlanSummary(row, deps.now(), deps.needsApproval)
  await deps.announce(trx, row.cluster_key, planMessage(type, deps.now(), plan, approval))
}

export function requireActor({ actor }: Origin): { id: string; name: string } {
  if (actor === null) throw new Error('an approval requires an authenticated caller')
  return { id: actor.id, name: actor.name }
}
