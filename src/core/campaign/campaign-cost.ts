import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { idKey } from '../arm/resource-id.ts'
import type { PlanFacts } from './plan-facts.ts'

type CampaignCost = NonNullable<CampaignPlanning['cost']>
type MemberCost = NonNullable<PlanFacts['cost']>

const SHARED =
  'An existing resource that several members share, such as a firewall, is counted once. New resources are counted for each member.'
const SEPARATE =
  'Members that an earlier version of the service planned do not name their resources, so shared resources are counted for each of these members.'

/** The sums over the members that change. A member without a complete estimate is counted, and not summed. */
export function mergeCosts(changing: readonly PlanFacts[]): CampaignCost {
  const known = changing.flatMap(({ cost }) => cost ?? [])
  const currencies = [...new Set(known.map(({ currency }) => currency))].sort()
  return {
    unknownMembers: changing.length - known.length,
    sums: currencies.map((currency) =>
      sumOf(
        currency,
        known.filter((cost) => cost.currency === currency),
      ),
    ),
  }
}

function sumOf(currency: string, costs: readonly MemberCost[]): CampaignCost['sums'][number] {
  const shared = sharedBy(costs)
  const total = (side: 'before' | 'after') =>
    cents(
      costs.reduce((sum, cost) => sum + cost[side], 0) -
        shared.reduce((sum, { uses }) => sum + repeated(uses.map((use) => use[side])), 0),
    )
  const [before, after] = [total('before'), total('after')]
  const distinct = (texts: string[]) => [...new Set(texts)]
  const isSeparate = costs.some(({ resources }) => resources === undefined)
  return {
    currency,
    members: costs.length,
    before,
    after,
    difference: cents(after - before),
    pricesAsOf: costs.map(({ pricesAsOf }) => pricesAsOf).toSorted()[0] ?? '',
    priceSources: distinct(costs.map(({ priceSource }) => priceSource)),
    assumptions: [
      ...distinct(costs.flatMap(({ assumptions }) => assumptions)),
      SHARED,
      ...(isSeparate ? [SEPARATE] : []),
    ],
    shared: shared.map(({ id, clusterIds }) => ({ resourceId: id, clusterIds })),
  }
}

interface SharedResource {
  id: string
  clusterIds: string[]
  /** Its part of the amounts of each member. */
  uses: { before: number; after: number }[]
}

/** The resources in the amounts of more than one member. */
function sharedBy(costs: readonly MemberCost[]): SharedResource[] {
  const found = new Map<string, SharedResource>()
  for (const { clusterId, resources = [] } of costs)
    for (const { id, ...use } of resources) {
      const entry = found.get(idKey(id)) ?? { id, clusterIds: [], uses: [] }
      if (clusterId !== undefined) entry.clusterIds.push(clusterId)
      entry.uses.push(use)
      found.set(idKey(id), entry)
    }
  return [...found.values()].filter(({ uses }) => uses.length > 1)
}

/** What the sum contains too often. A resource that one member deletes and another one keeps is still billed. */
function repeated(amounts: number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0) - Math.max(...amounts)
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100
}
