import { idKey } from '../arm/resource-id.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { connectedHubs } from '../snapshot/reachable-firewalls.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { virtualNetworkOf } from './destinations.ts'

/** What indicates that the network learns routes over BGP. */
export type BgpSign = 'gateway' | 'peering' | 'routeServer' | 'virtualHub'

/**
 * Why a default route may arrive over BGP, which takes precedence over NAT gateway and load balancer (nat-overview,
 * order of precedence) and which ARM does not show; null if nothing indicates such a route.
 */
export function bgpSignOf(subnet: SubnetFacts, snapshot: Snapshot): BgpSign | null {
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  if (table?.disableBgpRoutePropagation === true) return null
  const network = virtualNetworkOf(subnet, snapshot)
  if (network?.hasVirtualNetworkGateway === true) return 'gateway'
  if (connectedHubs([subnet], snapshot).length > 0) return 'virtualHub'
  const isRemote = network?.peerings.some(
    ({ useRemoteGateways, isConnected }) => useRemoteGateways && isConnected,
  )
  if (isRemote === true) return 'peering'
  return network?.hasRouteServer === true ? 'routeServer' : null
}

/**
 * Whether the virtual network was read and has no virtual network gateway: neither its own nor that of a peered network or
 * virtual hub. Inferred: Azure then drops packets with the next hop type `VirtualNetworkGateway`
 * (virtual-networks-udr-overview).
 */
export function lacksNetworkGateway(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const network = virtualNetworkOf(subnet, snapshot)
  if (network === undefined || network.hasVirtualNetworkGateway) return false
  if (connectedHubs([subnet], snapshot).length > 0) return false
  return !network.peerings.some(({ useRemoteGateways, isConnected }) => useRemoteGateways && isConnected)
}
