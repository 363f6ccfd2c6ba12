import { idKey } from '../arm/resource-id.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { profileOf } from '../target/egress-profile.ts'
import type { PlanningContext } from './planning-context.ts'

/** A customer-provided address or prefix, with its ID in the target. */
export interface CustomerAddress {
  id: string
  facts: PublicIpFacts | PublicIpPrefixFacts
}

/** The customer-provided addresses of the target; a managed Standard NAT gateway supports none (NATV1_NO_OWN_IPS). */
export function customerAddressIds({ target, to }: PlanningContext): string[] {
  return to === 'managedNATGateway' ? [] : customerIpIds(profileOf(target))
}

/** The customer-provided addresses that could be read. */
export function customerAddresses(context: PlanningContext): CustomerAddress[] {
  return customerAddressIds(context).flatMap((id) => {
    const facts = addressFacts(id, context.snapshot)
    return facts === null ? [] : [{ id, facts }]
  })
}

/** A public IP or prefix by its ID; null if it does not exist or cannot be read. */
export function addressFacts(id: string, snapshot: Snapshot): PublicIpFacts | PublicIpPrefixFacts | null {
  return snapshot.publicIps[idKey(id)] ?? snapshot.publicIpPrefixes[idKey(id)] ?? null
}

/** Whether the resource is a prefix, not a single address. */
export function isPrefix(facts: PublicIpFacts | PublicIpPrefixFacts): facts is PublicIpPrefixFacts {
  return 'prefixLength' in facts
}
