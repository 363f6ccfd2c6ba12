import type { Campaign } from '../contract/campaign.ts'
import { type CampaignRequest, MAX_CAMPAIGN_MEMBERS } from '../contract/campaign-requests.ts'
import type { ClusterRef } from '../contract/cluster.ts'
import type { InventoryFilter } from '../contract/inventory-filter.ts'
import { type ClusterScope, clusterKey, inScope } from '../core/access/access-policy.ts'
import { clusterId, parseResourceId } from '../core/arm/resource-id.ts'
import {
  assertTargetsFit,
  assignTargets,
  type KnownCluster,
  type TargetedCluster,
} from '../core/campaign/assign-targets.ts'
import { assignWaves, type FilteredClusters } from '../core/campaign/assign-waves.ts'
import { initialCampaign } from '../core/campaign/campaign-state.ts'
import { DomainError } from '../core/lib/errors.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Queries } from '../database/engine/database.ts'
import { countMembers } from '../database/stores/campaign-results.ts'
import { knownClusters, matchingClusters, selectClusterIds } from '../database/stores/campaign-selection.ts'
import {
  busyClusters,
  insertCampaign,
  lockCreation,
  type NewMember,
  type StoredRequest,
} from '../database/stores/campaign-store.ts'
import { latestEndedRefresh } from '../database/stores/inventory-refreshes.ts'
import { ClusterScopes } from '../database/stores/visible-clusters.ts'
import { toCampaign } from './campaign-view.ts'
import type { CampaignCall, CampaignOrder } from './campaigns.ts'
import type { CampaignsDeps } from './deps.ts'

/** Creates a campaign, or rejects with the `DomainError` that says why not; then nothing is created. */
export async function createCampaign(
  deps: CampaignsDeps,
  order: CampaignOrder,
  { by, origin, hook, reach, executable, preparationGroups }: CampaignCall,
): Promise<Campaign> {
  const { request } = order
  const db = deps.database.kysely
  const placeOf = (key: string | undefined) =>
    order.clusters !== null
      ? `/select/ids/${order.clusters.findIndex((cluster) => clusterKey(cluster) === key)}`
      : '/select/filter'
  const assertExecutable = (clusters: readonly ClusterRef[]) => {
    const denied = clusters.filter((cluster) => !inScope(executable, clusterKey(cluster)))
    if (denied[0] !== undefined) throw membersDenied(denied, [placeOf(clusterKey(denied[0]))])
  }
  // Before any filter is applied to them: what a filter finds must not tell a caller about clusters of others.
  if (order.clusters !== null) assertExecutable(order.clusters)
  const selected = order.clusters ?? (await selectByFilter(db, request, reach))
  const filtered = await filterClusters(db, request, selected)
  const known = await knownClusters(db, selected.map(clusterKey))
  await assertKnown(db, selected, known, placeOf)
  const targeted = assignTargets(selected, request, filtered)
  assertTargetsFit(targeted, request, known)
  const clusters = targeted.map(({ cluster }) => cluster)
  const waves = assignWaves(clusters, request.waves, filtered)
  assertExecutable(clusters)
  const stored = {
    id: deps.newId(),
    name: request.name,
    createdAt: deps.now(),
    createdBy: by,
    actor: origin.actor,
    request: {
      ...request,
      select: { ...request.select, ids: [] },
      ...commonGroups(clusters, preparationGroups),
      ...unmatchedIds(selected, clusters),
    },
    state: initialCampaign(request.waves),
  }
  const members = newMembers(deps, targeted, waves)
  const campaign = await db.transaction().execute(async (trx) => {
    await lockCreation(trx)
    const busy = await busyClusters(
      trx,
      members.map((member) => member.cluster_key),
    )
    if (busy.length > 0) {
      const holders = Map.groupBy(busy, ({ key }) => key)
      const names = [...holders].map(
        ([key, held]) => `${key.split('/').at(-1)} (${held.map(({ holder }) => holder).join(', ')})`,
      )
      throw new DomainError('CAMPAIGN_MEMBERS_BUSY', { clusters: names }, [placeOf(busy[0]?.key)])
    }
    await insertCampaign(trx, stored, members)
    const view = toCampaign({ ...stored, logLength: 0 }, await countMembers(trx, [stored.id], 'everything'))
    await hook?.(trx, view)
    const reason = `campaign ${stored.id}${request.reason === undefined ? '' : `: ${request.reason}`}`
    await auditAllowed(trx, deps, origin, { clusterId: null, planId: null, jobId: null, reason })
    return view
  })
  deps.logger.info({ campaignId: campaign.id, members: members.length, by }, 'campaign created')
  return campaign
}

