import type { JsonObject } from '../../contract/json.ts'
import type { NatGatewaySku } from '../../contract/outbound-type.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import { idKey, lastSegment, parentResourceName } from '../arm/resource-id.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  emptyPreparation,
  newResourceName,
  type Placement,
  type Preparation,
  type Purpose,
  type ResourceWrite,
} from './preparation.ts'

/**
 * New public addresses, single or as one prefix. One that stands under the name already, of the same SKU and in
 * nobody's use, is taken as it is: a plan after a job that stopped half-way goes on where it stopped.
 */
export function prepareAddresses(
  wanted: RequestedPreparation,
  sku: NatGatewaySku,
  place: Placement,
  snapshot: Snapshot,
  zones: string[],
  purpose: Purpose,
): Preparation {
  if (wanted.publicIpPrefix !== undefined)
    return preparePrefix(wanted.publicIpPrefix.length, sku, place, snapshot, zones, purpose)
  const count = wanted.publicIps?.count ?? 0
  const made = emptyPreparation()
  for (let number = 1; number <= count; number++) {
    const id = `${place.network}/publicIPAddresses/${newResourceName('pip', place, purpose, `-${number}`)}`
    const present = snapshot.publicIps[idKey(id)]
    made.publicIpIds.push(id)
    if (present === undefined) {
      made.writes.push(
        write(`public-ip-${number}`, id, `Create public IP ${lastSegment(id)}`, ipBody(sku, place, zones)),
      )
      made.planned.publicIps.push(plannedIp(id, sku, place, zones))
    } else if (!isSame(present, sku))
      made.conflicts.push({ id, because: `its SKU is ${present.sku}, not ${sku}` })
    else made.conflicts.push(...held(present, purpose))
  }
  return made
}

function preparePrefix(
  length: number,
  sku: NatGatewaySku,
  place: Placement,
  snapshot: Snapshot,
  zones: string[],
  purpose: Purpose,
): Preparation {
  const made = emptyPreparation()
  const id = `${place.network}/publicIPPrefixes/${newResourceName('ippre', place, purpose)}`
  const present = snapshot.publicIpPrefixes[idKey(id)]
  made.publicIpPrefixIds.push(id)
  if (present === undefined) {
    const title = `Create public IP prefix ${lastSegment(id)} with ${prefixAddressCount(length, 'IPv4')} addresses`
    made.writes.push(write('public-ip-prefix', id, title, prefixBody(length, sku, place, zones)))
    made.planned.publicIpPrefixes.push(plannedPrefix(id, length, sku, place, zones))
  } else if (!isSame(present, sku) || present.prefixLength !== length)
    made.conflicts.push({ id, because: `it is a /${present.prefixLength} prefix with SKU ${present.sku}` })
  else made.conflicts.push(...held(present, purpose))
  return made
}

/** A gateway that is still to be made holds nothing yet: whoever has the address is another. Of the rest IP_IN_USE tells. */
function held(present: PublicIpFacts | PublicIpPrefixFacts, purpose: Purpose): Preparation['conflicts'] {
  const by =
    present.natGatewayId ?? ('attachedTo' in present ? present.attachedTo : present.loadBalancerFrontendId)
  return purpose !== 'nat' || by === null
    ? []
    : [{ id: present.id, because: `it is attached to ${parentResourceName(by)}` }]
}

function isSame(present: PublicIpFacts | PublicIpPrefixFacts, sku: string): boolean {
  return present.sku.toLowerCase() === sku.toLowerCase()
}

function write(key: string, id: string, title: string, body: JsonObject): ResourceWrite {
  const because =
    'The plan creates it before the cutover, so that its address can be authorized and announced in time.'
  return { key, title, id, body, changes: [], former: [], movesTraffic: false, because }
}

/** Load balancer and NAT gateway take static addresses only (LB1, NRES). */
function ipBody(sku: string, { location }: Placement, zones: string[]): JsonObject {
  return {
    location,
    sku: { name: sku, tier: 'Regional' },
    ...(zones.length > 0 ? { zones } : {}),
    properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' },
  }
}

function prefixBody(prefixLength: number, sku: string, { location }: Placement, zones: string[]): JsonObject {
  return {
    location,
    sku: { name: sku, tier: 'Regional' },
    ...(zones.length > 0 ? { zones } : {}),
    properties: { prefixLength, publicIPAddressVersion: 'IPv4' },
  }
}

function plannedIp(id: string, sku: string, { location }: Placement, zones: string[]): PublicIpFacts {
  return {
    id,
    location,
    sku,
    zones,
    address: null,
    version: 'IPv4',
    allocationMethod: 'Static',
    attachedTo: null,
    natGatewayId: null,
    routingPreferenceInternet: false,
    ddosProtected: false,
    tags: {},
    provisioningState: 'Succeeded',
    isPlanned: true,
  }
}

function plannedPrefix(
  id: string,
  prefixLength: number,
  sku: string,
  { location }: Placement,
  zones: string[],
): PublicIpPrefixFacts {
  return {
    id,
    location,
    sku,
    zones,
    prefix: null,
    prefixLength,
    version: 'IPv4',
    natGatewayId: null,
    loadBalancerFrontendId: null,
    publicIpIds: [],
    customIpPrefixId: null,
    provisioningState: 'Succeeded',
    isPlanned: true,
  }
}
