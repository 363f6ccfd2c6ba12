import type { CostMeter } from '../../contract/cost.ts'
import { equalsArm } from '../arm/words.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'

const TIER_METERS = {
  Basic: { hour: 'firewallBasicHour', gigabyte: 'firewallBasicGigabyte' },
  Standard: { hour: 'firewallHour', gigabyte: 'firewallGigabyte' },
  Premium: { hour: 'firewallPremiumHour', gigabyte: 'firewallPremiumGigabyte' },
} as const

/** The meters of a firewall; null for a tier that ARM does not show. */
export function tierMeters({ tier }: FirewallFacts): { hour: CostMeter; gigabyte: CostMeter } | null {
  const known = Object.keys(TIER_METERS).find((name): name is keyof typeof TIER_METERS =>
    equalsArm(tier, name),
  )
  return known === undefined ? null : TIER_METERS[known]
}
