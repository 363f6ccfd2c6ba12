import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { type NetworkCollection, vnetKeyOf } from './assemble.ts'
import type { FirewallFacts, VirtualNetworkFacts } from './network-facts.ts'

/**
 * Whether packets from a subnet reach a firewall that is the next hop of a route. Routes name an appliance only by its
 * private address, and other virtual networks can use the same address. The next hop must be in the virtual network of
 * the subnet, in a peered network, or in the virtual hub of the network (virtual-networks-udr-overview). False if the
 * virtual network that shows the peerings was not read.
 */
export function reachesFirewall(
  subnetId: string,
  { subnetIds, virtualHubId }: Pick<FirewallFacts, 'subnetIds' | 'virtualHubId'>,
  { virtualNetworks }: Pick<NetworkCollection, 'virtualNetworks'>,
): boolean {
  const own = vnetKeyOf(subnetId)
  const peers = peersOf(virtualNetworks[own])
  return (
    subnetIds.some((id) => [own, ...peers].map(idKey).includes(vnetKeyOf(id))) ||
    (virtualHubId !== null && hubsIn(peers).some((hub) => equalsArm(hub, lastSegment(virtualHubId))))
  )
}

/** The names of the virtual hubs that the networks of these subnets are connected to. */
export function connectedHubs(
  subnets: readonly { id: string }[],
  { virtualNetworks }: Pick<NetworkCollection, 'virtualNetworks'>,
): string[] {
  return [...new Set(subnets.flatMap(({ id }) => hubsIn(peersOf(virtualNetworks[vnetKeyOf(id)]))))]
}

function hubsIn(networkIds: string[]): string[] {
  return networkIds.flatMap((id) => hubNameOf(id) ?? [])
}

/** The IDs of the networks that a virtual network is connected to. Peering is not transitive. */
function peersOf(network: VirtualNetworkFacts | undefined): string[] {
  const connected = network?.peerings.filter(({ isConnected }) => isConnected) ?? []
  return connected.flatMap(({ remoteVirtualNetworkId }) => remoteVirtualNetworkId ?? [])
}

/**
 * The name of the virtual hub that a peering connects; null for a peering between virtual networks. The remote network
 * is in a subscription of Microsoft: `RG_{hub}_{guid}/…/HV_{hub}_{guid}` (observed).
 */
export function hubNameOf(remoteVirtualNetworkId: string | null): string | null {
  const pattern =
    /\/resourceGroups\/RG_([^/]+)_[0-9a-f-]{36}\/providers\/Microsoft\.Network\/virtualNetworks\/HV_/i
  return pattern.exec(remoteVirtualNetworkId ?? '')?.[1] ?? null
}
