import type { Reach } from '../core/access/reach.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { EgressReport } from '../core/egress-report.ts'
import type { Plan, PlanStatus } from '../core/plan.ts'
import type { ClusterRef, PlanRequest } from '../core/target.ts'

/** What routes may ask of planning. Every method rejects with a `Refusal` for what the caller can mend. */
export interface Planning {
  /** Looks at the cluster, thinks, stores. Only reads of Azure are made. */
  makePlan(request: PlanRequest, by: string, origin?: Origin): Promise<StoredPlan>
  getPlan(planId: string): Promise<StoredPlan>
  /** The plan as JSON text with its present status, for answers without a parse. */
  getPlanText(planId: string): Promise<string>
  listPlans(query: PlanQuery): Promise<{ items: PlanSummary[]; next: string | null }>
  /** Refused while a job executes the plan and after; discarding twice is no error. */
  discardPlan(planId: string, origin?: Origin): Promise<void>
  readEgress(cluster: ClusterRef): Promise<EgressReport>
  /** A plan that takes away what the job no longer needs; refused while it runs, or where its end is not clear. */
  makeCleanUpPlan(jobId: string, by: string, origin?: Origin): Promise<StoredPlan>
  /** A plan back to what the job's plan recorded as the former state; refused where there is no way back. */
  makeRollbackPlan(jobId: string, by: string, origin?: Origin): Promise<StoredPlan>
  /** The key of the plan's cluster; null when there is no such plan. */
  clusterKey(planId: string): Promise<string | null>
}

/** A plan with its present status in place of the one that it was made with. */
export type StoredPlan = Omit<Plan, 'status'> & { status: PlanStatus }

export interface PlanQuery {
  status?: PlanStatus
  cluster?: ClusterRef
  /** Only plans for these clusters. */
  reach?: Reach
  limit: number
  cursor: string | null
}

export interface PlanSummary {
  id: string
  status: PlanStatus
  createdAt: string
  expiresAt: string
  createdBy: string
  cluster: ClusterRef
  from: string
  to: string
}
