import type { PlanStatus } from '../../contract/plan.ts'

/** What can change of a plan: its status, and the job that executes or has executed it. */
export interface PlanState {
  status: PlanStatus
  jobId: string | null
}

/** The version of a plan: a plan that a canceled job has freed can be executed by another job. */
export function planVersion({ status, jobId }: PlanState): string {
  return jobId === null ? status : `${status}.${jobId}`
}
