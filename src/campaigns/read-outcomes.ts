import { type ActualFacts, actualFacts, uncertainFacts } from '../core/campaign/plan-facts.ts'
import type { JobOutcome } from '../core/job/job-outcome.ts'
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
  const outcome = await deps.jobs.getOutcome(jobId)
  if (member.result !== null && outcome.supersededBy === null) return present
  const replaced = await replacedOutcomes(deps, outcome)
  const last = replaced.pop() ?? outcome
  const isKnown = last.stage === 'confirmed' && last.supersededBy === null
  if (replaced.length > 0 && !isKnown) return withUncertain(present, outcome)
  const earlier = [...former, ...replaced.map(({ plan }) => actualFacts(plan))]
  const actual = { ...actualFacts(last.plan), stage: last.stage }
  return { ...present, result: null, actual, ...(earlier.length === 0 ? {} : { former: earlier }) }
}

/** The later jobs that a campaign follows: a cluster with more jobs is a matter of its own. */
const MAX_REPLACED = 5

/** The outcome of the last job of the member, and those of the later jobs that changed the egress again, such as a rollback. */
async function replacedOutcomes({ jobs }: CampaignsDeps, first: JobOutcome): Promise<JobOutcome[]> {
  const outcomes = [first]
  for (let { supersededBy } = first; supersededBy !== null && outcomes.length <= MAX_REPLACED; ) {
    const next = await jobs.getOutcome(supersededBy.jobId)
    outcomes.push(next)
    supersededBy = next.supersededBy
  }
  return outcomes
}

/** Nothing is known about what a later job leaves: a person must check each address. */
function withUncertain(member: StoredOutcome, { plan, stage }: JobOutcome): StoredOutcome {
  return { ...member, result: null, actual: { ...uncertainFacts(actualFacts(plan)), stage } }
}

async function formerFacts({ jobs }: CampaignsDeps, jobId: string): Promise<ActualFacts> {
  return actualFacts((await jobs.getOutcome(jobId)).plan)
}
