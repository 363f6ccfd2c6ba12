import type { Approval } from '../../contract/approval.ts'
import type { Plan } from '../../contract/plan.ts'
import type { StepKey } from '../../contract/steps.ts'
import { type Person, validApprovals } from '../../core/access/approvals.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { isFormerCode } from '../../core/rules/retired-rules.ts'
import type { Queries } from '../../database/engine/database.ts'
import { listPlanApprovals } from '../../database/stores/approval-store.ts'
import { latestJobId } from '../../database/stores/job-store.ts'
import { currentStatus, type PlanRow, planRow } from '../../database/stores/plan-store.ts'
import type { JobsDeps } from '../deps.ts'
import type { JobOrder } from '../jobs.ts'

/** The row of the plan; with `lock`, locked until the end of the transaction. Throws PLAN_NOT_FOUND. */
export async function requirePlanRow(db: Queries, planId: string, lock = false): Promise<PlanRow> {
  const row = await planRow(db, planId, lock)
  if (row === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
  return row
}

/** Rejects a plan that can no longer be executed, or that was never executable. */
export function assertPlanExecutable(row: PlanRow, plan: Plan, deps: JobsDeps): void {
  const planId = row.id
  switch (currentStatus(row, deps.now())) {
    case 'applicable':
      break
    case 'discarded':
      throw new DomainError('PLAN_DISCARDED', { planId })
    case 'expired':
      throw new DomainError('PLAN_EXPIRED', { planId, expiresAt: row.expires_at.toISOString() })
    case 'executed':
      throw new DomainError('PLAN_ALREADY_EXECUTED', { planId, jobId: row.job_id })
    case 'stale':
      throw new DomainError('PLAN_STALE', { planId, differences: [] })
    case 'noChange':
      throw new DomainError('PLAN_NO_CHANGE', { planId })
    case 'blocked': {
      const blockers = plan.findings.filter(({ severity }) => severity === 'blocker')
      throw new DomainError('PLAN_BLOCKED', { planId, codes: blockers.map(({ code }) => code) })
    }
  }
  if (plan.azure !== deps.azure)
    throw new DomainError('PLAN_FOR_OTHER_AZURE', { planId, planned: plan.azure, here: deps.azure })
}

/** Rejects a second job of a plan if the caller requests `onlyOnce`, even after a cancellation. */
export async function assertOnlyOnce(
  db: Queries,
  row: PlanRow,
  { onlyOnce }: Pick<JobOrder, 'onlyOnce'>,
): Promise<void> {
  if (onlyOnce !== true) return
  const { id: planId, cluster_key: clusterKey } = row
  const jobId = await latestJobId(db, clusterKey, planId)
  if (jobId !== null) throw new DomainError('PLAN_ALREADY_EXECUTED', { planId, jobId })
}

/**
 * Rejects acknowledged codes that the plan does not contain, and missing acknowledgements. Codes of earlier versions
 * are ignored.
 */
export function assertAcknowledged(plan: Plan, acknowledged: string[]): void {
  const reject = (code: 'ACKNOWLEDGEMENT_UNKNOWN' | 'ACKNOWLEDGEMENT_MISSING', facts: object) => {
    throw new DomainError(code, { ...facts }, ['/acknowledge'])
  }
  const known = new Set(plan.findings.map(({ code }) => code))
  const unknown = acknowledged.filter((code) => !known.has(code) && !isFormerCode(code))
  if (unknown.length > 0)
    reject('ACKNOWLEDGEMENT_UNKNOWN', { codes: unknown, known: plan.acknowledgementsRequired })
  const missing = plan.acknowledgementsRequired.filter((code) => !acknowledged.includes(code))
  if (missing.length > 0) reject('ACKNOWLEDGEMENT_MISSING', { codes: missing })
}

/** Rejects a job that requests a rollback on failure if no rollback is available. */
export function assertRollbackAvailable(plan: Plan, { onFailure }: JobOrder): void {
  const change = plan.steps.find(({ key }) => key === 'change-outbound-type')
  if (onFailure !== 'rollBack' || change === undefined || change.undoes.length > 0) return
  const { transition, rollback } = plan
  throw new DomainError(
    'ROLLBACK_NOT_AVAILABLE',
    {
      cause: 'noAutomaticRollback',
      reason: `${rollback.support === 'disputed' ? 'sources disagree on whether AKS supports' : 'AKS does not support'} the change from ${transition.to} to ${transition.from ?? 'the former outbound type'}`,
      support: rollback.support,
      routes: rollback.routes.map((route) => route.join(' -> ')),
    },
    ['/onFailure'],
  )
}

export function assertUnlocked(holderJobId: string | null): void {
  if (holderJobId !== null) throw new DomainError('CLUSTER_LOCKED', { holderJobId })
}

/**
 * The step before which the job is held; undefined without a hold. Rejects a hold if no step moves the traffic. A hold can
 * last for days, so the nodes are measured after it.
 */
export function resolveHold(plan: Plan, { holdBeforeCutOver }: JobOrder): StepKey | undefined {
  if (holdBeforeCutOver !== true) return undefined
  const { step: key, because } = plan.cutOver
  const index = plan.steps.findIndex((candidate) => candidate.key === key)
  const step = plan.steps[index]
  if (step === undefined)
    throw new DomainError('HOLD_NOT_POSSIBLE', { planId: plan.id, reason: because }, ['/holdBeforeCutOver'])
  const former = plan.steps[index - 1]
  return former?.does.kind === 'probeNodes' ? former.key : step.key
}

export function planAuthor(row: Pick<PlanRow, 'created_by' | 'created_by_id'>): Person {
  return { id: row.created_by_id, name: row.created_by }
}

/** The valid approvals for this job; throws APPROVAL_MISSING if the cluster requires an approval and there is none. */
export async function assertApproved(
  db: Queries,
  deps: JobsDeps,
  row: PlanRow,
  executor: Person,
): Promise<Approval[]> {
  const approvals = await listPlanApprovals(db, row.id)
  const valid = validApprovals(approvals, planAuthor(row), executor)
  if (valid.length === 0 && deps.needsApproval?.(row.cluster_key) === true)
    throw new DomainError('APPROVAL_MISSING', { planId: row.id, given: approvals.length })
  return valid
}
