import type { AddressStage } from '../../contract/egress.ts'
import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { actualAllowLists } from '../allow-lists/actual-allow-lists.ts'
import { actualAddresses } from './actual-addresses.ts'
import type { JobState } from './job-state.ts'
import { toJob } from './job-view.ts'

/** What a job has done to the addresses of its cluster. */
export interface JobOutcome {
  job: Job
  /** How far the addresses are known. */
  stage: AddressStage
  /** The plan as stored, with the actual addresses in `egressIps` and `allowLists`. */
  plan: Plan
}

/** A pure function of the plan and the folded log of its job. */
export function toJobOutcome(id: string, plan: Plan, state: JobState): JobOutcome {
  const { stage, egressIps } = actualAddresses(plan, state)
  const allowLists =
    stage === 'planned' ? plan.allowLists : actualAllowLists(plan.allowLists, plan.egressIps, egressIps)
  return { job: toJob(id, plan, state), stage, plan: { ...plan, egressIps, allowLists } }
}
