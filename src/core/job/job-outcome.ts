import type { AddressStage } from '../../contract/egress.ts'
import type { Job, JobResult, JobStatus } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { actualAllowLists } from '../allow-lists/actual-allow-lists.ts'
import { equalsArm } from '../arm/words.ts'
import { foldCase } from '../lib/fold-case.ts'
import { actualAddresses, hasTarget } from './actual-addresses.ts'
import { actualPaths, actualRanges } from './actual-paths.ts'
import type { JobState } from './job-state.ts'
import { toJob } from './job-view.ts'
import type { LaterCleanup } from './removed-parts.ts'
import { trafficMovingSteps } from './rollback-steps.ts'

/** A later job after which the outcome of an earlier job no longer describes the cluster. */
export interface SupersedingJob {
  jobId: string
  status: JobStatus
  /** Whether the later job read the addresses. If not, it moved traffic or may have moved traffic. */
  isRead: boolean
}

/** What a job has done to the addresses of its cluster. */
export interface JobOutcome {
  job: Job
  /** How far the addresses are known. */
  stage: AddressStage
  /** Whether traffic has moved or may have moved. */
  hasMoved: boolean
  /** The later job that read the addresses, if this job ended between the cutover and its read. */
  confirmedBy: { jobId: string; hasTarget: boolean } | null
  /** The later job that last changed what this job left, or may have changed it. */
  supersededBy: SupersedingJob | null
  /** The later cleanups, which removed leftovers of this job or of other jobs. */
  cleanups: readonly LaterCleanup[]
  /** The plan as stored, with the actual addresses in `egressIps`, `paths`, `authorizedRanges`, and `allowLists`. */
  plan: Plan
}

/** A pure function of the plan, the folded log of its job, and a later job of its cluster. */
export function toJobOutcome(
  id: string,
  plan: Plan,
  state: JobState,
  laterJob: Job | null = null,
): JobOutcome {
  const later = laterJob?.result ?? null
  const { stage, egressIps } = actualAddresses(plan, state, later)
  const allowLists =
    stage === 'planned' ? plan.allowLists : actualAllowLists(plan.allowLists, plan.egressIps, egressIps)
  const job = toJob(id, plan, state)
  const own = actualAddresses(plan, state)
  const hasMoved = own.stage === 'unconfirmed' || (own.stage === 'confirmed' && job.result !== null)
  const confirmedBy =
    laterJob === null || later === null || stage === own.stage
      ? null
      : { jobId: laterJob.id, hasTarget: hasTarget(later, plan) }
  const isRestored =
    job.rollback === null
      ? stage === 'confirmed' && (!hasMoved || (confirmedBy?.hasTarget === false && movesWithTypeOnly(plan)))
      : job.rollback.status === 'Succeeded'
  return {
    job,
    stage,
    hasMoved,
    confirmedBy,
    supersededBy: null,
    cleanups: [],
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
 * Whether a later job of the cluster succeeded and read the addresses. The job is of a reconcile plan, a repeated change, a
 * rollback, or a cleanup.
 */
export function isConfirming({ status, result }: Job): boolean {
  return status === 'Succeeded' && result !== null
}

/** Whether a later job left an outbound type of this plan. A job with a different outbound type belongs to another change. */
export function isOfChange({ result }: Job, { from, to }: Pick<Plan, 'from' | 'to'>): boolean {
  const type = result?.outboundType
  return type !== undefined && [to, from].some(({ outboundType }) => equalsArm(type, outboundType))
}

/** The addresses of a cluster after a job, and its outbound type. */
type State = Pick<JobResult, 'outboundType' | 'egressIps'>

/**
 * Whether a later job found the cluster as the earlier job left it. Null if the later job did not read the addresses, or
 * changed them after it read them.
 */
export function isStillAsAfter(earlier: JobOutcome, confirming: Job | null, later: Job): boolean | null {
  const found = readState(later)
  if (found === null) return null
  const left = stateAfter(earlier, confirming)
  return left !== null && equalsArm(left.outboundType, found.outboundType) && keyOf(left) === keyOf(found)
}

/** The outbound type and the addresses that a job read, as a text to compare; null if it did not read them. */
export function readStateKey(job: Job): string | null {
  const state = readState(job)
  return state === null ? null : `${foldCase(state.outboundType)} ${keyOf(state)}`
}

/** A failed job reads the addresses again only if its rollback succeeds. */
function readState({ result, rollback }: Job): State | null {
  return rollback === null || rollback.status === 'Succeeded' ? result : null
}

/** Null while it is unknown which addresses the cluster used after the job. */
function stateAfter({ job, stage, hasMoved, plan }: JobOutcome, confirming: Job | null): State | null {
  if (stage !== 'confirmed') return null
  if (hasMoved) return readState(job) ?? confirming?.result ?? null
  const egressIps = plan.egressIps.flatMap(({ change, address, family, resourceId, usedBefore }) =>
    change === 'kept' && address !== null && usedBefore?.length !== 0
      ? [{ address, family, resourceId }]
      : [],
  )
  return { outboundType: plan.from.outboundType, egressIps }
}

function keyOf({ egressIps }: State): string {
  return [...new Set(egressIps.map(({ address }) => address))].sort().join(' ')
}
