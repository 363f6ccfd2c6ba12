import { idKey } from '../arm/resource-id.ts'
import { vnetKeyOf } from './assemble.ts'
import type { FirewallFacts, SubnetFacts, VirtualNetworkFacts } from './network-facts.ts'

/** The networks and firewalls that were read. */
interface Networks {
  subnets: Pick<SubnetFacts, 'id'>[]
  virtualNetworks: Record<string, VirtualNetworkFacts>
  firewalls: Record<string, FirewallFacts>
}

/**
 * The Azure Firewalls that a route of these subnets can have as next hop. Routes name a firewall only by its private
 * address, which other virtual networks may use too. Azure delivers packets only to a next hop in the own virtual network
 * or in a network connected to it (virtual-networks-udr-overview). A firewall counts as long as ARM does not show that
 * nothing connects it.
 */
export function reachableFirewalls({ subnets, virtualNetworks, firewalls }: Networks): FirewallFacts[] {
  const networks = [...new Set(subnets.map(({ id }) => vnetKeyOf(id)))]
  const reach = networks.map((key) => reachOf(key, virtualNetworks[key]))
  return Object.values(firewalls).filter((firewall) => reach.some((isInReach) => isInReach(firewall)))
}

function reachOf(
  key: string,
  network: VirtualNetworkFacts | undefined,
): (firewall: FirewallFacts) => boolean {
  if (network === undefined) return () => true
  const connected = network.peerings.filter(({ isConnected }) => isConnected)
  const keys = new Set([
    key,
    ...connected.map(({ remoteVirtualNetworkId }) => idKey(remoteVirtualNetworkId ?? '')),
  ])
  // ARM does not show which virtual hub a peering connects to.
  return ({ subnetIds }) =>
    subnetIds.length === 0 ? connected.length > 0 : subnetIds.some((id) => keys.has(vnetKeyOf(id)))
}
