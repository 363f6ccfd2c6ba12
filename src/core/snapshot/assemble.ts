import type { Unread } from '../../contract/preflight.ts'
import { groupKey, idKey, lastSegment } from '../arm/resource-id.ts'
import type {
  FirewallFacts,
  LoadBalancerFacts,
  NatGatewayFacts,
  NetworkSecurityGroupFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  SubnetFacts,
  VirtualNetworkFacts,
} from './network-facts.ts'
import type { ClusterFacts, Snapshot, Surroundings } from './snapshot.ts'
import { readVnet, subnetIdsOf } from './vnet-kind.ts'

/** The network resources that were read, before they are joined with a cluster; keyed by id in lower case. */
export interface NetworkCollection {
  virtualNetworks: Record<string, VirtualNetworkFacts>
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
function networkOf(
  collection: NetworkCollection,
): Pick<
  Snapshot,
  | 'virtualNetworks'
  | 'natGateways'
  | 'publicIps'
  | 'publicIpPrefixes'
  | 'routeTables'
  | 'loadBalancers'
  | 'firewalls'
  | 'networkSecurityGroups'
> {
  return {
    virtualNetworks: collection.virtualNetworks,
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
  return collection.virtualNetworks[vnetKeyOf(id)]?.subnets.find((subnet) => idKey(subnet.id) === idKey(id))
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

/** Joins what was read into a snapshot: which subnets are the cluster's, and which pools live in each. */
export function assembleSnapshot(
  takenAt: string,
  cluster: ClusterFacts,
  collection: NetworkCollection,
  unread: Unread[],
  surroundings: Surroundings | null = null,
): Snapshot {
  const isByo = readVnet(cluster).kind === 'byo'
  const subnets = isByo ? byoSubnets(cluster, collection) : managedSubnets(cluster, collection)
  return { takenAt, cluster, subnets, ...networkOf(collection), surroundings, unread }
}

/**
 * The subnets that the pools name. One that was not read is left out: it is in `unread`, and to show it
 * bare would claim that nothing is attached to it.
 */
function byoSubnets(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  return subnetIdsOf(cluster).flatMap((id) => {
    const subnet = subnetOf(collection, id)
    return subnet === undefined ? [] : [{ ...subnet, pools: poolsIn(cluster, id) }]
  })
}

function poolsIn(cluster: ClusterFacts, subnetId: string): string[] {
  const key = idKey(subnetId)
  return cluster.agentPools
    .filter((pool) => [pool.vnetSubnetId, pool.podSubnetId].some((id) => id !== null && idKey(id) === key))
    .map((pool) => pool.name)
}

/**
 * In a managed VNet the network lies in the node resource group (inferred). The
 * API server's own subnet is delegated and carries no node traffic.
 */
function managedSubnets(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  return managedSubnetsIn(cluster, collection)
    .filter((subnet) => !/apiserver/i.test(lastSegment(subnet.id)))
    .map((subnet) => ({ ...subnet, pools: [] }))
}
