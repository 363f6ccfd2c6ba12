import type { QuotaCheck } from '../plan-preflight.ts'
import type { RightsFacts } from '../rights-facts.ts'

/**
 * Limits that a new address counts against: all of them, static ones, those of SKU Standard. AKS makes static
 * addresses of SKU Standard or StandardV2 (LB1, NG; that StandardV2 counts as Standard is inferred).
 */
const LIMITS = ['PublicIPAddresses', 'StaticPublicIPAddresses', 'StandardSkuPublicIpAddresses'].map((name) =>
  name.toLowerCase(),
)

/** Old and new addresses exist side by side for a while, so the peak is current and new together (rulebook PIP_QUOTA). */
export function quotaOf(needed: number, rights: RightsFacts | null): QuotaCheck | null {
  const usages = rights?.usages
  if (needed === 0 || usages === undefined || 'unread' in usages) return null
  const counted = usages.facts
    .filter(({ name }) => LIMITS.includes(name.toLowerCase()))
    .map((usage) => ({ ...usage, needed, atPeak: usage.current + needed }))
  const tightest = counted.sort((a, b) => a.limit - a.atPeak - (b.limit - b.atPeak))[0]
  if (tightest === undefined) return null
  const { name, current, limit, atPeak } = tightest
  return { name, current, limit, needed, atPeak }
}
