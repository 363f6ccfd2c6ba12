import type { CampaignWaveRequest, MemberPattern } from '../../contract/campaign-requests.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { InventoryFilter } from '../../contract/inventory-filter.ts'
import { clusterKey } from '../access/access-policy.ts'
import { DomainError } from '../lib/errors.ts'
import { matchesWildcard } from '../lib/wildcard.ts'
import type { MemberState } from './campaign-state.ts'

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

/** Whether a wave or a rule chooses a cluster, by its names or by the inventory. */
export function matchesChoice(
  { clusters, where }: { clusters?: readonly MemberPattern[]; where?: InventoryFilter },
  cluster: ClusterRef,
  filtered: FilteredClusters,
): boolean {
  if (where !== undefined) return filtered.get(where)?.has(clusterKey(cluster)) === true
  return clusters !== undefined && matchesMember(clusters, cluster)
}

/**
 * The index of the wave of each cluster, in the order of the clusters. Waves with patterns or filters choose first; the others take
 * from the remaining clusters, in order. Throws for a wave without clusters, a cluster in two waves, and a cluster in none.
 */
export function assignWaves(
  clusters: readonly ClusterRef[],
  waves: readonly CampaignWaveRequest[],
  filtered: FilteredClusters,
): number[] {
  const assigned: (number | null)[] = clusters.map((cluster) => matchingWave(cluster, waves, filtered))
  waves.forEach((wave, index) => {
    if (isChosen(wave)) return
    let left = sizeOf(wave, clusters.length)
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
      `${missing.length} clusters belong to no wave`,
      missing.map(({ name }) => name),
      '/waves',
    )
  return assigned.map((wave) => wave ?? 0)
}

/** Whether the request says which clusters a wave has, and not only how many. */
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

function sizeOf({ count, share }: CampaignWaveRequest, all: number): number {
  if (count !== undefined) return count
  return share === undefined ? all : Math.ceil((all * share) / 100)
}

function invalidWaves(reason: string, clusters: string[], pointer: string): DomainError {
  return new DomainError('CAMPAIGN_WAVES_INVALID', { reason, clusters }, [pointer])
}

/**
 * Members that share a network resource, directly or through others, change in the same wave: a change of the resource
 * concerns all of them. That is the latest of their waves, so that no cluster changes earlier than requested. Only waves
 * that have not started change.
 */
export function joinSharingMembers(
  members: readonly MemberState[],
): { id: string; wave: number; movedBecause: string }[] {
  const parent = members.map((_member, index) => index)
  const rootOf = (index: number): number => {
    let root = index
    while (parent[root] !== root) root = parent[root] ?? root
    return root
  }
  const holders = new Map<string, number>()
  members.forEach(({ shares }, index) => {
    for (const key of shares) {
      const holder = holders.get(key)
      if (holder === undefined) holders.set(key, index)
      else parent[rootOf(index)] = rootOf(holder)
    }
  })
  const latest = new Map<number, MemberState>()
  members.forEach((member, index) => {
    const root = rootOf(index)
    const found = latest.get(root)
    if (found === undefined || member.wave > found.wave) latest.set(root, member)
  })
  return members.flatMap((member, index) => {
    const last = latest.get(rootOf(index))
    if (last === undefined || last.wave === member.wave) return []
    const shared = member.shares.find((key) => last.shares.includes(key)) ?? member.shares[0] ?? ''
    const movedBecause = `The cluster shares \`${shared}\` with clusters of wave ${last.wave + 1}.`
    return [{ id: member.id, wave: last.wave, movedBecause }]
  })
}
