import type { CostMeter } from '../../contract/cost.ts'
import { cloudOf, regionKey } from '../arm/regions.ts'
import { CLOUD_WIDE_METERS, type PriceList } from '../references/price-list.ts'

/** How the Azure Retail Prices API names a meter. Filters and values are case-sensitive. */
interface RetailMeter {
  service: string
  product: string
  /** Absent for a product whose items of one SKU all have the same price. */
  meter?: string
  sku?: string
  unit: string
}

const network = (product: string, item: Pick<RetailMeter, 'meter' | 'sku'>): RetailMeter => ({
  service: 'Virtual Network',
  product,
  ...item,
  unit: '1 Hour',
})
/** Peerings within a region; the API has them in the region `Global` only. */
const peering = (meter: string): RetailMeter => ({
  service: 'Virtual Network',
  product: 'Virtual Network Peering',
  meter,
  unit: '1 GB',
})
const of = (service: string, meter: string, unit: string): RetailMeter => ({
  service,
  product: service,
  meter,
  unit,
})

const RETAIL_METERS: Record<CostMeter, RetailMeter> = {
  natGatewayHour: of('NAT Gateway', 'Standard Gateway', '1 Hour'),
  natGatewayGigabyte: of('NAT Gateway', 'Standard Data Processed', '1 GB'),
  loadBalancerHour: of('Load Balancer', 'Standard Included LB Rules and Outbound Rules', '1 Hour'),
  loadBalancerRuleHour: of('Load Balancer', 'Standard Overage LB Rules and Outbound Rules', '1/Hour'),
  loadBalancerGigabyte: of('Load Balancer', 'Standard Data Processed', '1 GB'),
  publicIpHour: network('IP Addresses', { meter: 'Standard IPv4 Static Public IP' }),
  publicIpPrefixAddressHour: network('Public IP Prefix', { sku: 'Standard' }),
  firewallHour: of('Azure Firewall', 'Standard Deployment', '1 Hour'),
  firewallGigabyte: of('Azure Firewall', 'Standard Data Processed', '1 GB'),
  firewallPremiumHour: of('Azure Firewall', 'Premium Deployment', '1 Hour'),
  firewallPremiumGigabyte: of('Azure Firewall', 'Premium Data Processed', '1 GB'),
  firewallBasicHour: of('Azure Firewall', 'Basic Deployment', '1 Hour'),
  firewallBasicGigabyte: of('Azure Firewall', 'Basic Data Processed', '1 GB'),
  peeringEgressGigabyte: peering('Intra-Region Egress'),
  peeringIngressGigabyte: peering('Intra-Region Ingress'),
}

/** The OData filters of the requests that together return every meter of a region. */
export function retailFilters(location: string): string[] {
  const regional = (Object.keys(RETAIL_METERS) as CostMeter[]).filter(
    (meter) => !CLOUD_WIDE_METERS.includes(meter),
  )
  return [filterOf(CLOUD_WIDE_METERS, cloudRegion(location)), filterOf(regional, regionKey(location))]
}

function filterOf(meters: readonly CostMeter[], region: string): string {
  const services = [...new Set(meters.map((meter) => RETAIL_METERS[meter].service))]
  const any = services.map((service) => `serviceName eq '${service}'`).join(' or ')
  return `armRegionName eq '${region}' and priceType eq 'Consumption' and (${any})`
}

function cloudRegion(location: string): string {
  return cloudOf(location) === 'usGovernment' ? 'US Gov' : 'Global'
}

/**
 * The prices in answers of the API, which come from outside and can hold anything. Items of another form, region, or
 * currency are ignored. Null if no item is a price that applies.
 */
export function readRetailPrices(
  items: readonly unknown[],
  location: string,
  currency: string,
  asOf: string,
): PriceList | null {
  const prices: PriceList['prices'] = {}
  for (const meter of Object.keys(RETAIL_METERS) as CostMeter[]) {
    const region = CLOUD_WIDE_METERS.includes(meter) ? cloudRegion(location) : regionKey(location)
    const amounts = items
      .filter((item) => isInEffect(item, asOf))
      .flatMap((item) => amountOf(item, meter, region, currency) ?? [])
    const [amount] = amounts
    if (amount !== undefined && new Set(amounts).size === 1) prices[meter] = { amount, asOf }
  }
  if (Object.keys(prices).length === 0) return null
  return { currency, source: 'the Azure Retail Prices API', prices }
}

/** Whether a price applies on a day: the API also returns prices that were announced for later. */
function isInEffect(item: unknown, day: string): boolean {
  const { effectiveStartDate: start, effectiveEndDate: end } = (item ?? {}) as Record<string, unknown>
  const hasBegun = typeof start !== 'string' || start.slice(0, 10) <= day
  return hasBegun && (typeof end !== 'string' || end.slice(0, 10) >= day)
}

/** More than any of these meters costs: a larger number is an error. */
const MAX_UNIT_PRICE = 10_000

function amountOf(item: unknown, meter: CostMeter, region: string, currency: string): number | null {
  if (typeof item !== 'object' || item === null) return null
  const fields = item as Record<string, unknown>
  const wanted = RETAIL_METERS[meter]
  const matches =
    fields.serviceName === wanted.service &&
    fields.productName === wanted.product &&
    (wanted.meter ?? fields.meterName) === fields.meterName &&
    (wanted.sku ?? fields.skuName) === fields.skuName &&
    fields.unitOfMeasure === wanted.unit &&
    fields.armRegionName === region &&
    fields.currencyCode === currency &&
    fields.type === 'Consumption' &&
    (fields.tierMinimumUnits ?? 0) === 0
  const price = fields.retailPrice
  const isPrice = typeof price === 'number' && price > 0 && price <= MAX_UNIT_PRICE
  return matches && isPrice ? price : null
}
