import type { BgpSign } from '../egress/learned-routes.ts'
import { connectedHubs } from '../snapshot/reachable-firewalls.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** What indicates that the network learns routes over BGP, as a clause. */
export const BGP_SIGNS: Record<BgpSign, string> = {
  gateway: 'the virtual network has a virtual network gateway',
  peering: 'a peering of the virtual network uses remote gateways',
  routeServer: 'the virtual network has a subnet for Azure Route Server',
  virtualHub: 'the virtual network is connected to a virtual hub',
}

/** The virtual hub that the network of the cluster is connected to, as a fact of a finding. A network has at most one. */
export function hubFact(snapshot: Snapshot): { hub?: string } {
  const [hub] = connectedHubs(snapshot.subnets, snapshot)
  return hub === undefined ? {} : { hub }
}

/**
 * The step that shows routes that are learned over BGP, as a sentence without its period. The route tables of a virtual
 * hub determine the learned routes of its connections (effective-routes-virtual-hub).
 */
export function listLearnedRoutes(hub?: string, purpose = 'before you execute the plan'): string {
  return hub === undefined
    ? `Run \`az network nic show-effective-route-table\` for the network interface of a node ${purpose}`
    : `Run \`az network vhub get-effective-routes\` for the virtual hub \`${hub}\` ${purpose}, with \`--resource-type HubVirtualNetworkConnection\` and the ID of the connection of the virtual network in \`--resource-id\``
}
