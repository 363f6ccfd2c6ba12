import type { NatGatewayFacts, PublicIpFacts, PublicIpPrefixFacts, SubnetFacts } from './network-facts.ts'
import { idKey } from './resource-id.ts'
import type { Snapshot } from './snapshot.ts'

/** The NAT gateways on these subnets that could be read, each once. */
export function gatewaysOn(subnets: SubnetFacts[], snapshot: Snapshot): NatGatewayFacts[] {
  const keys = new Set(
    subnets.flatMap((each) => (each.natGatewayId === null ? [] : [idKey(each.natGatewayId)])),
  )
  return [...keys].flatMap((key) => snapshot.natGateways[key] ?? [])
}

/** The gateway's single addresses that could be read. */
export function ipsOf(gateway: NatGatewayFacts, snapshot: Snapshot): PublicIpFacts[] {
  return gateway.publicIpIds.flatMap((id) => snapshot.publicIps[idKey(id)] ?? [])
}

/** The gateway's prefixes that could be read. */
export function prefixesOf(gateway: NatGatewayFacts, snapshot: Snapshot): PublicIpPrefixFacts[] {
  return gateway.publicIpPrefixIds.flatMap((id) => snapshot.publicIpPrefixes[idKey(id)] ?? [])
}

export function isStandardV2(gateway: NatGatewayFacts): boolean {
  return gateway.sku.toLowerCase() === 'standardv2'
}
