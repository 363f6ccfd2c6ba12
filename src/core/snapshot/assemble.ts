import type { Unread } from '../../contract/preflight.ts'
import { groupKey, idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isReservedSubnet } from './neighbours.ts'
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
import type { AgentPoolFacts, ClusterFacts, Snapshot, Surroundings } from './snapshot.ts'
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
export function subnetOf(
  { virtualNetworks }: Pick<NetworkCollection, 'virtualNetworks'>,
  id: string,
): SubnetFacts | undefined {
  return virtualNetworks[vnetKeyOf(id)]?.subnets.find((subnet) => idKey(subnet.id) === idKey(id))
}

/**
 * The node subnets of a managed VNet, which lies in the node resource group (inferred). A subscription can hold
 * thousands of networks; comparing their keys avoids changing the case of every ID again.
 */
export function managedSubnetsIn(
  { subscriptionId, nodeResourceGroup }: Pick<ClusterFacts, 'subscriptionId' | 'nodeResourceGroup'>,
  { virtualNetworks }: NetworkCollection,
): SubnetFacts[] {
  const group = groupKey(subscriptionId, nodeResourceGroup)
  return Object.keys(virtualNetworks)
    .filter((key) => key.startsWith(group))
    .flatMap((key) => virtualNetworks[key]?.subnets ?? [])
    .filter(canHoldNodes)
}

/**
 * Whether nodes of a managed VNet can be in a subnet. Add-ons create other subnets beside theirs: for an application
 * gateway, and delegated ones for the API server and virtual nodes (api-server-vnet-integration, virtual-nodes).
 */
function canHoldNodes({ id, hasApplicationGateway, delegations }: SubnetFacts): boolean {
  return !hasApplicationGateway && delegations.length === 0 && !isReservedSubnet(id)
}

/** The key of the virtual network that a subnet id lies in. */
export function vnetKeyOf(subnetId: string): string {
  const key = idKey(subnetId)
  const end = key.lastIndexOf('/')
  return key.endsWith('/subnets', end) && end < key.length - 1 ? key.slice(0, end - '/subnets'.length) : key
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
 * The subnets that the cluster names. An unread subnet is left out and listed in `unread`: an empty subnet would
 * claim that nothing is attached to it.
 */
function byoSubnets(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  return subnetIdsOf(cluster).flatMap((id) => {
    const subnet = subnetOf(collection, id)
    return subnet === undefined ? [] : [{ ...subnet, pools: poolsIn(cluster, id) }]
  })
}

/** A system pool that AKS hosts names no subnet itself; the hosted system profile does. */
function poolsIn(cluster: ClusterFacts, subnetId: string): string[] {
  const key = idKey(subnetId)
  const idsOf = ({ vnetSubnetId, podSubnetId, mode }: AgentPoolFacts) => {
    const isHosted = vnetSubnetId === null && equalsArm(mode, 'ManagedSystem')
    return [isHosted ? cluster.hostedSystemSubnetId : vnetSubnetId, podSubnetId]
  }
  return cluster.agentPools
    .filter((pool) => idsOf(pool).some((id) => id !== null && idKey(id) === key))
    .map((pool) => pool.name)
}

/** The subnets of a managed VNet, which all pools share. */
function managedSubnets(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  return managedSubnetsIn(cluster, collection).map((subnet) => ({ ...subnet, pools: [] }))
}

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
