import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** New nodes test their way out when they start; without it the upgrade that the plan makes itself would fail (REIMAGE_NEEDS_EGRESS). */
export const imageUpgradeEgress: Check = ({ request, requiredEndpoints, to }) => {
  if (request.upgradeNodeImages !== true || requiredEndpoints === null) return []
  const required = requiredEndpoints.endpoints.filter(
    (each) => each.need === 'required' && each.when === 'always',
  )
  const blocked = required.filter((each) => each.open === 'blocked').map((each) => each.destination)
  if (blocked.length > 0) return [finding('REIMAGE_NEEDS_EGRESS', { blocked })]
  const unproven = required.filter((each) => each.open !== 'open').map((each) => each.destination)
  // With the target userDefinedRouting UDR_FIREWALL_RULES says it already.
  return unproven.length === 0 || to === 'userDefinedRouting'
    ? []
    : [finding('REIMAGE_EGRESS_UNPROVEN', { unproven })]
}
