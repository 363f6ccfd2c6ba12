import { addressesIn } from '../cidr.ts'
import { finding } from '../findings/catalogue.ts'
import { gatewaysOn, ipsOf, isStandardV2, prefixesOf } from '../nat-gateways.ts'
import type { NatGatewayFacts, PublicIpFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { nameOf } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Check } from './check.ts'

/** Addresses of one family that one NAT gateway takes (NSKU). */
const MOST_ADDRESSES = 16
/** The largest prefixes that fit (NTS, NSKU): sixteen addresses of either family. */
const SHORTEST_PREFIX = { IPv4: 28, IPv6: 124 }

/** The addresses of the user's NAT gateways must fit gateway and cluster (rulebook 3.4). */
export const natGatewayAddresses: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  const { snapshot } = context
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
  return [
    ...counts(gateways, snapshot),
    ...prefixSizes(gateways, snapshot),
    ...misfits('UANAT_IP_SKU', gateways, snapshot, hasOtherSku),
    ...misfits('UANAT_IP_ROUTING_PREF', gateways, snapshot, (ip) => ip.routingPreferenceInternet),
    ...misfits('UANAT_IP_DDOS', gateways, snapshot, (ip) => ip.ddosProtected),
    ...misfits('UANAT_ZONE_MISMATCH', gateways, snapshot, isInOtherZone),
    ...withoutIpv6(gateways, context),
  ]
}

function counts(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  const full = gateways
    .map((gateway) => ({
      gateway: nameOf(gateway.id),
      ipv4: addressesOf(gateway, 'IPv4', snapshot),
      ipv6: addressesOf(gateway, 'IPv6', snapshot),
    }))
    .filter(({ ipv4, ipv6 }) => ipv4 > MOST_ADDRESSES || ipv6 > MOST_ADDRESSES)
  return full.length === 0 ? [] : [finding('UANAT_TOO_MANY_ADDRESSES', { gateways: full })]
}

function addressesOf(gateway: NatGatewayFacts, family: 'IPv4' | 'IPv6', snapshot: Snapshot): number {
  const ips = ipsOf(gateway, snapshot).filter((each) => each.version === family).length
  const prefixes = prefixesOf(gateway, snapshot).filter((each) => each.version === family)
  return prefixes.reduce((sum, each) => sum + addressesIn(each.prefixLength, family), ips)
}

function prefixSizes(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  const prefixes = gateways
    .flatMap((gateway) => prefixesOf(gateway, snapshot))
    .filter((each) => each.prefixLength < SHORTEST_PREFIX[each.version])
    .map((each) => ({ name: nameOf(each.id), prefixLength: each.prefixLength }))
  return prefixes.length === 0 ? [] : [finding('UANAT_PREFIX_SIZE', { prefixes })]
}

type MisfitCode = 'UANAT_IP_SKU' | 'UANAT_IP_ROUTING_PREF' | 'UANAT_IP_DDOS' | 'UANAT_ZONE_MISMATCH'

/** Addresses that a gateway has and that do not fit it, with the gateway's name beside each. */
function misfits(
  code: MisfitCode,
  gateways: NatGatewayFacts[],
  snapshot: Snapshot,
  holds: (ip: PublicIpFacts, gateway: NatGatewayFacts) => boolean,
): Finding[] {
  const addresses = gateways.flatMap((gateway) =>
    ipsOf(gateway, snapshot)
      .filter((ip) => holds(ip, gateway))
      .map((ip) => ({ name: nameOf(ip.id), gateway: nameOf(gateway.id) })),
  )
  return addresses.length === 0 ? [] : [finding(code, { addresses })]
}

function hasOtherSku(ip: PublicIpFacts, gateway: NatGatewayFacts): boolean {
  return ip.sku.toLowerCase() !== (isStandardV2(gateway) ? 'standardv2' : 'standard')
}

/** A zonal gateway takes zone-redundant addresses and those of its own zone; one without a zone takes any (NTS). */
function isInOtherZone(ip: PublicIpFacts, gateway: NatGatewayFacts): boolean {
  const [zone, ...others] = gateway.zones
  return !isStandardV2(gateway) && zone !== undefined && others.length === 0 && !ip.zones.includes(zone)
}

function withoutIpv6(gateways: NatGatewayFacts[], { snapshot }: PlanningContext): Finding[] {
  if (!snapshot.cluster.ipFamilies.includes('IPv6')) return []
  const names = gateways
    .filter((gateway) => isStandardV2(gateway) && addressesOf(gateway, 'IPv6', snapshot) === 0)
    .map((gateway) => nameOf(gateway.id))
  return names.length === 0 ? [] : [finding('UANAT_DUALSTACK_NO_V6', { gateways: names })]
}
