import type { JsonObject } from '../../contract/json.ts'
import type { RequestedNatGateway, RequestedPreparation } from '../../contract/preparation.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { routesToAppliance } from '../egress/subnet-attachments.ts'
import { isSameSet } from '../lib/lists.ts'
import type { NatGatewayFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  emptyPreparation,
  mergePreparations,
  newResourceName,
  type Placement,
  type Preparation,
  type ResourceWrite,
} from './preparation.ts'
import { prepareAddresses } from './prepare-addresses.ts'

/** A request that names a gateway of the user's. */
type NatGatewayPreparation = RequestedPreparation & { natGateway: RequestedNatGateway }

/** In what a gateway that stands under the name is not the one that was asked for; what was left out may be anything. */
function natGatewayDifferences(
  present: NatGatewayFacts,
  wanted: NatGatewayPreparation,
  snapshot: Snapshot,
): string[] {
  const { sku = 'Standard', zones, idleTimeoutInMinutes: idle } = wanted.natGateway
  return [
    ...(equalsArm(present.sku, sku) ? [] : [`its SKU is ${present.sku}, not ${sku}`]),
    ...(zones === undefined || isSameSet(zones, present.zones)
      ? []
      : [`it is in ${zoneList(present.zones)}, not in ${zoneList(zones)}`]),
    ...(idle === undefined || idle === present.idleTimeoutInMinutes
      ? []
      : [`its idle timeout is ${present.idleTimeoutInMinutes} min, not ${idle} min`]),
    ...otherAddresses(present, wanted, snapshot),
  ]
}

/** By number: which addresses they are is the caller's own affair, as long as they are as many. */
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

function zoneList(zones: string[]): string {
  return zones.length === 0
    ? 'no zone'
    : `zone${zones.length === 1 ? '' : 's'} ${[...zones].sort().join(', ')}`
}

/** AKS's and Azure's default idle time-out of a NAT gateway, in minutes (nat-gateway-resource). */
const DEFAULT_IDLE_MINUTES = 4

/**
 * A NAT gateway of the user's and its association with every subnet that has none. A subnet with another gateway
 * keeps it: one gateway or another, the target is met, and to exchange them is a change of its own.
 */
export function prepareNatGateway(
  wanted: NatGatewayPreparation,
  place: Placement,
  snapshot: Snapshot,
): Preparation {
  const gateway =
    wanted.natGateway.id === undefined ? newGateway(wanted, place, snapshot) : emptyPreparation()
  const id = wanted.natGateway.id ?? gatewayId(wanted.natGateway, place)
  return mergePreparations([gateway, attachTo(id, snapshot)])
}

function gatewayId({ name }: RequestedNatGateway, place: Placement): string {
  return `${place.network}/natGateways/${name ?? newResourceName('ng', place)}`
}

function newGateway(wanted: NatGatewayPreparation, place: Placement, snapshot: Snapshot): Preparation {
  const { sku = 'Standard', zones = [], idleTimeoutInMinutes = DEFAULT_IDLE_MINUTES } = wanted.natGateway
  const id = gatewayId(wanted.natGateway, place)
  const present = snapshot.natGateways[idKey(id)]
  if (present !== undefined) return existingGateway(present, wanted, snapshot)
  const asked = wanted.publicIps === undefined && wanted.publicIpPrefix === undefined
  const addresses = prepareAddresses(
    asked ? { ...wanted, publicIps: { count: 1 } } : wanted,
    sku,
    place,
    snapshot,
    addressZones(wanted, zones),
    'nat',
  )
  const facts = {
    id,
    location: place.location,
    sku,
    zones,
    idleTimeoutInMinutes,
    publicIpIds: addresses.publicIpIds,
    publicIpPrefixIds: addresses.publicIpPrefixIds,
    subnetIds: [],
    sourceVirtualNetworkId: null,
    provisioningState: 'Succeeded',
  }
  const preparation = emptyPreparation()
  preparation.writes.push({
    key: 'nat-gateway',
    title: `Create ${sku} NAT gateway ${lastSegment(id)}`,
    id,
    body: body(facts),
    changes: [],
    former: [],
    movesTraffic: false,
    because:
      'The plan creates it before the cutover. It carries no traffic until it is attached to a subnet.',
  })
  preparation.planned.natGateways.push(facts)
  return mergePreparations([addresses, preparation])
}

/** A zonal gateway takes addresses of its own zone only (troubleshoot-nat). */
function addressZones(wanted: RequestedPreparation, gatewayZones: string[]): string[] {
  return wanted.publicIps?.zones ?? wanted.publicIpPrefix?.zones ?? gatewayZones
}

/** One that stands there already is taken as it is, or not at all: what was asked for and differs is named. */
function existingGateway(
  present: NatGatewayFacts,
  wanted: NatGatewayPreparation,
  snapshot: Snapshot,
): Preparation {
  const preparation = emptyPreparation()
  for (const because of natGatewayDifferences(present, wanted, snapshot))
    preparation.conflicts.push({ id: present.id, because })
  return preparation
}

function body(facts: NatGatewayFacts): JsonObject {
  const { publicIpIds, publicIpPrefixIds, idleTimeoutInMinutes, zones } = facts
  return {
    location: facts.location,
    sku: { name: facts.sku },
    ...(zones.length > 0 ? { zones } : {}),
    properties: {
      idleTimeoutInMinutes,
      ...(publicIpIds.length > 0 ? { publicIpAddresses: references(publicIpIds) } : {}),
      ...(publicIpPrefixIds.length > 0 ? { publicIpPrefixes: references(publicIpPrefixIds) } : {}),
    },
  }
}

function references(ids: string[]): JsonObject[] {
  return ids.map((id) => ({ id }))
}

const GATEWAY_PATH = '/properties/natGateway'

function attachTo(id: string, snapshot: Snapshot): Preparation {
  const preparation = emptyPreparation()
  for (const subnet of snapshot.subnets.filter((subnet) => subnet.natGatewayId === null)) {
    preparation.writes.push(
      attachment(subnet, id, preparation.writes.length + 1, routesToAppliance(subnet, snapshot)),
    )
    preparation.planned.attachments[idKey(subnet.id)] = { natGatewayId: id }
  }
  return preparation
}

function attachment(
  { id: subnetId }: SubnetFacts,
  gatewayId: string,
  number: number,
  outranked: boolean,
): ResourceWrite {
  return {
    key: `subnet-${number}`,
    title: `Attach NAT gateway ${lastSegment(gatewayId)} to subnet ${lastSegment(subnetId)}`,
    id: subnetId,
    body: null,
    changes: [{ op: 'set', path: GATEWAY_PATH, value: { id: gatewayId } }],
    former: [{ op: 'remove', path: GATEWAY_PATH }],
    movesTraffic: true,
    isOutranked: outranked,
    because: outranked
      ? 'The default route of the subnet overrides the NAT gateway, so traffic keeps its current path.'
      : 'New connections use the NAT gateway as soon as it is attached.',
  }
}
