import type { Campaign } from '../contract/campaign.ts'
import type { ClusterRef } from '../contract/cluster.ts'
import { clusterKey, inScope } from '../core/access/access-policy.ts'
import { clusterId } from '../core/arm/resource-id.ts'
import { assignWaves, matchesMember } from '../core/campaign/assign-waves.ts'
import { initialCampaign } from '../core/campaign/campaign-state.ts'
import { DomainError } from '../core/lib/errors.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import { countMembers } from '../database/stores/campaign-results.ts'
import {
  busyClusters,
  insertCampaign,
  lockCreation,
  type NewMember,
} from '../database/stores/campaign-store.ts'
import { toCampaign } from './campaign-view.ts'
import type { CampaignCall, CampaignOrder } from './campaigns.ts'
import type { CampaignsDeps } from './deps.ts'

/** Creates a campaign, or rejects with the `DomainError` that says why not; then nothing is created. */
export async function createCampaign(
  deps: CampaignsDeps,
  { request, clusters }: CampaignOrder,
  { by, origin, hook, executable }: CampaignCall,
): Promise<Campaign> {
  const waves = assignWaves(clusters, request.waves)
  for (const [index, { clusters: patterns }] of (request.exceptions ?? []).entries())
    if (!clusters.some((cluster) => matchesMember(patterns, cluster)))
      throw new DomainError('CAMPAIGN_TARGET_UNMATCHED', { exception: index + 1 }, [
        `/exceptions/${index}/clusters`,
      ])
  const denied = clusters.filter((cluster) => !inScope(executable, clusterKey(cluster)))
  if (denied.length > 0) throw membersDenied(denied)
  const stored = {
    id: deps.newId(),
    name: request.name,
    createdAt: deps.now(),
    createdBy: by,
    actor: origin.actor,
    request: { ...request, select: { ids: [] } },
    state: initialCampaign(request.waves),
  }
  const members = newMembers(deps, clusters, waves)
  const campaign = await deps.database.kysely.transaction().execute(async (trx) => {
    await lockCreation(trx)
    const busy = await busyClusters(
      trx,
      members.map((member) => member.cluster_key),
    )
    if (busy.length > 0) {
      const index = members.findIndex((member) => member.cluster_key === busy[0]?.key)
      const names = busy.map(({ key, holder }) => `${key.split('/').at(-1)} (${holder})`)
      throw new DomainError('CAMPAIGN_MEMBERS_BUSY', { clusters: names }, [`/select/ids/${index}`])
    }
    await insertCampaign(trx, stored, members)
    const view = toCampaign({ ...stored, logLength: 0 }, await countMembers(trx, stored.id, 'everything'))
    await hook?.(trx, view)
    const reason = `campaign ${stored.id}${request.reason === undefined ? '' : `: ${request.reason}`}`
    await auditAllowed(trx, deps, origin, { clusterId: null, planId: null, jobId: null, reason })
    return view
  })
  deps.logger.info({ campaignId: campaign.id, members: members.length, by }, 'campaign created')
  return campaign
}

export function membersDenied(clusters: readonly Pick<ClusterRef, 'name'>[]): DomainError {
  return new DomainError('CAMPAIGN_MEMBERS_DENIED', { clusters: clusters.map(({ name }) => name) })
}

/** Lists show the newest ID first, so the first cluster of the selection gets the last ID. */
function newMembers(
  deps: CampaignsDeps,
  clusters: readonly ClusterRef[],
  waves: readonly number[],
): NewMember[] {
  const ids = clusters.map(() => deps.newId()).reverse()
  return clusters.map((cluster, position) => ({
    id: ids[position] ?? '',
    cluster_key: clusterKey(cluster),
    cluster_id: clusterId(cluster),
    subscription_id: cluster.subscriptionId.toLowerCase(),
    position,
    wave: waves[position] ?? 0,
  }))
}
