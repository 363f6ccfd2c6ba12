import type { JsonObject } from '../../contract/json.ts'
import type { RequestedNatGateway, RequestedPreparation } from '../../contract/preparation.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { natGatewayIdOf } from '../egress/subnet-attachments.ts'
import type { NatGatewayFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type NatGatewayPreparation, natGatewayDifferences } from './nat-gateway-differences.ts'
import {
  emptyPreparation,
  mergePreparations,
  newResourceName,
  type Placement,
  type Preparation,
  type ResourceWrite,
  regionConflicts,
  type UnusedPart,
  type UnusedReason,
} from './preparation.ts'
import { prepareAddresses } from './prepare-addresses.ts'

/** The default idle timeout of a NAT gateway in AKS and in Azure, in minutes (nat-gateway-resource). */
const DEFAULT_IDLE_MINUTES = 4

/**
 * A customer-managed NAT gateway and its association with every subnet. A subnet keeps a gateway that matches the
 * request, also the gateway of its whole virtual network. Any other gateway is replaced or overridden, which moves the traffic
 * (nat-gateway-v2-migrate, nat-overview). A gateway that no subnet would use is not created.
 */
export function prepareNatGateway(
  wanted: NatGatewayPreparation,
  place: Placement,
  snapshot: Snapshot,
): Preparation {
  const id = wanted.natGateway.id ?? gatewayId(wanted.natGateway, place)
  const { subnets } = snapshot
  const kept = subnets.flatMap((subnet) => keptGateway(subnet, id, wanted, snapshot) ?? [])
  const keptIds = new Set(kept.map(({ subnetId }) => idKey(subnetId)))
  const attached = subnets.filter((subnet) => !keptIds.has(idKey(subnet.id)))
  const isInUse = subnets.some((subnet) => equalsArm(natGatewayIdOf(subnet, snapshot), id))
  const isExisting =
    wanted.natGateway.id !== undefined || (isInUse && snapshot.natGateways[idKey(id)] === undefined)
  const isNeeded = !isExisting && (attached.length > 0 || isInUse)
  const gateway = isNeeded ? newGateway(wanted, place, snapshot) : emptyPreparation()
  const unused = kept.map(({ because, reason }) => ({ part: 'prepare.natGateway', because, reason }))
  return mergePreparations([gateway, attachTo(id, attached, snapshot), { ...emptyPreparation(), unused }])
}

/** The reason why the subnet keeps its gateway; null if it gets the requested gateway. */
function keptGateway(
  subnet: SubnetFacts,
  wantedId: string,
  wanted: NatGatewayPreparation,
  snapshot: Snapshot,
): (Omit<UnusedPart, 'part'> & { subnetId: string }) | null {
  const { id: subnetId } = subnet
  const natGatewayId = natGatewayIdOf(subnet, snapshot)
  if (natGatewayId === null) return null
  const isOfNetwork = subnet.natGatewayId === null
  const owner = isOfNetwork ? ' of its virtual network' : ''
  const keep = (why: string, reason: UnusedReason | null) => ({
    subnetId,
    because: `subnet ${lastSegment(subnetId)} keeps the NAT gateway ${lastSegment(natGatewayId)}${owner}, which ${why}`,
    reason,
  })
  const { id, name } = wanted.natGateway
  const present = snapshot.natGateways[idKey(natGatewayId)]
  const isWanted = equalsArm(natGatewayId, wantedId)
  if (isWanted && (id !== undefined || present !== undefined))
    return keep(isOfNetwork ? 'already serves the subnet' : 'is attached already', null)
  if (!isWanted && (id !== undefined || name !== undefined || isAksOwned(natGatewayId, snapshot))) return null
  if (present === undefined) return keep('could not be read', 'gatewayUnread')
  return natGatewayDifferences(present, wanted, snapshot).length === 0
    ? keep('matches the request', null)
    : null
}

function gatewayId({ name }: RequestedNatGateway, place: Placement): string {
  return `${place.network}/natGateways/${name ?? newResourceName('ng', place)}`
}

function newGateway(wanted: NatGatewayPreparation, place: Placement, snapshot: Snapshot): Preparation {
  const { sku = 'Standard', zones = [], idleTimeoutInMinutes = DEFAULT_IDLE_MINUTES } = wanted.natGateway
  const id = gatewayId(wanted.natGateway, place)
  const present = snapshot.natGateways[idKey(id)]
  if (present !== undefined) return existingGateway(present, wanted, place, snapshot)
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
    because:
      'The plan creates this NAT gateway before the cutover. The gateway carries no traffic until it is attached to a subnet.',
  })
  preparation.planned.natGateways.push(facts)
  return mergePreparations([addresses, preparation])
}

/** A zonal gateway accepts addresses of its own zone only (troubleshoot-nat). */
function addressZones(wanted: RequestedPreparation, gatewayZones: string[]): string[] {
  return wanted.publicIps?.zones ?? wanted.publicIpPrefix?.zones ?? gatewayZones
}

/** An existing gateway is reused only if it matches the request. Otherwise each property that differs is named. */
function existingGateway(
  present: NatGatewayFacts,
  wanted: NatGatewayPreparation,
  { location }: Placement,
  snapshot: Snapshot,
): Preparation {
  const preparation = emptyPreparation()
  const { sku = 'Standard' } = wanted.natGateway
  const exactly = { ...wanted, natGateway: { ...wanted.natGateway, sku } }
  for (const because of natGatewayDifferences(present, exactly, snapshot))
    preparation.conflicts.push({ id: present.id, because })
  preparation.conflicts.push(...regionConflicts(present, location))
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

function attachTo(id: string, subnets: SubnetFacts[], snapshot: Snapshot): Preparation {
  const preparation = emptyPreparation()
  for (const [index, subnet] of subnets.entries()) {
    const overridden = subnet.natGatewayId === null ? natGatewayIdOf(subnet, snapshot) : null
    preparation.writes.push(attachment(subnet, id, overridden, index + 1))
    preparation.planned.attachments[idKey(subnet.id)] = { natGatewayId: id }
  }
  return preparation
}

/** `overridden` is the gateway of the whole virtual network, which serves the subnet until it has its own gateway. */
function attachment(
  { id: subnetId, natGatewayId: former }: SubnetFacts,
  gatewayId: string,
  overridden: string | null,
  number: number,
): ResourceWrite {
  const [gateway, subnet] = [lastSegment(gatewayId), lastSegment(subnetId)]
  return {
    key: `subnet-${number}`,
    title:
      former === null
        ? `Attach NAT gateway ${gateway} to subnet ${subnet}`
        : `Replace NAT gateway ${lastSegment(former)} with ${gateway} on subnet ${subnet}`,
    id: subnetId,
    body: null,
    changes: [{ op: 'set', path: GATEWAY_PATH, value: { id: gatewayId } }],
    former: [
      former === null
        ? { op: 'remove', path: GATEWAY_PATH }
        : { op: 'set', path: GATEWAY_PATH, value: { id: former } },
    ],
    isAttachment: true,
    because: becauseOf(former, overridden),
  }
}

function becauseOf(former: string | null, overridden: string | null): string {
  if (former !== null)
    return 'New connections use the new NAT gateway as soon as it is attached. Existing connections are interrupted.'
  return overridden === null
    ? 'New connections use the NAT gateway as soon as it is attached.'
    : `New connections use the NAT gateway as soon as it is attached, because it overrides the NAT gateway ${lastSegment(overridden)} of the virtual network. Existing connections are interrupted.`
}
