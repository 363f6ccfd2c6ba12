import { defaultRouteOf, effectivePathOf, leadsToAppliance } from './effective-egress.ts'
import type { SubnetFacts } from './network-facts.ts'
import type { Snapshot } from './snapshot.ts'
import type { Target } from './target.ts'

/**
 * Whether packets of the subnet take the target's path only when somebody puts on it what it still lacks: a NAT
 * gateway, or a default route to an appliance or gateway. Each such subnet has a blocker of its own. One that an
 * appliance leads already goes on that way whatever is attached, and one whose routes cannot be seen tells nothing.
 */
export function awaitsAttachment(subnet: SubnetFacts, snapshot: Snapshot, target: Target): boolean {
  if (leadsToAppliance(subnet, snapshot) || defaultRouteOf(subnet, snapshot) === 'unread') return false
  if (target.outboundType === 'userDefinedRouting')
    return effectivePathOf(subnet, snapshot, target.outboundType) !== 'unknown'
  return target.outboundType === 'userAssignedNATGateway' && subnet.natGatewayId === null
}
