import { finding } from '../findings/catalogue.ts'
import { ownAddressIds } from '../own-addresses.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/**
 * An address that the cluster leaves by now cannot be the address that it leaves by afterwards: the old and the
 * new egress stand side by side during the change (EO; rulebook IP_REUSE_FORBIDDEN, IP_CARRY_LB_TO_NAT).
 */
export const formerEgressAddresses: Check = (context) => {
  const { from, to } = context
  if (from === to) return []
  const former = new Set(formerEgressIds(context))
  const resources = ownAddressIds(context)
    .filter((id) => former.has(idKey(id)))
    .map(nameOf)
  if (resources.length === 0) return []
  const code = from === 'loadBalancer' && to !== 'loadBalancer' ? 'IP_CARRY_LB_TO_NAT' : 'IP_REUSE_FORBIDDEN'
  return [finding(code, { resources })]
}

/** The resources whose addresses the cluster leaves by now, or that its profiles hold for that, in lower case. */
export function formerEgressIds({ before, snapshot: { cluster } }: PlanningContext): string[] {
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile]
  const held = profiles.flatMap((profile) =>
    profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds],
  )
  return [...before.flatMap((each) => each.resourceId ?? []), ...held].map(idKey)
}
