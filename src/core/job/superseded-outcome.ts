import type { Job, JobResult } from '../../contract/job.ts'
import { equalsArm } from '../arm/words.ts'
import { foldCase } from '../lib/fold-case.ts'
import type { JobOutcome } from './job-outcome.ts'

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