/** Only a complete inventory proves that a cluster does not exist. */
async function assertKnown(
  db: Queries,
  clusters: readonly ClusterRef[],
  known: ReadonlyMap<string, KnownCluster>,
  placeOf: (key: string) => string,
): Promise<void> {
  const unknown = clusters.filter((cluster) => !known.has(clusterKey(cluster)))
  if (unknown[0] === undefined || (await latestEndedRefresh(db))?.status !== 'succeeded') return
  const names = unknown.map(({ name }) => name)
  throw new DomainError('CAMPAIGN_MEMBERS_UNKNOWN', { clusters: names }, [placeOf(clusterKey(unknown[0]))])
}

/** The resource groups in which the creator may have resources created for every cluster; nothing if that is everywhere. */
function commonGroups(
  clusters: readonly ClusterRef[],
  groupsOf: NonNullable<CampaignCall['preparationGroups']> = () => 'everything',
): Pick<StoredRequest, 'preparationGroups'> {
  const lists = clusters.map(groupsOf).filter((groups) => groups !== 'everything')
  const [first, ...others] = lists.map((list) => new Map(list.map((group) => [JSON.stringify(group), group])))
  if (first === undefined) return {}
  const common = [...first].filter(([key]) => others.every((other) => other.has(key)))
  return { preparationGroups: common.map(([, group]) => group) }
}

/** What `unmatched: skip` leaves out; nothing if every selected cluster is a member. */
function unmatchedIds(
  selected: readonly ClusterRef[],
  members: readonly ClusterRef[],
): Pick<StoredRequest, 'unmatchedIds'> {
  if (selected.length === members.length) return {}
  const keys = new Set(members.map(clusterKey))
  return { unmatchedIds: selected.filter((cluster) => !keys.has(clusterKey(cluster))).map(clusterId) }
}

/** The clusters of the inventory that match the filter and that the caller may see. */
async function selectByFilter(
  db: Queries,
  { select: { filter = {} } }: CampaignRequest,
  reach?: ClusterScope,
): Promise<ClusterRef[]> {
  const visible = await new ClusterScopes(db).resolve(reach)
  const ids = await selectClusterIds(db, filter, visible, MAX_CAMPAIGN_MEMBERS)
  const place = ['/select/filter']
  if (ids.length === 0) throw new DomainError('CAMPAIGN_SELECTION_EMPTY', {}, place)
  if (ids.length > MAX_CAMPAIGN_MEMBERS)
    throw new DomainError('CAMPAIGN_SELECTION_TOO_LARGE', { limit: MAX_CAMPAIGN_MEMBERS }, place)
  return ids.map(toClusterRef)
}

function toClusterRef(id: string): ClusterRef {
  const parsed = parseResourceId(id)
  if (parsed === null) throw new Error(`not a resource ID: ${id}`)
  const { subscriptionId, resourceGroup, name } = parsed
  return { subscriptionId, resourceGroup, name }
}

/** The clusters that match each filter of the waves and the rules. */
async function filterClusters(
  db: Queries,
  { waves, targetRules = [] }: CampaignRequest,
  clusters: readonly ClusterRef[],
): Promise<FilteredClusters> {
  const keys = clusters.map(clusterKey)
  const filters = [...waves, ...targetRules].flatMap(({ where }) => where ?? [])
  const found = new Map<InventoryFilter, ReadonlySet<string>>()
  for (const filter of filters) found.set(filter, await matchingClusters(db, keys, filter))
  return found
}

export function membersDenied(
  clusters: readonly Pick<ClusterRef, 'name'>[],
  pointers: string[] = [],
): DomainError {
  return new DomainError('CAMPAIGN_MEMBERS_DENIED', { clusters: clusters.map(({ name }) => name) }, pointers)
}

/** Lists show the newest ID first, so the first cluster of the selection gets the last ID. */
function newMembers(
  deps: CampaignsDeps,
  clusters: readonly TargetedCluster[],
  waves: readonly number[],
): NewMember[] {
  const ids = clusters.map(() => deps.newId()).reverse()
  return clusters.map(({ cluster, rule }, position) => ({
    id: ids[position] ?? '',
    cluster_key: clusterKey(cluster),
    cluster_id: clusterId(cluster),
    subscription_id: cluster.subscriptionId.toLowerCase(),
    position,
    wave: waves[position] ?? 0,
    target_rule: rule,
  }))
}
