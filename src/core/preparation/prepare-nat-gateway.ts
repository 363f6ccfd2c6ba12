import { defaultRouteOf } from '../effective-egress.ts'
import type { JsonObject } from '../json.ts'
import type { NatGatewayFacts, SubnetFacts } from '../network-facts.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import { differences, type Wanted } from './nat-gateway-differences.ts'
import { newName, type Place } from './place.ts'
import { joined, noPreparation, type Preparation, type ResourceWrite } from './preparation.ts'
import { prepareAddresses } from './prepare-addresses.ts'
import type { RequestedNatGateway, RequestedPreparation } from './requested-preparation.ts'

/** AKS's and Azure's default idle time-out of a NAT gateway, in minutes (NRES). */
const DEFAULT_IDLE_MINUTES = 4

/**
 * A NAT gateway of the user's and its association with every subnet that has none. A subnet with another gateway
 * keeps it: one gateway or another, the target is met, and to exchange them is a change of its own.
 */
export function prepareNatGateway(wanted: Wanted, place: Place, snapshot: Snapshot): Preparation {
  const gateway = wanted.natGateway.id === undefined ? newGateway(wanted, place, snapshot) : noPreparation()
  const id = wanted.natGateway.id ?? gatewayId(wanted.natGateway, place)
  return joined([gateway, attachTo(id, snapshot)])
}

function gatewayId({ name }: RequestedNatGateway, place: Place): string {
  return `${place.network}/natGateways/${name ?? newName('ng', place)}`
}

function newGateway(wanted: Wanted, place: Place, snapshot: Snapshot): Preparation {
  const { sku = 'Standard', zones = [], idleTimeoutInMinutes = DEFAULT_IDLE_MINUTES } = wanted.natGateway
  const id = gatewayId(wanted.natGateway, place)
  const present = snapshot.natGateways[idKey(id)]
  if (present !== undefined) return standing(present, wanted, snapshot)
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
    provisioningState: 'Succeeded',
  }
  const made = noPreparation()
  made.writes.push({
    key: 'nat-gateway',
    title: `Make the ${sku} NAT gateway ${nameOf(id)}`,
    id,
    body: body(facts),
    changes: [],
    former: [],
    movesTraffic: false,
    because: 'The plan makes it before the cut-over; until it is attached to a subnet it carries nothing.',
  })
  made.planned.natGateways.push(facts)
  return joined([addresses, made])
}

/** A zonal gateway takes addresses of its own zone only (UANAT_ZONE_MISMATCH; NTS). */
function addressZones(wanted: RequestedPreparation, gatewayZones: string[]): string[] {
  return wanted.publicIps?.zones ?? wanted.publicIpPrefix?.zones ?? gatewayZones
}

/** One that stands there already is taken as it is, or not at all: what was asked for and differs is named. */
function standing(present: NatGatewayFacts, wanted: Wanted, snapshot: Snapshot): Preparation {
  const made = noPreparation()
  for (const because of differences(present, wanted, snapshot))
    made.conflicts.push({ id: present.id, because })
  return made
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
  const made = noPreparation()
  for (const subnet of snapshot.subnets.filter((each) => each.natGatewayId === null)) {
    made.writes.push(attachment(subnet, id, made.writes.length + 1, isOutranked(subnet, snapshot)))
    made.planned.attachments[idKey(subnet.id)] = { natGatewayId: id }
  }
  return made
}

/** Under a route to an appliance or a gateway of networks a NAT gateway carries nothing (rulebook EFFECTIVE_PATH). */
function isOutranked(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const route = defaultRouteOf(subnet, snapshot)
  return (
    route !== null && route !== 'unread' && /^Virtual(Appliance|NetworkGateway)$/i.test(route.nextHopType)
  )
}

function attachment(
  { id: subnetId }: SubnetFacts,
  gatewayId: string,
  number: number,
  outranked: boolean,
): ResourceWrite {
  return {
    key: `subnet-${number}`,
    title: `Attach the NAT gateway ${nameOf(gatewayId)} to the subnet ${nameOf(subnetId)}`,
    id: subnetId,
    body: null,
    changes: [{ op: 'set', path: GATEWAY_PATH, value: { id: gatewayId } }],
    former: [{ op: 'remove', path: GATEWAY_PATH }],
    movesTraffic: true,
    isOutranked: outranked,
    because: outranked
      ? 'The default route of the subnet outranks the NAT gateway: packets go on leaving as they do.'
      : 'New connections leave by the NAT gateway from the moment it is attached.',
  }
}
