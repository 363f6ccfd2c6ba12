import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { defaultRequest, type PlanningRequest } from '../../core/request/plan-request.ts'

/**
 * The request to reconcile the cluster of a job with its current settings. The planner replaces the outbound type of the
 * job's plan with the current type of the cluster. Throws a `DomainError` before the job has ended, and for a job that
 * changed nothing because it never began.
 */
export function buildReconcileRequest(job: Job, plan: Plan): PlanningRequest {
  if (job.actions.reconcilePlan !== true)
    throw new DomainError('RECONCILE_NOT_AVAILABLE', { jobId: job.id, status: job.status })
  const target = { outboundType: plan.transition.to }
  return { ...defaultRequest(plan.cluster, target, `Reconcile after job ${job.id}`), reconcile: true }
}
