import type { Cost, CostLine, CostMeter, CostSide } from '../../contract/cost.ts'
import { regionKey } from '../arm/regions.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isStandardV2 } from '../egress/outbound-resources.ts'
import { listedAs, listedCode } from '../lib/text.ts'
import { HOURS_PER_MONTH } from '../plan/measured-data.ts'
import { BUILT_IN_SOURCE, builtInPrices, type PriceList, withBuiltIn } from '../references/price-list.ts'
import { type DataFlow, dataCharges, tierMeters } from './data-charges.ts'
import {
  type BilledResource,
  countedGateways,
  type EgressResources,
  egressResources,
} from './egress-resources.ts'

/** Load balancing and outbound rules that the hourly price of a Standard load balancer includes. */
const INCLUDED_RULES = 5

const ASSUMPTIONS = [
  'List prices without discounts, reservations, and taxes.',
  `A month has ${HOURS_PER_MONTH} hours.`,
  'One GB of processed data is 1,000,000,000 bytes.',
  'Data transfer to the internet and between zones is not included: it does not depend on the outbound type.',
  'If a firewall is in another virtual network, the estimate assumes that it is in the region of the cluster, and uses the price for peering within one region.',
  'The estimate does not contain capacity units of a firewall, which cost extra if prescaling is configured.',
  'Resources that the change keeps are counted in both columns, even if other clusters also use them.',
  'Traffic from nodes to a public API server uses the egress path and is part of the processed data.',
]

/** Shorter periods miss a weekend. */
const HOURS_PER_WEEK = 168

/** The monthly cost of the egress resources before and after the change. */
export function estimateCost(context: PlanningContext, prices: PriceList | undefined): Cost {
  const { location } = context.snapshot.cluster
  const list = withBuiltIn(prices, builtInPrices(location))
  const resources = egressResources(context)
  const { flows, gigabytes, hours, because } = dataCharges(context)
  const before = sideOf('before', resources, flows, because, list)
  const after = withMissingPath(context, sideOf('after', resources, flows, because, list))
  return {
    currency: list.currency,
    region: regionKey(location),
    priceSource: list.source,
    pricesAsOf: oldest([...before.lines, ...after.lines]),
    gigabytesPerMonth: gigabytes === null ? null : Math.round(gigabytes * 10) / 10,
    measuredHours: hours,
    before,
    after,
    difference: differenceOf(before, after),
    assumptions: [...ASSUMPTIONS, ...skuAssumption(context), ...periodAssumption(gigabytes, hours)],
  }
}

/** A plan without the route or gateway that its target requires is blocked. What will carry the traffic is unknown. */
function withMissingPath({ to, effective, isChange }: PlanningContext, side: CostSide): CostSide {
  const requiresPath = to === 'userDefinedRouting' || to === 'userAssignedNATGateway'
  if (!isChange || !requiresPath || !['defaultOutbound', 'none'].includes(effective.after)) return side
  const sentence = `The cost of the new egress path is unknown, because no resource provides the egress of \`${to}\` yet.`
  return { ...side, monthly: null, unknown: [sentence, ...side.unknown] }
}

/** No published answer of the API names a meter of StandardV2. */
function skuAssumption(context: PlanningContext): string[] {
  const { target } = context
  const isTarget = 'natGateway' in target && equalsArm(target.natGateway.sku, 'StandardV2')
  return isTarget || countedGateways(context).some(isStandardV2)
    ? ['A StandardV2 NAT gateway is counted at the price of a Standard NAT gateway.']
    : []
}

function periodAssumption(gigabytes: number | null, hours: number | null): string[] {
  if (gigabytes === null || hours === null) return []
  const week = hours < HOURS_PER_WEEK ? ', which is less than a week' : ''
  return [
    `The processed data of a month is extrapolated from ${Math.floor(hours)} h of Azure Monitor data${week}.`,
  ]
}

function sideOf(
  side: 'before' | 'after',
  resources: Record<'before' | 'after', EgressResources>,
  flows: DataFlow[],
  because: string[],
  list: PriceList,
): CostSide {
  const data = dataLines(side, flows, list)
  const lines = [...resourceLines(resources[side], list), ...data]
  const sentences = [
    ...flows.flatMap((flow) => flow[side].unknown ?? []),
    ...dataGaps(lines),
    ...priceGaps(lines, list),
    ...(data.some(({ quantity }) => quantity === null) ? because : []),
  ]
  const unknown = [...new Set(sentences)]
  const knownMonthly = cents(lines.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0))
  return { monthly: unknown.length === 0 ? knownMonthly : null, knownMonthly, lines, unknown }
}

