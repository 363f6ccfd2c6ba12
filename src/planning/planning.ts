import type { ClusterRef } from '../contract/cluster.ts'
import type { Comparison } from '../contract/comparison.ts'
import type { EgressReport } from '../contract/egress-report.ts'
import type { Plan, PlanSummary } from '../contract/plan.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { Precondition } from '../core/lib/errors.ts'
import type { PlanningRequest } from '../core/request/plan-request.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { Page } from '../database/stores/list-query.ts'
import type { PlanQuery } from '../database/stores/plan-store.ts'

/** What routes use of planning. Every method rejects with a `DomainError` for what the caller can fix. */
export interface Planning {
  /** Reads the cluster, builds a plan, and stores it together with the effect of `hook`. Writes nothing to Azure. */
  makePlan(request: PlanningRequest, by: string, origin?: Origin, hook?: TransactionHook<Plan>): Promise<Plan>
  getPlan(planId: string): Promise<Plan>
  /** The plan as JSON text with its present state, for responses without parsing. */
  getPlanText(planId: string): Promise<PlanVersion & { text: string }>
  /** The present version without the plan. Simultaneous calls share one read. */
  getPlanVersion(planId: string): Promise<PlanVersion>
  listPlans(query: PlanQuery): Promise<Page<PlanSummary>>
  /** Rejects during and after a job of the plan; discarding twice is no error. The version is that of `planVersion`. */
  discardPlan(planId: string, origin?: Origin, precondition?: Precondition): Promise<void>
  readEgress(cluster: ClusterRef): Promise<EgressReport>
  /** Compares all targets from one snapshot; stores nothing. */
  compareTargets(cluster: ClusterRef): Promise<Comparison>
  /** A plan that removes what the job no longer needs; rejects while it runs, or where its result is unclear. */
  makeCleanupPlan(jobId: string, by: string, origin?: Origin, hook?: TransactionHook<Plan>): Promise<Plan>
  /** A plan back to the state that the job's plan recorded; rejects where no rollback exists. */
  makeRollbackPlan(jobId: string, by: string, origin?: Origin, hook?: TransactionHook<Plan>): Promise<Plan>
  /** A plan that sends the present settings of the job's cluster to AKS again; rejects while the job runs. */
  makeReconcilePlan(jobId: string, by: string, origin?: Origin, hook?: TransactionHook<Plan>): Promise<Plan>
  /** The key of the plan's cluster; null when there is no such plan. */
  clusterKey(planId: string): Promise<string | null>
}

/** Everything of a plan that can change: its status, its approval, and its job. */
export interface PlanVersion {
  version: string
  /** The plan waits for an approval. */
  isPending: boolean
  /** The plan has a valid approval. */
  isApproved: boolean
  /** The job that executes or has executed the plan. */
  jobId: string | null
}
