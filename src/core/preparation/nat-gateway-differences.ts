import type { NatGatewayFacts } from '../network-facts.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { RequestedNatGateway, RequestedPreparation } from './requested-preparation.ts'

/** A request that names a gateway of the user's. */
export type Wanted = RequestedPreparation & { natGateway: RequestedNatGateway }

/** In what a gateway that stands under the name is not the one that was asked for; what was left out may be anything. */
export function differences(present: NatGatewayFacts, wanted: Wanted, snapshot: Snapshot): string[] {
  const { sku = 'Standard', zones, idleTimeoutInMinutes: idle } = wanted.natGateway
  return [
    ...(present.sku.toLowerCase() === sku.toLowerCase() ? [] : [`its SKU is ${present.sku}, not ${sku}`]),
    ...(zones === undefined || isSameSet(zones, present.zones)
      ? []
      : [`it lies in ${zoneList(present.zones)}, not in ${zoneList(zones)}`]),
    ...(idle === undefined || idle === present.idleTimeoutInMinutes
      ? []
      : [`its idle time-out is ${present.idleTimeoutInMinutes} minutes, not ${idle}`]),
    ...otherAddresses(present, wanted, snapshot),
  ]
}

/** By number: which addresses they are is the caller's own affair, as long as they are as many. */
function otherAddresses(present: NatGatewayFacts, wanted: Wanted, snapshot: Snapshot): string[] {
  const { publicIps, publicIpPrefix } = wanted
  if (publicIps === undefined && publicIpPrefix === undefined) return []
  const lengths = present.publicIpPrefixIds.map((id) => snapshot.publicIpPrefixes[idKey(id)]?.prefixLength)
  const isAsked =
    publicIps === undefined
      ? present.publicIpIds.length === 0 && lengths.length === 1 && lengths[0] === publicIpPrefix?.length
      : present.publicIpIds.length === publicIps.count && lengths.length === 0
  if (!isAsked) {
    const asked = publicIps === undefined ? `a prefix /${publicIpPrefix?.length}` : counted(publicIps.count)
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
  const [other] = held.filter((each) => !isSameSet(each.zones, zones))
  return other === undefined
    ? []
    : [`its addresses lie in ${zoneList(other.zones)}, not in ${zoneList(zones)}`]
}

function held(ips: number, lengths: (number | undefined)[]): string {
  const prefixes = lengths.map((length) => (length === undefined ? 'a prefix' : `a prefix /${length}`))
  return [...(ips > 0 || prefixes.length === 0 ? [counted(ips)] : []), ...prefixes].join(' and ')
}

function counted(count: number): string {
  return `${count} public IP${count === 1 ? '' : 's'}`
}

function zoneList(zones: string[]): string {
  return zones.length === 0
    ? 'no zone'
    : `zone${zones.length === 1 ? '' : 's'} ${[...zones].sort().join(', ')}`
}

function isSameSet(one: string[], other: string[]): boolean {
  return [...new Set(one)].sort().join() === [...new Set(other)].sort().join()
}
