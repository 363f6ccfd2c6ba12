import { declaredProfile } from '../declared-profile.ts'
import { finding } from '../findings/catalogue.ts'
import { addressFacts } from '../own-addresses.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Check } from './check.ts'

/**
 * An own address in the profile of the declared type that does not exist any more: every update of such a
 * cluster fails until it is taken out (LoadBalancerProfileOutboundIPNotExist, Azure/AKS 3247; needs N5).
 */
export const profileAddresses: Check = ({ snapshot, declared }) => {
  const profile = declaredProfile(snapshot, declared)
  const named = profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds]
  const resources = named.filter((id) => isGone(id, snapshot))
  return resources.length === 0 ? [] : [finding('PROFILE_OUTBOUND_IP_GONE', { resources })]
}

/** Neither in the lists nor by its id; what failed otherwise is unknown and not gone. */
function isGone(id: string, snapshot: Snapshot): boolean {
  if (addressFacts(id, snapshot) !== null) return false
  const unread = snapshot.unread.find((each) => idKey(each.what) === idKey(id))
  return unread === undefined || unread.reason === 'not-found'
}
