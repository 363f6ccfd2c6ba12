import type { RequestedNatGateway, RequestedPreparation } from '../../contract/preparation.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isSameSet } from '../lib/lists.ts'
import type { NatGatewayFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** A request that names a customer-managed gateway. */
export type NatGatewayPreparation = RequestedPreparation & { natGateway: RequestedNatGateway }

/** How a gateway differs from the requested one. What the request omits may have any value. */
export function natGatewayDifferences(
  present: NatGatewayFacts,
  wanted: NatGatewayPreparation,
  snapshot: Snapshot,
): string[] {
  const { sku, zones, idleTimeoutInMinutes: idle } = wanted.natGateway
  return [
    ...(sku === undefined || equalsArm(present.sku, sku) ? [] : [`its SKU is ${present.sku}, not ${sku}`]),
    ...(zones === undefined || isSameSet(zones, present.zones)
      ? []
      : [`it is in ${zoneList(present.zones)}, not in ${zoneList(zones)}`]),
    ...(idle === undefined || idle === present.idleTimeoutInMinutes
      ? []
      : [`its idle timeout is ${present.idleTimeoutInMinutes} min, not ${idle} min`]),
    ...otherAddresses(present, wanted, snapshot),
  ]
}

/** Compares the number only. The caller chooses which addresses, if their number matches. */
function otherAddresses(
  present: NatGatewayFacts,
  wanted: NatGatewayPreparation,
  snapshot: Snapshot,
): string[] {
  const { publicIps, publicIpPrefix } = wanted
  if (publicIps === undefined && publicIpPrefix === undefined) return []
  const lengths = present.publicIpPrefixIds.map((id) => snapshot.publicIpPrefixes[idKey(id)]?.prefixLength)
  const isAsked =
    publicIps === undefined
      ? present.publicIpIds.length === 0 && lengths.length === 1 && lengths[0] === publicIpPrefix?.length
      : present.publicIpIds.length === publicIps.count && lengths.length === 0
  if (!isAsked) {
    const asked = publicIps === undefined ? `a /${publicIpPrefix?.length} prefix` : counted(publicIps.count)
    return [`it has ${held(present.publicIpIds.length, lengths)}, not ${asked}`]
  }
  return otherZones(present, (publicIps ?? publicIpPrefix)?.zones, snapshot)
}

function otherZones(present: NatGatewayFacts, zones: string[] | undefined, snapshot: Snapshot): string[] {
  if (zones === undefined) return []
  const held = [
    ...present.publicIpIds.flatMap((id) => snapshot.publicIps[idKey(id)] ?? []),
    ...present.publicIpPrefixIds.flatMap((id) => snapshot.publicIpPrefixes[idKey(id)] ?? []),
  ]
  const [other] = held.filter((address) => !isSameSet(address.zones, zones))
  return other === undefined
    ? []
    : [`its addresses are in ${zoneList(other.zones)}, not in ${zoneList(zones)}`]
}

function held(ips: number, lengths: (number | undefined)[]): string {
  const prefixes = lengths.map((length) => (length === undefined ? 'a prefix' : `a /${length} prefix`))
  return [...(ips > 0 || prefixes.length === 0 ? [counted(ips)] : []), ...prefixes].join(' and ')
}

function counted(count: number): string {
  return `${count} public IP${count === 1 ? '' : 's'}`
}

/** `zone 1`, `zones 1, 2`, `no zone`. */
export function zoneList(zones: string[]): string {
  return zones.length === 0
    ? 'no zone'
    : `zone${zones.length === 1 ? '' : 's'} ${[...zones].sort().join(', ')}`
}
