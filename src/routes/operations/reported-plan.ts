import type { PlanVersion } from '../../planning/planning.ts'
import { type ReportedPlan, withOutcome } from '../../reports/plan/reported-plan.ts'
import type { AppDeps } from '../server/app-deps.ts'

type Sources = Pick<AppDeps, 'planning' | 'jobs' | 'approvals'>

/**
 * The plan for reports, with its approvals. If a job executes or has executed the plan, it has the addresses that the job
 * has found so far.
 */
export async function readReportedPlan(
  { planning, jobs, approvals }: Sources,
  planId: string,
): Promise<ReportedPlan> {
  const plan = await planning.getPlan(planId)
  const { jobId = null, approval } = plan
  // A job can have an approval that was withdrawn later, and then `approval` is null.
  const hasApprovals = approval != null || jobId !== null
  const reported = hasApprovals ? { ...plan, approvals: (await approvals.list(planId)).items } : plan
  return jobId === null ? reported : withOutcome(reported, await jobs.getOutcome(jobId))
}

/** The versions of what a report shows beside its plan: approvals, the job, and the later jobs. */
export async function reportedVersions(
  { jobs, approvals }: Sources,
  planId: string,
  { jobId, isApproved, isPending }: PlanVersion,
): Promise<string[]> {
  const parts: string[] = []
  if (isApproved || isPending) {
    const { items } = await approvals.list(planId)
    // Approvals are only added and withdrawn, so no state has the same two numbers as an earlier state.
    if (items.length > 0)
      parts.push(`${items.length}-${items.filter(({ withdrawnAt }) => withdrawnAt === null).length}`)
  }
  if (jobId !== null) {
    parts.push((await jobs.getVersion(jobId)).version)
    parts.push(...(await jobs.getLaterVersions(jobId)))
  }
  return parts
}
