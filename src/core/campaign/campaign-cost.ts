import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import type { PlanFacts } from './plan-facts.ts'

type CampaignCost = NonNullable<CampaignPlanning['cost']>
type MemberCost = NonNullable<PlanFacts['cost']>

const SHARED =
  'A resource that several members share, such as a NAT gateway, is counted for each of these members.'

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
  const total = (side: 'before' | 'after') =>
    Math.round(costs.reduce((sum, cost) => sum + cost[side], 0) * 100) / 100
  const [before, after] = [total('before'), total('after')]
  const distinct = (texts: string[]) => [...new Set(texts)]
  return {
    currency,
    members: costs.length,
    before,
    after,
    difference: Math.round((after - before) * 100) / 100,
    pricesAsOf: costs.map(({ pricesAsOf }) => pricesAsOf).toSorted()[0] ?? '',
    priceSources: distinct(costs.map(({ priceSource }) => priceSource)),
    assumptions: [...distinct(costs.flatMap(({ assumptions }) => assumptions)), SHARED],
  }
}
