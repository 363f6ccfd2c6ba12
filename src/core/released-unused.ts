import { declaredProfile } from './declared-profile.ts'
import { addressOf, type EgressAddress, keyOf } from './egress-addresses.ts'
import type { OutboundType } from './outbound-type.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Addresses that AKS made for the declared type and releases with it, although no packet leaves by them today because
 * something on the subnets outranks it. They are no egress, so the ledger does not hold them; and yet somebody else
 * may have them tomorrow (OLD_IP_LOST).
 */
export function releasedUnused(
  snapshot: Snapshot,
  declared: OutboundType | null,
  before: EgressAddress[],
): EgressAddress[] {
  const profile = declaredProfile(snapshot, declared)
  const used = new Set(before.map(keyOf))
  return (profile?.effectiveOutboundIpIds ?? [])
    .map((id) => addressOf(id, snapshot))
    .filter((each) => each.ownedBy === 'aks' && each.address !== null && !used.has(keyOf(each)))
}
