import { type ReportedPlan, withOutcome } from '../../reports/plan/reported-plan.ts'
import type { AppDeps } from '../server/app-deps.ts'

/** The plan for reports: with the addresses that its job has found so far, if a job executes or has executed the plan. */
export async function readReportedPlan(
  { planning, jobs }: Pick<AppDeps, 'planning' | 'jobs'>,
  planId: string,
): Promise<ReportedPlan> {
  const plan = await planning.getPlan(planId)
  const { jobId = null } = plan
  return jobId === null ? plan : withOutcome(plan, await jobs.getOutcome(jobId))
}
