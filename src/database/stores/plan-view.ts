import type { ApprovalStatus } from '../../contract/approval.ts'
import type { PlanSummary } from '../../contract/plan.ts'
import type { PlanCounts, PlanStatus } from '../../contract/plan-status.ts'
import { approvalStatus } from '../../core/access/approvals.ts'
import { labelsIn } from './list-query.ts'
import { currentStatus, type PlanRow } from './plan-store.ts'

/** What a plan is now: everything of it that can change. */
export interface PlanState {
  status: PlanStatus
  /** The job that executes or has executed the plan. */
  jobId: string | null
  approval: ApprovalStatus | null
  /** Null if `approval` is null, and for a plan that cannot be approved in any window. */
  approvableUntil: string | null
}

/** Whether the plans of a cluster, by its key, require an approval. */
export type NeedsApproval = ((clusterKey: string) => boolean) | undefined

/** The present state of a plan. */
export function planState(row: PlanRow, now: Date, needsApproval: NeedsApproval): PlanState {
  const status = currentStatus(row, now)
  const windowEnd = row.approve_until ?? row.expires_at
  const approval = approvalStatus({
    status,
    isRequired: needsApproval?.(row.cluster_key) ?? false,
    isGiven: row.is_approved,
    isWindowOpen: windowEnd > now,
  })
  // A plan that no job can execute cannot be approved.
  const canHaveWindow = approval === 'required' ? status === 'applicable' : approval !== null
  return {
    status,
    jobId: row.job_id,
    approval,
    approvableUntil: canHaveWindow ? windowEnd.toISOString() : null,
  }
}

/**
 * The version of a plan, for entity tags and preconditions. A plan that a canceled job has freed can be executed by
 * another job.
 */
export function planVersion({ status, approval, jobId }: PlanState): string {
  return [status, approval, jobId].filter((part) => part !== null).join('.')
}

/** The plan as JSON text, with its present state in front. */
export function planText(row: { document: string }, state: PlanState): string {
  return `${JSON.stringify(state).slice(0, -1)},${row.document.slice(1)}`
}

export function toPlanSummary(row: PlanRow, now: Date, needsApproval: NeedsApproval): PlanSummary {
  const labels = labelsIn(row.labels)
  return {
    id: row.id,
    ...planState(row, now, needsApproval),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    createdBy: row.created_by,
    cluster: {
      subscriptionId: row.subscription_id,
      resourceGroup: row.resource_group,
      name: row.cluster_name,
    },
    from: row.from_type,
    to: row.to_type,
    ...(labels === undefined ? {} : { labels }),
    ...(row.counts === null ? {} : { counts: JSON.parse(row.counts) as PlanCounts }),
  }
}
