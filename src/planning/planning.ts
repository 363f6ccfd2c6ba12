import type { ClusterRef } from '../contract/cluster.ts'
import type { EgressReport } from '../contract/egress-report.ts'
import type { Plan, PlanStatus, PlanSummary } from '../contract/plan.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { Precondition } from '../core/lib/errors.ts'
import type { PlanningRequest } from '../core/request/plan-request.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { ListFilter } from '../database/stores/list-conditions.ts'

/** What routes may ask of planning. Every method rejects with a `Refusal` for what the caller can mend. */
export interface Planning {
  /** Looks at the cluster, thinks, stores. Only reads of Azure are made. Plan and `witness` are one transaction. */
  makePlan(
    request: PlanningRequest,
    by: string,
    origin?: Origin,
    witness?: TransactionHook<Plan>,
  ): Promise<Plan>
  getPlan(planId: string): Promise<Plan>
  /** The plan as JSON text with its present status, for answers without a parse. */
  getPlanText(planId: string): Promise<{ status: PlanStatus; text: string }>
  /** The present status, which is all of a plan that can change, without reading the plan. */
  getPlanStatus(planId: string): Promise<PlanStatus>
  listPlans(query: PlanQuery): Promise<{ items: PlanSummary[]; next: string | null }>
  /** Refused while a job executes the plan and after; discarding twice is no error. The plan's version is its status. */
  discardPlan(planId: string, origin?: Origin, precondition?: Precondition): Promise<void>
  readEgress(cluster: ClusterRef): Promise<EgressReport>
  /** A plan that takes away what the job no longer needs; refused while it runs, or where its end is not clear. */
  makeCleanUpPlan(jobId: string, by: string, origin?: Origin, witness?: TransactionHook<Plan>): Promise<Plan>
  /** A plan back to what the job's plan recorded as the former state; refused where there is no way back. */
  makeRollbackPlan(jobId: string, by: string, origin?: Origin, witness?: TransactionHook<Plan>): Promise<Plan>
  /** The key of the plan's cluster; null when there is no such plan. */
  clusterKey(planId: string): Promise<string | null>
}

export interface PlanQuery extends Omit<ListFilter, 'after'> {
  status?: PlanStatus | undefined
  /** The opaque cursor of the page before. */
  cursor: string | null
}
