import type { ClusterScope } from '../core/access/access-policy.ts'
import { campaignIpChanges } from '../core/campaign/campaign-addresses.ts'
import { estimateDuration } from '../core/campaign/duration-estimate.ts'
import { mergePlans } from '../core/campaign/planning-result.ts'
import { DomainError } from '../core/lib/errors.ts'
import { listMembers } from '../database/stores/campaign-member-store.ts'
import {
  countMembers,
  memberFacts,
  memberResults,
  succeededJobs,
} from '../database/stores/campaign-results.ts'
import { campaignEvents, listStoredCampaigns, storedCampaign } from '../database/stores/campaign-store.ts'
import { Cursors } from '../database/stores/cursors.ts'
import { ClusterScopes } from '../database/stores/visible-clusters.ts'
import { toCampaign, toSummary } from './campaign-view.ts'
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
    const counts = stored === null ? [] : await countMembers(db, id, seen)
    if (stored === null || counts.length === 0)
      throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
    return { stored, counts, seen }
  }
  return {
    create: (order, call) => createCampaign(deps, order, call),
    act: (id, request, call) => actOnCampaign(deps, id, request, call),
    async get(id, reach) {
      const { stored, counts } = await visible(id, reach)
      return toCampaign(stored, counts)
    },
    async list(query) {
      const { items, next } = await cursors.page('campaigns', query, (filter) =>
        listStoredCampaigns(db, filter),
      )
      return { items: items.map(toSummary), next }
    },
    async listMembers(query) {
      await visible(query.campaignId, query.reach)
      return cursors.page('members', query, (filter) => listMembers(db, filter))
    },
    async planning(id, reach) {
      const { stored, seen } = await visible(id, reach)
      const members = await memberFacts(db, id, seen)
      const steps = members.flatMap(({ wave, facts }) =>
        facts.verdict === 'applicable' ? [{ wave, steps: facts.steps }] : [],
      )
      const jobs = await succeededJobs(db, MEASURED_JOBS)
      return {
        campaignId: id,
        ...mergePlans(
          members.map(({ facts }) => facts),
          stored.request.acknowledge ?? [],
        ),
        duration: estimateDuration(stored.state.waves, steps, jobs),
      }
    },
    async ipChanges(id, reach) {
      const { seen } = await visible(id, reach)
      return { campaignId: id, ...campaignIpChanges(await memberResults(db, id, seen)) }
    },
    async log(id, after, limit, reach) {
      await visible(id, reach)
      return campaignEvents(db, id, after, limit)
    },
  }
}
