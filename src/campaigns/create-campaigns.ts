import type { Campaign, CampaignMember } from '../contract/campaign.ts'
import type { ClusterScope } from '../core/access/access-policy.ts'
import { isOpen } from '../core/campaign/campaign-state.ts'
import { estimateDuration } from '../core/campaign/duration-estimate.ts'
import { campaignIpChanges, releasedAddresses } from '../core/campaign/merged-addresses.ts'
import { type ActualFacts, actualFacts, uncertainFacts } from '../core/campaign/plan-facts.ts'
import { mergePlans } from '../core/campaign/planning-result.ts'
import type { JobOutcome } from '../core/job/job-outcome.ts'
import { DomainError } from '../core/lib/errors.ts'
import type { Queries } from '../database/engine/database.ts'
import { type ClaimedMember, listMembers } from '../database/stores/campaign-member-store.ts'
import {
  countMembers,
  type MemberCount,
  memberOutcomes,
  type StoredOutcome,
  succeededJobs,
} from '../database/stores/campaign-results.ts'
import {
  campaignEvents,
  listStoredCampaigns,
  type StoredCampaign,
  storedCampaign,
} from '../database/stores/campaign-store.ts'
import { Cursors } from '../database/stores/cursors.ts'
import { addressesInUse } from '../database/stores/inventory-store.ts'
import { ClusterScopes, type VisibleClusters } from '../database/stores/visible-clusters.ts'
import { toCampaign, toSummary, withoutCountsOfOthers } from './campaign-view.ts'
import type { Campaigns } from './campaigns.ts'
import { actOnCampaign } from './change-campaign.ts'
import type { CampaignsDeps } from './deps.ts'
import { createCampaign } from './order-campaign.ts'

/** How many finished jobs an estimate measures. */
const MEASURED_JOBS = 200

/** Campaigns, on the database. */
export function createCampaigns(deps: CampaignsDeps): Campaigns {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const scopes = new ClusterScopes(db)
  const visible = async (id: string, reach?: ClusterScope) => {
    const stored = await storedCampaign(db, id)
    const seen = await scopes.resolve(reach)
    const [view] = stored === null ? [] : await views(db, [stored], seen, reach)
    if (stored === null || view === undefined || view.counts.length === 0)
      throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
    return { stored, seen, ...view }
  }
  return {
    create: (order, call) => createCampaign(deps, order, call),
    act: (id, request, call) => actOnCampaign(deps, id, request, call),
    async get(id, reach) {
      return (await visible(id, reach)).campaign
    },
    async list(query) {
      const { items, next } = await cursors.page('campaigns', query, (filter) =>
        listStoredCampaigns(db, filter),
      )
      return { items: items.map(toSummary), next }
    },
    async listDetails(query) {
      const { items, next } = await cursors.page('campaigns', query, (filter) =>
        listStoredCampaigns(db, filter),
      )
      const seen = await scopes.resolve(query.reach)
      return { items: (await views(db, items, seen, query.reach)).map(({ campaign }) => campaign), next }
    },
    async listMembers(query) {
      const { campaign } = await visible(query.campaignId, query.reach)
      const { items, next } = await cursors.page('members', query, (filter) => listMembers(db, filter))
      return { items: items.map((item) => withTarget(item, campaign)), next }
    },
    async planning(id, reach) {
      const { stored, seen, campaign } = await visible(id, reach)
      const emptyWaves = campaign.waves.flatMap(({ number, emptiedBecause: because }) =>
        because === undefined ? [] : [{ wave: number, because }],
      )
      const members = await readOutcomes(deps, id, seen)
      const steps = members.flatMap((member) =>
        isOpen(member) && member.facts?.verdict === 'applicable'
          ? [{ wave: member.wave, steps: member.facts.steps, shares: member.facts.shares }]
          : [],
      )
      const jobs = await succeededJobs(db, MEASURED_JOBS)
      return {
        campaignId: id,
        ...mergePlans(members, stored.request.acknowledge ?? [], {
          consumers: stored.request.consumers,
          inUse: await addressesInUse(db, releasedAddresses(members)),
        }),
        ...(emptyWaves.length === 0 ? {} : { emptyWaves }),
        duration: estimateDuration(stored.state.waves, steps, jobs, (wave) =>
          members.some((member) => member.wave === wave && member.jobId !== null),
        ),
      }
    },
    async ipChanges(id, reach) {
      const { seen } = await visible(id, reach)
      const members = await readOutcomes(deps, id, seen)
      const inUse = await addressesInUse(db, releasedAddresses(members))
      return { campaignId: id, ...campaignIpChanges(members, inUse) }
    },
    async log(id, after, limit, reach) {
      const { seen, isPartial } = await visible(id, reach)
      const events = await campaignEvents(db, id, { after, limit, visible: seen })
      return isPartial ? events.map(withoutCountsOfOthers) : events
    },
  }
}

function withTarget(
  { targetRule, ...member }: CampaignMember & Pick<ClaimedMember, 'targetRule'>,
  { target, targetRules }: Campaign,
): CampaignMember {
  const own = targetRule === null ? target : (targetRules[targetRule]?.target ?? null)
  return own === null ? member : { ...member, target: own }
}

/** Campaigns as the caller sees them, with one query for all of them; a second one if the caller may not see everything. */
async function views(
  db: Queries,
  campaigns: readonly StoredCampaign[],
  visible: VisibleClusters,
  reach?: ClusterScope,
) {
  const ids = campaigns.map(({ id }) => id)
  const counts = await countMembers(db, ids, visible)
  const all = visible === 'everything' ? counts : await countMembers(db, ids, 'everything')
  const total = (list: readonly MemberCount[]) => list.reduce((sum, { count }) => sum + count, 0)
  return campaigns.map((stored) => {
    const isOfCampaign = ({ campaignId }: MemberCount) => campaignId === stored.id
    const own = counts.filter(isOfCampaign)
    const isPartial = total(own) < total(all.filter(isOfCampaign))
    return {
      counts: own,
      isPartial,
      campaign: toCampaign(stored, own, { isPartial, ...(reach === undefined ? {} : { reach }) }),
    }
  })
}

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