function dataGaps(lines: CostLine[]): string[] {
  const meters = [...new Set(lines.flatMap(({ meter, quantity }) => (quantity === null ? [meter] : [])))]
  return meters.length === 0 ? [] : [`The amount of data is unknown for ${listedAs('the charge', meters)}.`]
}

/** Why lines have no price: the list lacks it, or ARM does not show the tier of the firewall. */
function priceGaps(lines: CostLine[], { prices, source }: PriceList): string[] {
  const meters = [...new Set(lines.flatMap(({ meter, unitPrice }) => (unitPrice === null ? [meter] : [])))]
  const missing = meters.filter((meter) => prices[meter] === undefined)
  const undecided = meters.filter((meter) => prices[meter] !== undefined)
  const hint = source === BUILT_IN_SOURCE ? ' Set `PRICES_URL` to use current prices.' : ''
  return [
    ...(undecided.length === 0
      ? []
      : [
          `No list price applies to ${listedCode(undecided)}, because Azure Resource Manager does not show the tier of the firewall.`,
        ]),
    ...(missing.length === 0
      ? []
      : [
          `The list price in this region is unknown for ${listedCode(missing)}, because it is not in ${source}.${hint}`,
        ]),
  ]
}

/** For each meter, a line with all known data that passes it, and one for each carrier whose data is unknown. */
function dataLines(side: 'before' | 'after', flows: DataFlow[], list: PriceList): CostLine[] {
  const meters = [...new Set(flows.flatMap((flow) => flow[side].meters))]
  return meters.flatMap((meter) => {
    const passing = flows.filter((flow) => flow[side].meters.includes(meter))
    const firewalls = passing.flatMap((flow) => flow[side].firewall ?? [])
    const isPriced = meter !== 'firewallGigabyte' || firewalls.every((item) => tierMeters(item) !== null)
    const dataLine = (item: string, quantity: number | null) => line(meter, item, quantity, list, isPriced)
    const known = passing.flatMap(({ gigabytes }) => gigabytes ?? [])
    const sum = Math.round(known.reduce((total, amount) => total + amount, 0) * 10) / 10
    const unknown = passing.filter(({ gigabytes }) => gigabytes === null)
    return [
      ...(known.length === 0 ? [] : [dataLine('Processed data', sum)]),
      ...unknown.map(({ carrier }) => dataLine(`Data that passes ${carrier} before the change`, null)),
    ]
  })
}

function resourceLines(resources: EgressResources, list: PriceList): CostLine[] {
  const { natGateways, balancerRules, publicIps, prefixAddresses, firewalls, existing } = resources
  const hours = (meter: CostMeter, item: string, count: number, parts: BilledResource[] = []) =>
    count === 0 ? [] : [withResources(line(meter, item, count * HOURS_PER_MONTH, list), parts)]
  return [
    ...hours('natGatewayHour', counted(natGateways, 'NAT gateway'), natGateways, existing.natGateways),
    // A Standard load balancer without rules has no hourly charge (load balancer pricing).
    ...hours('loadBalancerHour', 'Public load balancer', (balancerRules ?? 0) > 0 ? 1 : 0),
    ...hours(
      'loadBalancerRuleHour',
      `Rules beyond ${INCLUDED_RULES}`,
      Math.max(0, (balancerRules ?? 0) - INCLUDED_RULES),
    ),
    ...hours('publicIpHour', counted(publicIps, 'public IPv4 address', 'es'), publicIps, existing.publicIps),
    ...hours(
      'publicIpPrefixAddressHour',
      `${counted(prefixAddresses, 'IPv4 address', 'es')} in prefixes`,
      prefixAddresses,
      existing.publicIpPrefixes,
    ),
    ...firewalls.map((firewall) => {
      const { id } = firewall
      const tier = tierMeters(firewall)
      const hour = line(tier?.hour ?? 'firewallHour', lastSegment(id), HOURS_PER_MONTH, list, tier !== null)
      return withResources(hour, [{ id, units: 1 }])
    }),
  ]
}

/** The line with the existing resources in it, so that a sum over clusters counts each resource once. */
function withResources(hour: CostLine, parts: BilledResource[]): CostLine {
  const { unitPrice } = hour
  if (unitPrice === null || parts.length === 0) return hour
  const resources = parts.map(({ id, units }) => ({
    id,
    monthly: cents(unitPrice * units * HOURS_PER_MONTH),
  }))
  return { ...hour, resources }
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
    side.lines
      .filter(({ monthly }) => monthly === null)
      .map(({ meter, item, quantity }) => `${meter} ${item} ${quantity}`)
  return open(before).join() === open(after).join() ? cents(after.knownMonthly - before.knownMonthly) : null
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
