import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { gatewaysOn, ipsOf, isStandardV2, prefixesOf } from '../egress/outbound-resources.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { agree, capitalized, counted, eachOf, groupedClauses, listed, named, these } from '../lib/text.ts'
import { documented } from '../references/references.ts'
import type { NatGatewayFacts, PublicIpFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

/** Addresses of one family on one NAT gateway (nat-sku). */
const MAX_ADDRESSES = 16

/** The largest prefixes that a NAT gateway accepts (troubleshoot-nat, nat-sku): 16 addresses of one family. */
const MIN_PREFIX_LENGTH = { IPv4: 28, IPv6: 124 }

type GatewayAddress = { name: string; gateway: string }

export const UANAT_IP_SKU = rule<{ addresses: GatewayAddress[] }>('UANAT_IP_SKU', {
  severity: 'blocker',
  message: (f) =>
    onGateways(
      f.addresses,
      (names, gateway) =>
        `${named('address', names)} ${agree(names, 'has a different SKU than its', 'have a different SKU than their')} NAT gateway ${gateway}`,
    ),
  remedy:
    'Use Standard addresses on a Standard NAT gateway, and StandardV2 addresses on a StandardV2 NAT gateway.',
  source: documented('nat-sku', 'nat-gateway-resource'),
})

export const UANAT_IP_ROUTING_PREF = rule<{ addresses: GatewayAddress[] }>('UANAT_IP_ROUTING_PREF', {
  severity: 'blocker',
  message: (f) =>
    onGateways(
      f.addresses,
      (names, gateway) =>
        `${named('address', names)} ${agree(names, 'has', 'have')} the routing preference \`Internet\`, which the NAT gateway ${gateway} does not support`,
    ),
  remedy: (f) =>
    `Replace ${these('address', f.addresses)} on the NAT gateway with addresses that have the default routing preference (Microsoft network), and add these addresses to all allow lists first.`,
  source: documented('nat-gateway-resource'),
})

export const UANAT_IP_DDOS = rule<{ addresses: GatewayAddress[] }>('UANAT_IP_DDOS', {
  severity: 'blocker',
  message: (f) =>
    onGateways(
      f.addresses,
      (names, gateway) =>
        `${named('address', names)} ${agree(names, 'has', 'have')} DDoS protection, which the NAT gateway ${gateway} does not support`,
    ),
  remedy: (f) =>
    `Disable DDoS protection on ${these('address', f.addresses)} (\`ddosSettings.protectionMode\`), or add other addresses to all allow lists and use these addresses. To keep protection, use DDoS Network Protection on the virtual network.`,
  source: documented('troubleshoot-nat', 'nat-gateway-resource'),
})

export const UANAT_CUSTOM_PREFIX = rule<{ addresses: GatewayAddress[] }>('UANAT_CUSTOM_PREFIX', {
  severity: 'blocker',
  message: (f) =>
    onGateways(
      f.addresses,
      (names, gateway) =>
        `${named('address', names)} ${agree(names, 'comes', 'come')} from a custom IP prefix (BYOIP), which the StandardV2 NAT gateway ${gateway} does not support`,
    ),
  remedy: 'Use StandardV2 addresses that Microsoft owns, or use a Standard NAT gateway.',
  source: documented('nat-sku', 'troubleshoot-nat'),
})

export const UANAT_ZONE_MISMATCH = rule<{ addresses: GatewayAddress[] }>('UANAT_ZONE_MISMATCH', {
  severity: 'blocker',
  message: (f) =>
    onGateways(
      f.addresses,
      (names, gateway) =>
        `${named('address', names)} ${agree(names, 'is not in the zone of its', 'are not in the zone of their')} NAT gateway ${gateway}`,
    ),
  remedy:
    'Use zone-redundant addresses or addresses in the zone of the NAT gateway, or use a NAT gateway without a zone.',
  source: documented('troubleshoot-nat', 'nat-availability-zones'),
})

/** The addresses of customer-managed NAT gateways must be compatible with the gateway and the cluster. */
export const checkUserNatGatewayAddresses: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  const { snapshot } = context
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
  const addressesWhere = (
    condition: (address: HeldAddress, gateway: NatGatewayFacts) => boolean,
  ): GatewayAddress[] =>
    gateways.flatMap((gateway) =>
      heldBy(gateway, snapshot)
        .filter((address) => condition(address, gateway))
        .map((address) => ({ name: lastSegment(address.id), gateway: lastSegment(gateway.id) })),
    )
  return [
    ...counts(gateways, snapshot),
    ...prefixSizes(gateways, snapshot),
    ...UANAT_IP_SKU.ifAny({ addresses: addressesWhere(hasOtherSku) }),
    ...UANAT_IP_ROUTING_PREF.ifAny({
      addresses: addressesWhere(({ routingPreferenceInternet }) => routingPreferenceInternet),
    }),
    ...UANAT_IP_DDOS.ifAny({ addresses: addressesWhere(({ ddosProtected }) => ddosProtected) }),
    ...UANAT_CUSTOM_PREFIX.ifAny({
      addresses: addressesWhere(({ isCustom }, gateway) => isCustom && isStandardV2(gateway)),
    }),
    ...UANAT_ZONE_MISMATCH.ifAny({ addresses: addressesWhere(isInOtherZone) }),
    ...withoutIpv6(gateways, snapshot),
  ]
}

/** A single address or a prefix of a NAT gateway. The same conditions apply to both (troubleshoot-nat). */
interface HeldAddress extends Pick<PublicIpFacts, 'id' | 'sku' | 'zones'> {
  routingPreferenceInternet: boolean
  ddosProtected: boolean
  isCustom: boolean
}

