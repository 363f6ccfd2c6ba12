import type { Cost, CostLine, CostMeter, CostSide } from '../../contract/cost.ts'
import type { EffectivePath } from '../../contract/egress.ts'
import { regionKey } from '../arm/regions.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { pathLabel } from '../egress/path-labels.ts'
import { builtInPrices, type PriceList } from '../references/price-list.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import { type EgressResources, egressResources } from './egress-resources.ts'

/** The hours of a month in Azure's price pages. */
export const HOURS_PER_MONTH = 730

/** Load balancing and outbound rules that the hourly price of a Standard load balancer includes. */
const INCLUDED_RULES = 5

const ASSUMPTIONS = [
  'List prices without discounts, reservations, and taxes.',
  `A month has ${HOURS_PER_MONTH} hours.`,
  'Data transfer to the internet and between zones is not included: it does not depend on the outbound type.',
  'Resources that exist before the change and are not deleted are counted before and after it, even if the cluster shares them.',
  'Traffic from nodes to a public API server uses the egress path and is part of the processed data.',
]

/** The monthly cost of the egress resources before and after the change. */
export function estimateCost(
  context: PlanningContext,
  gigabytes: number | null,
  prices: PriceList | undefined,
): Cost {
  const list = prices ?? builtInPrices(context.snapshot.cluster.location)
  const resources = egressResources(context)
  const { effective } = context
  const before = sideOf(resources.before, effective.before, gigabytes, list)
  const after = sideOf(resources.after, effective.after, gigabytes, list)
  return {
    currency: list.currency,
    region: regionKey(context.snapshot.cluster.location),
    priceSource: list.source,
    pricesAsOf: oldest([...before.lines, ...after.lines]),
    gigabytesPerMonth: gigabytes,
    before,
    after,
    difference: differenceOf(before, after),
    assumptions: [...ASSUMPTIONS, ...sharedAssumptions(context)],
  }
}

function sideOf(
  resources: EgressResources,
  path: EffectivePath,
  gigabytes: number | null,
  list: PriceList,
): CostSide {
  const data = dataMeter(path, resources)
  const lines = [
    ...resourceLines(resources, list),
    ...(data === null || data === 'unknown'
      ? []
      : [line(data, 'Processed data', gigabytes, list, isPricedData(resources, data))]),
  ]
  const unknown = [
    ...(data === 'unknown' ? [`Charges for data on this egress path are unknown: ${pathLabel(path)}.`] : []),
    ...lines.flatMap(({ meter, quantity, unitPrice }) => [
      ...(quantity === null ? [`The amount of processed data is unknown (\`${meter}\`).`] : []),
      ...(unitPrice === null ? [`No list price of \`${meter}\` is known for these resources.`] : []),
    ]),
  ]
  const knownMonthly = cents(lines.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0))
  return { monthly: unknown.length === 0 ? knownMonthly : null, knownMonthly, lines, unknown }
}

function resourceLines(resources: EgressResources, list: PriceList): CostLine[] {
  const { natGateways, balancerRules, publicIps, prefixAddresses, firewalls } = resources
  const hours = (meter: CostMeter, item: string, count: number) =>
    count === 0 ? [] : [line(meter, item, count * HOURS_PER_MONTH, list)]
  return [
    ...hours('natGatewayHour', counted(natGateways, 'NAT gateway'), natGateways),
    // A Standard load balancer without rules has no hourly charge (load balancer pricing).
    ...hours('loadBalancerHour', 'Public load balancer', (balancerRules ?? 0) > 0 ? 1 : 0),
    ...hours(
      'loadBalancerRuleHour',
      `Rules beyond ${INCLUDED_RULES}`,
      Math.max(0, (balancerRules ?? 0) - INCLUDED_RULES),
    ),
    ...hours('publicIpHour', counted(publicIps, 'public IPv4 address', 'es'), publicIps),
    ...hours(
      'publicIpPrefixAddressHour',
      `${counted(prefixAddresses, 'IPv4 address', 'es')} in prefixes`,
      prefixAddresses,
    ),
    ...firewalls.map((firewall) =>
      line(
        tierMeters(firewall)?.hour ?? 'firewallHour',
        lastSegment(firewall.id),
        HOURS_PER_MONTH,
        list,
        tierMeters(firewall) !== null,
      ),
    ),
  ]
}

/** What bills the data on a path; null where nothing does. */
function dataMeter(path: EffectivePath, { firewalls }: EgressResources): CostMeter | 'unknown' | null {
  switch (path) {
    case 'natGateway':
      return 'natGatewayGigabyte'
    case 'loadBalancer':
      return 'loadBalancerGigabyte'
    case 'virtualAppliance':
      return firewalls[0] === undefined
        ? 'unknown'
        : (tierMeters(firewalls[0])?.gigabyte ?? 'firewallGigabyte')
    case 'none':
    case 'instancePublicIp':
    case 'defaultOutbound':
      return null
    default:
      return 'unknown'
  }
}

/** The traffic passes all firewalls of the path, and one line has one price: firewalls of several tiers are unknown. */
function isPricedData({ firewalls }: EgressResources, meter: CostMeter): boolean {
  return (
    !meter.startsWith('firewall') || firewalls.every((firewall) => tierMeters(firewall)?.gigabyte === meter)
  )
}

const TIER_METERS = {
  Basic: { hour: 'firewallBasicHour', gigabyte: 'firewallBasicGigabyte' },
  Standard: { hour: 'firewallHour', gigabyte: 'firewallGigabyte' },
  Premium: { hour: 'firewallPremiumHour', gigabyte: 'firewallPremiumGigabyte' },
} as const

/** The meters of a firewall; null for a tier that ARM does not show. */
function tierMeters({ tier }: FirewallFacts): { hour: CostMeter; gigabyte: CostMeter } | null {
  const known = Object.keys(TIER_METERS).find((name): name is keyof typeof TIER_METERS =>
    equalsArm(tier, name),
  )
  return known === undefined ? null : TIER_METERS[known]
}

function line(
  meter: CostMeter,
  item: string,
  quantity: number | null,
  { prices }: PriceList,
  isPriced = true,
): CostLine {
  const price = isPriced ? prices[meter] : undefined
  return {
    meter,
    item,
    quantity,
    unitPrice: price?.amount ?? null,
    priceAsOf: price?.asOf ?? null,
    monthly: price === undefined || quantity === null ? null : cents(price.amount * quantity),
  }
}

/** Lines that are unknown on both sides in the same way cancel each other out. */
function differenceOf(before: CostSide, after: CostSide): number | null {
  if (before.unknown.join() !== after.unknown.join()) return null
  const open = (side: CostSide) =>
    side.lines.filter(({ monthly }) => monthly === null).map(({ meter, quantity }) => `${meter} ${quantity}`)
  return open(before).join() === open(after).join() ? cents(after.knownMonthly - before.knownMonthly) : null
}

function sharedAssumptions({ snapshot, effective }: PlanningContext): string[] {
  const hasInbound = Object.values(snapshot.loadBalancers).some(
    ({ loadBalancingRules }) => loadBalancingRules.length > 0,
  )
  return hasInbound && effective.before === 'loadBalancer'
    ? ['The processed data of the load balancer includes inbound traffic of Services, which does not move.']
    : []
}

function oldest(lines: CostLine[]): string | null {
  return lines.flatMap(({ priceAsOf }) => priceAsOf ?? []).toSorted()[0] ?? null
}

function counted(count: number, noun: string, plural = 's'): string {
  return `${count} ${noun}${count === 1 ? '' : plural}`
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100
}
