import { type ActualFacts, actualFacts, uncertainFacts } from '../core/campaign/plan-facts.ts'
import { memberOutcomes, type StoredOutcome } from '../database/stores/campaign-results.ts'
import type { VisibleClusters } from '../database/stores/visible-clusters.ts'
import type { CampaignsDeps } from './deps.ts'

/**
 * The members that the caller may see, with what their jobs have done to addresses. The result of a job that succeeded is
 * enough, unless the cluster has a later job. The logs of other jobs show what they have prepared, changed or left.
 */
export async function readOutcomes(
  deps: CampaignsDeps,
  id: string,
  visible: VisibleClusters,
): Promise<StoredOutcome[]> {
  const members = await memberOutcomes(deps.database.kysely, id, visible)
  return Promise.all(members.map((member) => withActual(deps, member)))
}

async function withActual(deps: CampaignsDeps, member: StoredOutcome): Promise<StoredOutcome> {
  const { jobId, hasLaterJob, earlierJobIds } = member
  if (jobId === null) return member
  const former = await Promise.all(earlierJobIds.map((id) => formerFacts(deps, id)))
  const present = former.length === 0 ? member : { ...member, former }
  if (member.result !== null && !hasLaterJob) return present
  const { plan, stage, supersededBy } = await deps.jobs.getOutcome(jobId)
  if (member.result !== null && supersededBy === null) return present
  const actual = actualFacts(plan)
  const found = supersededBy === null ? actual : uncertainFacts(actual)
  return { ...present, result: null, actual: { ...found, stage } }
}

async function formerFacts({ jobs }: CampaignsDeps, jobId: string): Promise<ActualFacts> {
  return actualFacts((await jobs.getOutcome(jobId)).plan)
}
