import type { Finding } from '../../contract/finding.ts'
import { lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gatewaysOn, ipsOf, isStandardV2, prefixesOf } from '../egress/outbound-resources.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import type { NatGatewayFacts, PublicIpFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, type Rule, rule } from './rule.ts'

/** Addresses of one family that one NAT gateway takes (nat-sku). */
const MOST_ADDRESSES = 16

/** The largest prefixes that fit (troubleshoot-nat, nat-sku): sixteen addresses of either family. */
const SHORTEST_PREFIX = { IPv4: 28, IPv6: 124 }

export const UANAT_IP_SKU = rule<{ addresses: { name: string; gateway: string }[] }>('UANAT_IP_SKU', {
  severity: 'blocker',
  message: (f) => `Addresses whose SKU is not that of their NAT gateway: ${onGateways(f.addresses)}.`,
  remedy: () => 'A Standard gateway takes Standard addresses, a StandardV2 gateway StandardV2 ones.',
  confidence: 'documented',
  source: 'NSKU; nat-gateway-resource (NRES)',
})

export const UANAT_IP_ROUTING_PREF = rule<{ addresses: { name: string; gateway: string }[] }>(
  'UANAT_IP_ROUTING_PREF',
  {
    severity: 'blocker',
    message: (f) =>
      `A NAT gateway does not take addresses with the routing preference Internet: ${onGateways(f.addresses)}.`,
    remedy: () => 'Use addresses with the routing preference of the Microsoft network.',
    confidence: 'documented',
    source: 'NRES',
  },
)

export const UANAT_IP_DDOS = rule<{ addresses: { name: string; gateway: string }[] }>('UANAT_IP_DDOS', {
  severity: 'warning',
  message: (f) =>
    `DDoS protection is enabled on addresses of a NAT gateway, which an older page says is not supported: ${onGateways(f.addresses)}.`,
  remedy: () => 'Test the gateway before the change, or protect the virtual network instead.',
  confidence: 'documented',
  source: 'NRES; contradicted by the tutorial on NAT gateways and DDoS protection',
})

export const UANAT_ZONE_MISMATCH = rule<{ addresses: { name: string; gateway: string }[] }>(
  'UANAT_ZONE_MISMATCH',
  {
    severity: 'blocker',
    message: (f) => `Addresses that are not in the zone of their NAT gateway: ${onGateways(f.addresses)}.`,
    remedy: () =>
      'Give a zonal gateway addresses of its own zone or zone-redundant ones, or use a gateway without a zone.',
    confidence: 'documented',
    source: 'NTS; nat-availability-zones',
  },
)

/** The addresses of the user's NAT gateways must fit gateway and cluster. */
export const checkUserNatGatewayAddresses: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  const { snapshot } = context
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
  return [
    ...counts(gateways, snapshot),
    ...prefixSizes(gateways, snapshot),
    ...misfits(UANAT_IP_SKU, gateways, snapshot, hasOtherSku),
    ...misfits(UANAT_IP_ROUTING_PREF, gateways, snapshot, (ip) => ip.routingPreferenceInternet),
    ...misfits(UANAT_IP_DDOS, gateways, snapshot, (ip) => ip.ddosProtected),
    ...misfits(UANAT_ZONE_MISMATCH, gateways, snapshot, isInOtherZone),
    ...withoutIpv6(gateways, context),
  ]
}

export const UANAT_TOO_MANY_ADDRESSES = rule<{ gateways: { gateway: string; ipv4: number; ipv6: number }[] }>(
  'UANAT_TOO_MANY_ADDRESSES',
  {
    severity: 'blocker',
    message: (f) =>
      `A NAT gateway takes 16 addresses of a family: ${listed(f.gateways.map((each) => `${each.gateway} has ${each.ipv4} IPv4 and ${each.ipv6} IPv6`))}.`,
    remedy: () => 'Take addresses off the gateway until there are 16 or fewer of each family.',
    confidence: 'documented',
    source: 'nat-sku (NSKU); troubleshoot-nat (NTS)',
  },
)

