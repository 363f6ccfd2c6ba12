import type { CampaignWaveRequest, MemberPattern } from '../../contract/campaign-requests.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { InventoryFilter } from '../../contract/inventory-filter.ts'
import { clusterKey } from '../access/access-policy.ts'
import { DomainError } from '../lib/errors.ts'
import { matchesWildcard } from '../lib/wildcard.ts'

/** Whether a cluster matches one of the patterns; ARM ignores letter case. */
function matchesMember(patterns: readonly MemberPattern[], cluster: ClusterRef): boolean {
  const matches = (pattern = '*', name: string) => matchesWildcard(pattern.toLowerCase(), name.toLowerCase())
  return patterns.some(
    ({ subscriptionId, resourceGroup, clusterName }) =>
      matches(subscriptionId, cluster.subscriptionId) &&
      matches(resourceGroup, cluster.resourceGroup) &&
      matches(clusterName, cluster.name),
  )
}

/** The keys of the clusters that match each filter of a request. */
export type FilteredClusters = ReadonlyMap<InventoryFilter, ReadonlySet<string>>

/** Whether a wave or a rule selects a cluster, by names or by a filter of the inventory. */
export function matchesChoice(
  { clusters, where }: { clusters?: readonly MemberPattern[]; where?: InventoryFilter },
  cluster: ClusterRef,
  filtered: FilteredClusters,
): boolean {
  if (where !== undefined) return filtered.get(where)?.has(clusterKey(cluster)) === true
  return clusters !== undefined && matchesMember(clusters, cluster)
}

/**
 * The index of the wave of each cluster, in the order of the clusters. Waves with patterns or filters select first. The
 * other waves take the remaining clusters in order. Throws for a wave without clusters, a cluster in two waves, and a
 * cluster in none.
 */
export function assignWaves(
  clusters: readonly ClusterRef[],
  waves: readonly CampaignWaveRequest[],
  filtered: FilteredClusters,
): number[] {
  const assigned: (number | null)[] = clusters.map((cluster) => matchingWave(cluster, waves, filtered))
  const sizes = sizesOf(waves, clusters.length)
  waves.forEach((wave, index) => {
    if (isChosen(wave)) return
    let left = sizes[index] ?? 0
    for (let place = 0; place < assigned.length && left > 0; place++) {
      if (assigned[place] !== null) continue
      assigned[place] = index
      left--
    }
  })
  const empty = waves.findIndex((_wave, index) => !assigned.includes(index))
  if (empty >= 0) throw invalidWaves(`wave ${empty + 1} contains no cluster`, [], `/waves/${empty}`)
  const missing = clusters.filter((_cluster, place) => assigned[place] === null)
  if (missing.length > 0)
    throw invalidWaves(
      missing.length === 1 ? '1 cluster belongs to no wave' : `${missing.length} clusters belong to no wave`,
      missing.map(({ name }) => name),
      '/waves',
    )
  return assigned.map((wave) => wave ?? 0)
}

/** Whether the request names the clusters of a wave, not only their number. */
function isChosen({ clusters, where }: CampaignWaveRequest): boolean {
  return clusters !== undefined || where !== undefined
}

function matchingWave(
  cluster: ClusterRef,
  waves: readonly CampaignWaveRequest[],
  filtered: FilteredClusters,
): number | null {
  const matching = waves.flatMap((wave, index) => (matchesChoice(wave, cluster, filtered) ? [index] : []))
  const [first, second] = matching
  if (second !== undefined)
    throw invalidWaves(
      `a cluster matches wave ${(first ?? 0) + 1} and wave ${second + 1}`,
      [cluster.name],
      `/waves/${second}/${waves[second]?.where === undefined ? 'clusters' : 'where'}`,
    )
  return first ?? null
}

/**
 * The number of clusters of each wave. Shares are rounded up together, but leave a cluster for each later wave, so that
 * shares of 100 % take all clusters and no wave is empty.
 */
function sizesOf(waves: readonly CampaignWaveRequest[], all: number): number[] {
  let percent = 0
  let taken = 0
  return waves.map(({ count, share }, index) => {
    if (share === undefined) return count ?? all
    percent += share
    const later = waves.slice(index + 1).filter((wave) => !isChosen(wave)).length
    const size = Math.max(1, Math.min(Math.ceil((all * percent) / 100), all - later) - taken)
    taken += size
    return size
  })
}

function invalidWaves(reason: string, clusters: string[], pointer: string): DomainError {
  return new DomainError('CAMPAIGN_WAVES_INVALID', { reason, clusters }, [pointer])
}
