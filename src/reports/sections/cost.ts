import type { Cost, CostLine, CostMeter, CostSide } from '../../contract/cost.ts'
import { listedAs } from '../../core/lib/text.ts'
import {
  type Block,
  type Cell,
  listBelow,
  paragraph,
  prose,
  type Section,
  tableOf,
} from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const METER_LABELS: Record<CostMeter, string> = {
  natGatewayHour: 'NAT gateway, hours',
  natGatewayGigabyte: 'NAT gateway, processed data',
  loadBalancerHour: 'Load balancer with 5 rules, hours',
  loadBalancerRuleHour: 'Load balancer, hours of further rules',
  loadBalancerGigabyte: 'Load balancer, processed data',
  publicIpHour: 'Public IP addresses, hours',
  publicIpPrefixAddressHour: 'Addresses in public IP prefixes, hours',
  firewallHour: 'Azure Firewall, hours',
  firewallGigabyte: 'Azure Firewall, processed data',
  firewallPremiumHour: 'Azure Firewall Premium, hours',
  firewallPremiumGigabyte: 'Azure Firewall Premium, processed data',
  firewallBasicHour: 'Azure Firewall Basic, hours',
  firewallBasicGigabyte: 'Azure Firewall Basic, processed data',
  peeringEgressGigabyte: 'Virtual network peering, outbound data',
  peeringIngressGigabyte: 'Virtual network peering, inbound data',
}

/** The monthly cost of the egress resources before and after the change, with the dates of the prices. */
export function costSection({ cost }: ReportedPlan): Section | null {
  if (cost === undefined) return null
  const { before, after, currency, pricesAsOf, priceSource, region, assumptions } = cost
  const dates =
    pricesAsOf === null
      ? `No list price is known for ${region}.`
      : `The prices come from ${priceSource} (${currency}, region ${region}). The oldest price dates from ${pricesAsOf}.`
  const unknown = [...new Set([...before.unknown, ...after.unknown])].map(withLabels)
  return {
    id: 'cost',
    title: 'Monthly cost before and after',
    shortTitle: 'Cost',
    blocks: [
      paragraph(`An estimate from list prices, not an invoice. ${dates} ${dataText(cost)}`),
      ...table(cost),
      ...listBelow('The totals are minimums, because these costs are unknown:', unknown.map(prose)),
      ...listBelow('Assumptions:', assumptions.map(prose)),
    ],
  }
}

/** Both totals in one sentence, with the date of the prices, the amount of data, and what is unknown. */
export function costSummary(cost: Cost): string {
  const { before, after, currency, difference, pricesAsOf } = cost
  if (pricesAsOf === null) return `No list price is known for ${cost.region}.`
  const change = difference === null ? '' : ` (${difference > 0 ? '+' : ''}${amount(difference)} ${currency})`
  const unknown = [...new Set([...before.unknown, ...after.unknown])].map(withLabels)
  const perMonth = (side: CostSide) => {
    const total = totalOf(side)
    return total === 'unknown' ? total : `${total} ${currency} a month`
  }
  return [
    `Before the change: ${perMonth(before)}. After the change: ${perMonth(after)}${change}.`,
    `The oldest list price dates from ${pricesAsOf}.`,
    dataText(cost),
    ...unknown,
  ].join(' ')
}

/** A sentence with the labels of charges, as in the table, instead of the codes of their meters. */
function withLabels(sentence: string): string {
  return sentence.replace(/`(\w+)`/g, (code, meter) =>
    Object.hasOwn(METER_LABELS, meter) ? `"${METER_LABELS[meter as CostMeter]}"` : code,
  )
}

/** The amount of data of a month. If only a part is known, the costs that are unknown are listed elsewhere. */
function dataText(cost: Cost): string {
  const { gigabytesPerMonth: gigabytes, measuredHours: hours } = cost
  if (gigabytes === null) {
    const known = knownDataMeters(cost)
    return known.length === 0
      ? 'The processed data of the cluster is unknown.'
      : withLabels(`The processed data is known only for ${listedAs('the charge', known)}.`)
  }
  const basis = hours == null ? 'Azure Monitor' : `${Math.floor(hours)} h of Azure Monitor data`
  return `Processed data: ${amount(gigabytes)} GB per month, extrapolated from ${basis}.`
}

/** The charges for data whose whole amount is known, before and after the change. */
function knownDataMeters({ before, after }: Cost): CostMeter[] {
  const lines = [...before.lines, ...after.lines].filter(({ meter }) => meter.endsWith('Gigabyte'))
  const unknown = new Set(lines.flatMap(({ meter, quantity }) => (quantity === null ? [meter] : [])))
  return [...new Set(lines.map(({ meter }) => meter))].filter((meter) => !unknown.has(meter))
}

function table({ before, after, currency, difference }: Cost): Block[] {
  const meters = [...new Set([...before.lines, ...after.lines].map(({ meter }) => meter))]
  return tableOf(
    'Monthly cost before and after',
    ['Charge', 'List price', `Before in ${currency}`, `After in ${currency}`],
    [
      ...meters.map((meter): Cell[] => [
        METER_LABELS[meter] ?? meter,
        priceText(
          [...before.lines, ...after.lines].filter((line) => line.meter === meter),
          currency,
        ),
        monthlyOf(before, meter),
        monthlyOf(after, meter),
      ]),
      ['Total', '–', totalOf(before), totalOf(after)],
      ['Difference', '–', '–', difference === null ? 'unknown' : amount(difference)],
    ],
  )
}

function priceText(lines: CostLine[], currency: string): string {
  const line = lines.find(({ unitPrice }) => unitPrice !== null)
  return line?.unitPrice == null
    ? 'unknown'
    : `${line.unitPrice} ${currency} per ${line.meter.endsWith('Gigabyte') ? 'GB' : 'hour'} (${line.priceAsOf})`
}

function monthlyOf({ lines }: CostSide, meter: CostMeter): string {
  const found = lines.filter((line) => line.meter === meter)
  if (found.length === 0) return '–'
  return found.some(({ monthly }) => monthly === null)
    ? 'unknown'
    : amount(found.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0))
}

function totalOf({ monthly, knownMonthly }: CostSide): string {
  if (monthly !== null) return amount(monthly)
  return knownMonthly === 0 ? 'unknown' : `at least ${amount(knownMonthly)}`
}

const AMOUNT = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

function amount(value: number): string {
  return AMOUNT.format(value)
}