function counts(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  const full = gateways
    .map((gateway) => ({
      gateway: lastSegment(gateway.id),
      ipv4: addressesOf(gateway, 'IPv4', snapshot),
      ipv6: addressesOf(gateway, 'IPv6', snapshot),
    }))
    .filter(({ ipv4, ipv6 }) => ipv4 > MOST_ADDRESSES || ipv6 > MOST_ADDRESSES)
  return full.length === 0 ? [] : [UANAT_TOO_MANY_ADDRESSES.finding({ gateways: full })]
}

function addressesOf(gateway: NatGatewayFacts, family: 'IPv4' | 'IPv6', snapshot: Snapshot): number {
  const ips = ipsOf(gateway, snapshot).filter((each) => each.version === family).length
  const prefixes = prefixesOf(gateway, snapshot).filter((each) => each.version === family)
  return prefixes.reduce((sum, each) => sum + prefixAddressCount(each.prefixLength, family), ips)
}

export const UANAT_PREFIX_SIZE = rule<{ prefixes: { name: string; prefixLength: number }[] }>(
  'UANAT_PREFIX_SIZE',
  {
    severity: 'blocker',
    message: (f) =>
      `Prefixes that are too large for a NAT gateway: ${listed(f.prefixes.map((each) => `${each.name} is a /${each.prefixLength}`))}.`,
    remedy: () => 'Use IPv4 prefixes from /28 to /31, and IPv6 prefixes of /124 or smaller.',
    confidence: 'documented',
    source: 'NTS; NSKU',
  },
)

function prefixSizes(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  const prefixes = gateways
    .flatMap((gateway) => prefixesOf(gateway, snapshot))
    .filter((each) => each.prefixLength < SHORTEST_PREFIX[each.version])
    .map((each) => ({ name: lastSegment(each.id), prefixLength: each.prefixLength }))
  return prefixes.length === 0 ? [] : [UANAT_PREFIX_SIZE.finding({ prefixes })]
}

/** Addresses that a gateway has and that do not fit it, with the gateway's name beside each. */
function misfits(
  said: Rule<{ addresses: { name: string; gateway: string }[] }>,
  gateways: NatGatewayFacts[],
  snapshot: Snapshot,
  holds: (ip: PublicIpFacts, gateway: NatGatewayFacts) => boolean,
): Finding[] {
  const addresses = gateways.flatMap((gateway) =>
    ipsOf(gateway, snapshot)
      .filter((ip) => holds(ip, gateway))
      .map((ip) => ({ name: lastSegment(ip.id), gateway: lastSegment(gateway.id) })),
  )
  return addresses.length === 0 ? [] : [said.finding({ addresses })]
}

function hasOtherSku(ip: PublicIpFacts, gateway: NatGatewayFacts): boolean {
  return ip.sku.toLowerCase() !== (isStandardV2(gateway) ? 'standardv2' : 'standard')
}

/** A zonal gateway takes zone-redundant addresses and those of its own zone; one without a zone takes any (troubleshoot-nat). */
function isInOtherZone(ip: PublicIpFacts, gateway: NatGatewayFacts): boolean {
  const [zone, ...others] = gateway.zones
  return !isStandardV2(gateway) && zone !== undefined && others.length === 0 && !ip.zones.includes(zone)
}

export const UANAT_DUALSTACK_NO_V6 = rule<{ gateways: string[] }>('UANAT_DUALSTACK_NO_V6', {
  severity: 'warning',
  message: (f) =>
    `The cluster is dual-stack, and these NAT gateways have no IPv6 address: ${listed(f.gateways)}. IPv6 egress would be lost.`,
  remedy: () => 'Give each gateway an IPv6 address or prefix of SKU StandardV2.',
  confidence: 'documented',
  source: 'OV; NSKU',
})

function withoutIpv6(gateways: NatGatewayFacts[], { snapshot }: PlanningContext): Finding[] {
  if (!snapshot.cluster.ipFamilies.includes('IPv6')) return []
  const names = gateways
    .filter((gateway) => isStandardV2(gateway) && addressesOf(gateway, 'IPv6', snapshot) === 0)
    .map((gateway) => lastSegment(gateway.id))
  return names.length === 0 ? [] : [UANAT_DUALSTACK_NO_V6.finding({ gateways: names })]
}

function onGateways(addresses: { name: string; gateway: string }[]): string {
  return listed(addresses.map((each) => `${each.name} on ${each.gateway}`))
}
