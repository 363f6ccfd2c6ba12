import { idKey } from '../arm/resource-id.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { profileOf } from '../target/egress-profile.ts'
import type { PlanningContext } from './planning-context.ts'

/** An address or prefix of the user's, by the id that the target names. */
export interface CustomerAddress {
  id: string
  facts: PublicIpFacts | PublicIpPrefixFacts
}

/** The user's own addresses that the target names; a managed Standard NAT gateway takes none (NATV1_NO_OWN_IPS). */
export function customerAddressIds({ target, to }: PlanningContext): string[] {
  return to === 'managedNATGateway' ? [] : customerIpIds(profileOf(target))
}

/** Those of them that could be read. */
export function customerAddresses(context: PlanningContext): CustomerAddress[] {
  return customerAddressIds(context).flatMap((id) => {
    const facts = addressFacts(id, context.snapshot)
    return facts === null ? [] : [{ id, facts }]
  })
}

/** A public IP or prefix by its id; null when it does not exist or may not be read. */
export function addressFacts(id: string, snapshot: Snapshot): PublicIpFacts | PublicIpPrefixFacts | null {
  return snapshot.publicIps[idKey(id)] ?? snapshot.publicIpPrefixes[idKey(id)] ?? null
}

/** A prefix, as against a single address. */
export function isPrefix(facts: PublicIpFacts | PublicIpPrefixFacts): facts is PublicIpPrefixFacts {
  return 'prefixLength' in facts
}
