import type { AddressStage } from '../../contract/egress.ts'
import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { actualAllowLists } from '../allow-lists/actual-allow-lists.ts'
import { actualAddresses, hasTarget } from './actual-addresses.ts'
import { actualPaths, actualRanges } from './actual-paths.ts'
import type { JobState } from './job-state.ts'
import { toJob } from './job-view.ts'
import { trafficMovingSteps } from './rollback-steps.ts'

/** What a job has done to the addresses of its cluster. */
export interface JobOutcome {
  job: Job
  /** How far the addresses are known. */
  stage: AddressStage
  /** Whether traffic has moved or may have moved. */
  hasMoved: boolean
  /** The job that reconciled the cluster after this job failed or was canceled. */
  reconciledBy: { jobId: string; hasTarget: boolean } | null
  /** The plan as stored, with the actual addresses in `egressIps`, `paths`, `authorizedRanges`, and `allowLists`. */
  plan: Plan
}

/** A pure function of the plan, the folded log of its job, and the job that reconciled the cluster afterwards. */
export function toJobOutcome(
  id: string,
  plan: Plan,
  state: JobState,
  reconcileJob: Job | null = null,
): JobOutcome {
  const reconciled = reconcileJob?.result ?? null
  const { stage, egressIps } = actualAddresses(plan, state, reconciled)
  const allowLists =
    stage === 'planned' ? plan.allowLists : actualAllowLists(plan.allowLists, plan.egressIps, egressIps)
  const job = toJob(id, plan, state)
  const own = actualAddresses(plan, state)
  const hasMoved = own.stage === 'unconfirmed' || (own.stage === 'confirmed' && job.result !== null)
  const reconciledBy =
    reconcileJob === null || reconciled === null
      ? null
      : { jobId: reconcileJob.id, hasTarget: hasTarget(reconciled, plan) }
  const isRestored =
    job.rollback === null
      ? stage === 'confirmed' && (!hasMoved || (reconciledBy?.hasTarget === false && movesWithTypeOnly(plan)))
      : job.rollback.status === 'Succeeded'
  return {
    job,
    stage,
    hasMoved,
    reconciledBy,
    plan: {
      ...plan,
      egressIps,
      allowLists,
      paths: actualPaths(plan.paths, { stage, egressIps, isRestored }),
      authorizedRanges: actualRanges(plan.authorizedRanges, egressIps),
    },
  }
}

/** Whether only the outbound type moves traffic, so that no attachment and no route of the job is left. */
function movesWithTypeOnly(plan: Plan): boolean {
  return trafficMovingSteps(plan).every(({ key }) => key === 'change-outbound-type')
}

/**
 * The job that reconciled the cluster, from the later jobs of the cluster, oldest first. A different change that was
 * executed before a reconcile has other addresses, so the search ends there.
 */
export function findReconcileJob(later: readonly Job[]): Job | null {
  const began = later.filter(({ timestamps }) => timestamps.startedAt !== null)
  const end = began.findIndex((job) => !isReconcileJob(job))
  const reconciles = end === -1 ? began : began.slice(0, end)
  return reconciles.find(({ status, result }) => status === 'Succeeded' && result !== null) ?? null
}

function isReconcileJob({ steps }: Job): boolean {
  return steps.some(({ key }) => key === 'reconcile-cluster')
}
