import type { CostMeter } from '../../contract/cost.ts'
import { cloudOf, regionKey } from '../arm/regions.ts'

/** The price of one unit, and the day on which it was read. */
export interface Price {
  amount: number
  /** `2026-10-03`. */
  asOf: string
}

/** The list prices that apply to one region. A meter without an entry has no known price. */
export interface PriceList {
  /** ISO 4217. */
  currency: string
  source: string
  prices: Partial<Record<CostMeter, Price>>
}

/** Meters that have one price in all regions of a cloud (Azure Retail Prices API: region `Global`, or `US Gov`). */
export const CLOUD_WIDE_METERS: readonly CostMeter[] = [
  'natGatewayHour',
  'natGatewayGigabyte',
  'loadBalancerHour',
  'loadBalancerRuleHour',
  'loadBalancerGigabyte',
  'peeringEgressGigabyte',
  'peeringIngressGigabyte',
]

const at = (asOf: string, amount: number): Price => ({ amount, asOf })

/**
 * US dollars, pay as you go. The prices are from published answers of the Azure Retail Prices API with a date. Those of peering
 * are from the price page of virtual networks.
 */
const CLOUD_PRICES: Record<ReturnType<typeof cloudOf>, PriceList['prices']> = {
  public: {
    natGatewayHour: at('2026-10-03', 0.045),
    natGatewayGigabyte: at('2026-10-03', 0.045),
    loadBalancerHour: at('2026-10-03', 0.025),
    loadBalancerRuleHour: at('2026-09-30', 0.01),
    loadBalancerGigabyte: at('2026-10-03', 0.005),
    peeringEgressGigabyte: at('2026-07-02', 0.01),
    peeringIngressGigabyte: at('2026-07-02', 0.01),
  },
  usGovernment: {
    loadBalancerHour: at('2026-10-03', 0.0313),
    loadBalancerGigabyte: at('2026-10-03', 0.006),
  },
  china: {},
}

/** Regions whose own meters were read. Prices of other regions and meters are unknown, not assumed. */
const REGION_PRICES: Record<string, PriceList['prices']> = {
  eastus: {
    publicIpHour: at('2026-10-05', 0.005),
    // The price page of IP addresses in April 2025. Infracost reads the same price from the API for this region.
    publicIpPrefixAddressHour: at('2025-04-01', 0.006),
    // A published table of all 16 items of Azure Firewall in this region; those in a virtual hub cost the same.
    firewallHour: at('2026-04-01', 1.25),
    firewallGigabyte: at('2026-04-01', 0.016),
    firewallPremiumHour: at('2026-04-01', 1.75),
    firewallPremiumGigabyte: at('2026-04-01', 0.016),
    firewallBasicHour: at('2026-04-01', 0.395),
    firewallBasicGigabyte: at('2026-04-01', 0.065),
  },
  eastus2: { publicIpHour: at('2026-10-03', 0.005), firewallHour: at('2026-09-24', 1.25) },
  uksouth: { publicIpHour: at('2026-09-16', 0.005) },
  westeurope: { publicIpHour: at('2026-10-05', 0.005) },
  centralindia: { publicIpHour: at('2026-10-05', 0.005) },
  southeastasia: { publicIpHour: at('2026-10-05', 0.005) },
  koreacentral: { publicIpHour: at('2026-09-09', 0.005) },
  australiaeast: {
    publicIpHour: at('2026-10-11', 0.005),
    firewallHour: at('2026-05-21', 1.25),
    firewallGigabyte: at('2026-05-21', 0.016),
  },
}

/** Prices of other regions and meters come only from a price service. */
export const BUILT_IN_SOURCE = 'the built-in table of Azure list prices'

/** The built-in list prices of a region. */
export function builtInPrices(location: string): PriceList {
  return {
    currency: 'USD',
    source: BUILT_IN_SOURCE,
    prices: { ...CLOUD_PRICES[cloudOf(location)], ...REGION_PRICES[regionKey(location)] },
  }
}

/** A list of a price service overrides only the prices that it has. A list in another currency stands alone. */
export function withBuiltIn(list: PriceList | undefined, builtIn: PriceList): PriceList {
  if (list === undefined) return builtIn
  const isComplete = Object.keys(builtIn.prices).every((meter) => meter in list.prices)
  if (isComplete || list.currency !== builtIn.currency) return list
  return {
    currency: list.currency,
    source: `${list.source}, and ${builtIn.source} for prices that the API did not return`,
    prices: { ...builtIn.prices, ...list.prices },
  }
}