function heldBy(gateway: NatGatewayFacts, snapshot: Snapshot): HeldAddress[] {
  const prefixes = Object.values(snapshot.publicIpPrefixes)
  const isFromCustom = ({ id }: PublicIpFacts) =>
    prefixes.some(
      (prefix) => prefix.customIpPrefixId !== null && prefix.publicIpIds.some((ip) => equalsArm(ip, id)),
    )
  return [
    ...ipsOf(gateway, snapshot).map((ip) => ({ ...ip, isCustom: isFromCustom(ip) })),
    ...prefixesOf(gateway, snapshot).map((prefix) => ({
      ...prefix,
      isCustom: prefix.customIpPrefixId !== null,
      // A prefix has no protection of its own; the addresses that were created from it can have it.
      ddosProtected: prefix.publicIpIds.some((id) => snapshot.publicIps[idKey(id)]?.ddosProtected === true),
    })),
  ]
}

export const UANAT_TOO_MANY_ADDRESSES = rule<{ gateways: { gateway: string; ipv4: number; ipv6: number }[] }>(
  'UANAT_TOO_MANY_ADDRESSES',
  {
    severity: 'blocker',
    message: (f) =>
      `A NAT gateway supports at most 16 addresses per IP family, but ${listed(f.gateways.map(({ gateway, ipv4, ipv6 }) => `the NAT gateway \`${gateway}\` has ${counted(ipv4, 'IPv4 address')} and ${counted(ipv6, 'IPv6 address')}`))}.`,
    remedy: (f) =>
      `Remove addresses from ${eachOf('NAT gateway', f.gateways)} until it has at most 16 addresses of each IP family.`,
    source: documented('nat-sku', 'troubleshoot-nat'),
  },
)

function counts(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  const overfull = gateways
    .map((gateway) => ({
      gateway: lastSegment(gateway.id),
      ipv4: addressesOf(gateway, 'IPv4', snapshot),
      ipv6: addressesOf(gateway, 'IPv6', snapshot),
    }))
    .filter(({ ipv4, ipv6 }) => ipv4 > MAX_ADDRESSES || ipv6 > MAX_ADDRESSES)
  return UANAT_TOO_MANY_ADDRESSES.ifAny({ gateways: overfull })
}

function addressesOf(gateway: NatGatewayFacts, family: 'IPv4' | 'IPv6', snapshot: Snapshot): number {
  const ips = ipsOf(gateway, snapshot).filter(({ version }) => version === family).length
  const prefixes = prefixesOf(gateway, snapshot).filter(({ version }) => version === family)
  return prefixes.reduce((sum, { prefixLength }) => sum + prefixAddressCount(prefixLength, family), ips)
}

export const UANAT_PREFIX_SIZE = rule<{ prefixes: { name: string; prefixLength: number }[] }>(
  'UANAT_PREFIX_SIZE',
  {
    severity: 'blocker',
    message: (f) =>
      `The ${agree(f.prefixes, 'prefix', 'prefixes')} ${listed(f.prefixes.map(({ name, prefixLength }) => `\`${name}\` (/${prefixLength})`))} ${agree(f.prefixes, 'is', 'are')} too large for a NAT gateway.`,
    remedy: 'Use IPv4 prefixes from /28 to /31, and IPv6 prefixes from /124 to /127.',
    source: documented('troubleshoot-nat', 'nat-sku', 'public-ip-address-prefix'),
  },
)

function prefixSizes(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  const prefixes = gateways
    .flatMap((gateway) => prefixesOf(gateway, snapshot))
    .filter(({ prefixLength, version }) => prefixLength < MIN_PREFIX_LENGTH[version])
    .map(({ id, prefixLength }) => ({ name: lastSegment(id), prefixLength }))
  return UANAT_PREFIX_SIZE.ifAny({ prefixes })
}

function hasOtherSku(address: HeldAddress, gateway: NatGatewayFacts): boolean {
  return !equalsArm(address.sku, isStandardV2(gateway) ? 'StandardV2' : 'Standard')
}

/** A zonal gateway needs zone-redundant addresses or addresses of its zone; a gateway without a zone accepts any (troubleshoot-nat). */
function isInOtherZone(address: HeldAddress, gateway: NatGatewayFacts): boolean {
  const [zone, ...others] = gateway.zones
  return !isStandardV2(gateway) && zone !== undefined && others.length === 0 && !address.zones.includes(zone)
}

export const UANAT_DUALSTACK_NO_V6 = rule<{ gateways: string[] }>('UANAT_DUALSTACK_NO_V6', {
  severity: 'warning',
  message: (f) =>
    `The dual-stack cluster would have no IPv6 egress through ${named('NAT gateway', f.gateways)}, which ${agree(f.gateways, 'has', 'have')} no IPv6 address.`,
  remedy: (f) => `Add a StandardV2 IPv6 address or prefix to ${eachOf('NAT gateway', f.gateways)}.`,
  source: documented('azure-cni-overlay', 'nat-sku'),
})

function withoutIpv6(gateways: NatGatewayFacts[], snapshot: Snapshot): Finding[] {
  if (!snapshot.cluster.ipFamilies.includes('IPv6')) return []
  const ipv4Only = gateways.filter(
    (gateway) => isStandardV2(gateway) && addressesOf(gateway, 'IPv6', snapshot) === 0,
  )
  return UANAT_DUALSTACK_NO_V6.ifAny({ gateways: namesOf(ipv4Only) })
}

/** One sentence with a clause for each gateway, about its addresses together. */
function onGateways(
  addresses: GatewayAddress[],
  clause: (names: string[], gateway: string) => string,
): string {
  const clauses = groupedClauses(addresses, 'name', 'gateway', (names, gateway) =>
    clause(names, `\`${gateway}\``),
  )
  return capitalized(`${clauses.join('; ')}.`)
}
