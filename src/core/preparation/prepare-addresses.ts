import type { JsonObject } from '../../contract/json.ts'
import type { NatGatewaySku } from '../../contract/outbound-type.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import { idKey, lastSegment, parentResourceName } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { isSameSet } from '../lib/lists.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { zoneList } from './nat-gateway-differences.ts'
import {
  emptyPreparation,
  newResourceName,
  type Placement,
  type Preparation,
  type Purpose,
  type ResourceWrite,
  regionConflicts,
  type UnusedPart,
} from './preparation.ts'

/**
 * New public addresses, single or as one prefix. An unused address of the same name and SKU is reused. So a plan
 * after an interrupted job continues where that job stopped.
 */
export function prepareAddresses(
  wanted: RequestedPreparation,
  sku: NatGatewaySku,
  place: Placement,
  snapshot: Snapshot,
  zones: string[],
  purpose: Purpose,
): Preparation {
  const { publicIpPrefix, publicIps } = wanted
  const common = { location: place.location, sku, zones }
  if (publicIpPrefix !== undefined) return preparePrefix(publicIpPrefix, common, place, snapshot, purpose)
  const preparation = emptyPreparation()
  for (let number = 1; number <= (publicIps?.count ?? 0); number++) {
    const id = `${place.network}/publicIPAddresses/${newResourceName('pip', place, purpose, `-${number}`)}`
    const present = snapshot.publicIps[idKey(id)]
    preparation.publicIpIds.push(id)
    if (present === undefined) {
      const title = `Create public IP ${lastSegment(id)}`
      const properties = { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' }
      preparation.writes.push(write(`public-ip-${number}`, id, title, common, properties))
      preparation.planned.publicIps.push(plannedIp(id, common))
    } else {
      const isSameSku = equalsArm(present.sku, sku)
      if (!isSameSku) preparation.conflicts.push({ id, because: `its SKU is ${present.sku}, not ${sku}` })
      else preparation.conflicts.push(...addressConflicts(present, common, publicIps?.zones, purpose))
      preparation.unused.push(existing('prepare.publicIps', id))
    }
  }
  return preparation
}

/** The common properties of all new addresses. */
type Common = Pick<PublicIpFacts, 'location' | 'sku' | 'zones'>

function preparePrefix(
  wanted: NonNullable<RequestedPreparation['publicIpPrefix']>,
  common: Common,
  place: Placement,
  snapshot: Snapshot,
  purpose: Purpose,
): Preparation {
  const preparation = emptyPreparation()
  const { length: prefixLength } = wanted
  const id = `${place.network}/publicIPPrefixes/${newResourceName('ippre', place, purpose)}`
  const present = snapshot.publicIpPrefixes[idKey(id)]
  preparation.publicIpPrefixIds.push(id)
  if (present === undefined) {
    const count = prefixAddressCount(prefixLength, 'IPv4')
    const title = `Create public IP prefix ${lastSegment(id)} with ${count} addresses`
    const properties = { prefixLength, publicIPAddressVersion: 'IPv4' }
    preparation.writes.push(write('public-ip-prefix', id, title, common, properties))
    preparation.planned.publicIpPrefixes.push(plannedPrefix(id, prefixLength, common))
    return preparation
  }
  preparation.unused.push(existing('prepare.publicIpPrefix', id))
  if (equalsArm(present.sku, common.sku) && present.prefixLength === prefixLength)
    preparation.conflicts.push(...addressConflicts(present, common, wanted.zones, purpose))
  else
    preparation.conflicts.push({
      id,
      because: `it is a /${present.prefixLength} prefix with SKU ${present.sku}`,
    })
  return preparation
}

function existing(part: string, id: string): UnusedPart {
  return { part, because: `\`${lastSegment(id)}\` already exists`, reason: null }
}

/** How an existing address of the right size and SKU differs from the request. */
function addressConflicts(
  present: PublicIpFacts | PublicIpPrefixFacts,
  { location }: Common,
  zones: string[] | undefined,
  purpose: Purpose,
): Preparation['conflicts'] {
  const { id, version } = present
  return [
    ...(equalsArm(version, 'IPv4') ? [] : [{ id, because: `its IP version is ${version}, not IPv4` }]),
    // LB_IP_WRONG_REGION covers other purposes.
    ...(purpose === 'nat' ? regionConflicts(present, location) : []),
    ...zoneConflicts(present, zones),
    ...holderConflicts(present, purpose),
  ]
}

/** Zones of an address cannot change. */
function zoneConflicts(
  present: PublicIpFacts | PublicIpPrefixFacts,
  zones: string[] | undefined,
): Preparation['conflicts'] {
  if (zones === undefined || zones.length === 0 || isSameSet(zones, present.zones)) return []
  return [{ id: present.id, because: `it is in ${zoneList(present.zones)}, not in ${zoneList(zones)}` }]
}

/**
 * A NAT gateway that does not exist yet has no addresses, so another resource uses the address. IP_IN_USE covers other
 * purposes.
 */
function holderConflicts(
  present: PublicIpFacts | PublicIpPrefixFacts,
  purpose: Purpose,
): Preparation['conflicts'] {
  const holder =
    present.natGatewayId ?? ('attachedTo' in present ? present.attachedTo : present.loadBalancerFrontendId)
  return purpose !== 'nat' || holder === null
    ? []
    : [{ id: present.id, because: `it is attached to ${parentResourceName(holder)}` }]
}

/** Load balancers and NAT gateways accept static addresses only (load-balancer-standard, nat-gateway-resource). */
function write(
  key: string,
  id: string,
  title: string,
  { location, sku, zones }: Common,
  properties: JsonObject,
): ResourceWrite {
  const because =
    'The plan creates this resource before the cutover, so that its addresses can be added to allow lists before traffic moves.'
  const zoned = zones.length > 0 ? { zones } : {}
  const body = { location, sku: { name: sku, tier: 'Regional' }, ...zoned, properties }
  return { key, title, id, body, changes: [], former: [], because }
}

/** A public IPv4 address that does not exist yet. */
export function plannedIp(id: string, common: Common): PublicIpFacts {
  return {
    id,
    ...common,
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

function plannedPrefix(id: string, prefixLength: number, common: Common): PublicIpPrefixFacts {
  return {
    id,
    ...common,
    prefix: null,
    prefixLength,
    version: 'IPv4',
    natGatewayId: null,
    loadBalancerFrontendId: null,
    publicIpIds: [],
    customIpPrefixId: null,
    routingPreferenceInternet: false,
    provisioningState: 'Succeeded',
    isPlanned: true,
  }
}
