import type {
  FirewallFacts,
  LoadBalancerFacts,
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  SubnetFacts,
} from './network-facts.ts'
import { groupKey, idKey } from './resource-id.ts'
import type { NetworkSecurityGroupFacts } from './security-rules.ts'
import type { ClusterFacts, Snapshot } from './snapshot.ts'

/** The network resources that were read, before they are joined with a cluster; keyed by id in lower case. */
export interface NetworkCollection {
  virtualNetworks: Record<string, { id: string; subnets: SubnetFacts[] }>
  natGateways: Record<string, NatGatewayFacts>
  publicIPAddresses: Record<string, PublicIpFacts>
  publicIPPrefixes: Record<string, PublicIpPrefixFacts>
  routeTables: Record<string, RouteTableFacts>
  loadBalancers: Record<string, LoadBalancerFacts>
  azureFirewalls: Record<string, FirewallFacts>
  networkSecurityGroups: Record<string, NetworkSecurityGroupFacts>
}

export function emptyCollection(): NetworkCollection {
  return {
    virtualNetworks: {},
    natGateways: {},
    publicIPAddresses: {},
    publicIPPrefixes: {},
    routeTables: {},
    loadBalancers: {},
    azureFirewalls: {},
    networkSecurityGroups: {},
  }
}

/** The network part of a snapshot, without the subnets. */
export function networkOf(
  collection: NetworkCollection,
): Pick<
  Snapshot,
  | 'natGateways'
  | 'publicIps'
  | 'publicIpPrefixes'
  | 'routeTables'
  | 'loadBalancers'
  | 'firewalls'
  | 'networkSecurityGroups'
> {
  return {
    natGateways: collection.natGateways,
    publicIps: collection.publicIPAddresses,
    publicIpPrefixes: collection.publicIPPrefixes,
    routeTables: collection.routeTables,
    loadBalancers: collection.loadBalancers,
    firewalls: collection.azureFirewalls,
    networkSecurityGroups: collection.networkSecurityGroups,
  }
}

/** A subnet by its id, found in its virtual network; undefined when that network was not read. */
export function subnetOf(collection: NetworkCollection, id: string): SubnetFacts | undefined {
  return collection.virtualNetworks[vnetKeyOf(id)]?.subnets.find((each) => idKey(each.id) === idKey(id))
}

/**
 * The subnets of the virtual networks in the node resource group. A subscription can hold thousands, of which the
 * keys tell; lowering their ids once more for every question is what this spares.
 */
export function managedSubnetsIn(
  { subscriptionId, nodeResourceGroup }: Pick<ClusterFacts, 'subscriptionId' | 'nodeResourceGroup'>,
  { virtualNetworks }: NetworkCollection,
): SubnetFacts[] {
  const group = groupKey(subscriptionId, nodeResourceGroup)
  return Object.keys(virtualNetworks).flatMap((key) =>
    key.startsWith(group) ? (virtualNetworks[key]?.subnets ?? []) : [],
  )
}

/** The key of the virtual network that a subnet id lies in. */
export function vnetKeyOf(subnetId: string): string {
  return idKey(subnetId).replace(/\/subnets\/[^/]+$/, '')
}
