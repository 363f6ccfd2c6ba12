import { idKey } from '../arm/resource-id.ts'
import { type NetworkCollection, subnetOf, vnetKeyOf } from './assemble.ts'
import type { NatGatewayFacts } from './network-facts.ts'

/** The IDs of NAT gateways by the key of each subnet and of each virtual network that they show as served. */
export type ServedNetworks = ReadonlyMap<string, string>

export function servedNetworks(gateways: Record<string, NatGatewayFacts>): ServedNetworks {
  const pairs = Object.values(gateways).flatMap(({ id, subnetIds, sourceVirtualNetworkId }) =>
    [...subnetIds, ...(sourceVirtualNetworkId === null ? [] : [sourceVirtualNetworkId])].map(
      (served) => [idKey(served), id] as const,
    ),
  )
  return new Map(pairs)
}

type Networks = Pick<NetworkCollection, 'virtualNetworks'>

/** The NAT gateway of the whole virtual network of a subnet (StandardV2, nat-overview). */
export function gatewayOfNetwork(
  subnetId: string,
  { virtualNetworks }: Networks,
  served: ServedNetworks,
): string | null {
  const key = vnetKeyOf(subnetId)
  return virtualNetworks[key]?.natGatewayId ?? served.get(key) ?? null
}

/**
 * The NAT gateway of a subnet that is not the cluster's. A gateway of the subnet takes precedence over a gateway of the
 * virtual network. If the virtual network could not be read, the gateways show what they serve.
 */
export function gatewayOfSubnet(subnetId: string, networks: Networks, served: ServedNetworks): string | null {
  return (
    subnetOf(networks, subnetId)?.natGatewayId ??
    served.get(idKey(subnetId)) ??
    gatewayOfNetwork(subnetId, networks, served)
  )
}
