import { aksLoadBalancerId, idKey, subscriptionOf } from '../arm/resource-id.ts'
import { distinctBy } from '../lib/lists.ts'
import {
  gatewayOfNetwork,
  gatewayOfSubnet,
  managedSubnetsIn,
  type NetworkCollection,
  servedNetworks,
  subnetOf,
  vnetKeyOf,
} from './assemble.ts'
import type { FirewallFacts, SubnetFacts } from './network-facts.ts'
import { customerIpIds } from './network-profile.ts'
import { hubNameOf, reachesFirewall } from './reachable-firewalls.ts'
import type { ClusterFacts } from './snapshot.ts'
import { readVnet, subnetIdsOf } from './vnet-kind.ts'

/** A network resource that the plan needs, by the kind under which it is read. */
export interface RequiredRead {
  kind: keyof NetworkCollection
  id: string
}

/**
 * What a plan for this cluster must read, as far as earlier reads show it: the subnets of its pools, what is attached
 * to them, and every address in use. The plan adds a route to `requestedHop`.
 */
export function requiredReads(
  cluster: ClusterFacts,
  collection: NetworkCollection,
  requestedIds: string[],
  requestedHop: string | null = null,
): RequiredRead[] {
  const references = [
    ...subnetIdsOf(cluster).map((id) => ({ kind: 'virtualNetworks' as const, id: vnetIdOf(id) })),
    ...attachedTo(cluster, collection, requestedHop),
    ...gatewaysAmong(requestedIds),
    ...tablesAmong(requestedIds),
    ...addressIds(cluster, collection, requestedIds, requestedHop).map(addressReference),
    { kind: 'loadBalancers' as const, id: aksLoadBalancerId(cluster) },
  ]
  return distinctBy(references, ({ kind, id }) => `${kind} ${idKey(id)}`)
}

/** Those that are not read yet. */
export function missingReads(references: RequiredRead[], collection: NetworkCollection): RequiredRead[] {
  return references.filter(({ kind, id }) => collection[kind][idKey(id)] === undefined)
}

/** Subscriptions other than the cluster's own in which its network lies. */
export function otherSubscriptions(cluster: ClusterFacts, requestedIds: string[]): string[] {
  const ids = [...subnetIdsOf(cluster), ...requestedIds]
  const subscriptions = ids.flatMap((id) => /^\/subscriptions\/([^/]+)\//i.exec(id)?.[1]?.toLowerCase() ?? [])
  return [...new Set(subscriptions)].filter((id) => id !== idKey(cluster.subscriptionId))
}

/**
 * Subscriptions of peered networks that may hold the firewall behind a route and were not listed. Routes name an appliance
 * only by its private address. Empty where every appliance is found. The plan adds a route to `requestedHop`.
 */
export function hubSubscriptions(
  cluster: ClusterFacts,
  collection: NetworkCollection,
  requestedHop: string | null,
): string[] {
  const networks = subnetsOf(cluster, collection)
    .filter((subnet) => hasUnknownHop(subnet, collection, requestedHop))
    .flatMap(({ id }) => collection.virtualNetworks[vnetKeyOf(id)] ?? [])
  const remote = networks.flatMap(({ peerings }) =>
    peerings.flatMap(({ remoteVirtualNetworkId: id }) => (id === null || hubNameOf(id) !== null ? [] : [id])),
  )
  const listed = [cluster.subscriptionId, ...otherSubscriptions(cluster, [])].map(idKey)
  return [...new Set(remote.map(subscriptionOf).map(idKey))].filter((id) => id !== '' && !listed.includes(id))
}

/** Whether no firewall that packets from the subnet reach is known at a next hop of its routes, or at `requestedHop`. */
function hasUnknownHop(
  subnet: SubnetFacts,
  collection: NetworkCollection,
  requestedHop: string | null,
): boolean {
  return hopsFrom(subnet, collection, requestedHop).some(
    (hop) => firewallsAt(hop, subnet, collection).length === 0,
  )
}

/**
 * The resources attached to the cluster's subnets, and to those of the firewalls behind their routes: the gateway of a
 * firewall translates its packets, and its routes may send them to another hop. Only their virtual networks show this.
 */
function attachedTo(
  cluster: ClusterFacts,
  collection: NetworkCollection,
  requestedHop: string | null,
): RequiredRead[] {
  const own = attachedToOwn(cluster, collection)
  const served = servedNetworks(collection.natGateways)
  const behind = nextHopFirewalls(cluster, collection, requestedHop).flatMap(({ subnetIds }) =>
    subnetIds.flatMap((id) => [
      { kind: 'virtualNetworks' as const, id: vnetIdOf(id) },
      ...gatewayRead(gatewayOfSubnet(id, collection, served)),
      ...tableRead(subnetOf(collection, id)?.routeTableId ?? null),
    ]),
  )
  return [...own, ...behind]
}

/** The resources attached to the cluster's subnets. A NAT gateway can also be attached to their virtual network. */
function attachedToOwn(cluster: ClusterFacts, collection: NetworkCollection): RequiredRead[] {
  const served = servedNetworks(collection.natGateways)
  return subnetsOf(cluster, collection).flatMap((subnet) => [
    ...gatewayRead(subnet.natGatewayId ?? gatewayOfNetwork(subnet.id, collection, served)),
    ...tableRead(subnet.routeTableId),
    ...(subnet.networkSecurityGroupId === null
      ? []
      : [{ kind: 'networkSecurityGroups' as const, id: subnet.networkSecurityGroupId }]),
  ])
}

function tableRead(id: string | null): RequiredRead[] {
  return id === null ? [] : [{ kind: 'routeTables', id }]
}

function gatewayRead(id: string | null): RequiredRead[] {
  return id === null ? [] : [{ kind: 'natGateways', id }]
}

/** The cluster's subnets as far as they were read; in a managed VNet those that AKS made, because a pool names none of them. */
export function subnetsOf(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  if (readVnet(cluster).kind === 'byo')
    return subnetIdsOf(cluster).flatMap((id) => subnetOf(collection, id) ?? [])
  return managedSubnetsIn(cluster, collection)
}

/** The addresses of appliances at the next hops of the routes of a subnet, and `requestedHop`. */
function hopsFrom(
  { routeTableId }: SubnetFacts,
  { routeTables }: NetworkCollection,
  requestedHop: string | null,
): string[] {
  const routes = routeTables[idKey(routeTableId ?? '')]?.routes ?? []
  const hops = routes.flatMap(({ nextHopIpAddress, nextHopIpAddresses = [] }) => [
    nextHopIpAddress,
    ...nextHopIpAddresses,
  ])
  return [...hops, requestedHop].filter((hop) => hop !== null)
}

/** The firewalls that packets from a subnet reach at a private address. */
function firewallsAt(hop: string, { id }: SubnetFacts, collection: NetworkCollection): FirewallFacts[] {
  return Object.values(collection.azureFirewalls).filter(
    (item) => item.privateAddresses.includes(hop) && reachesFirewall(id, item, collection),
  )
}

/** The firewalls at the next hops of the cluster's routes, and at `requestedHop`. */
export function nextHopFirewalls(
  cluster: ClusterFacts,
  collection: NetworkCollection,
  requestedHop: string | null,
): FirewallFacts[] {
  const found = subnetsOf(cluster, collection).flatMap((subnet) =>
    hopsFrom(subnet, collection, requestedHop).flatMap((hop) => firewallsAt(hop, subnet, collection)),
  )
  return distinctBy(found, ({ id }) => idKey(id))
}

function addressIds(
  cluster: ClusterFacts,
  collection: NetworkCollection,
  requestedIds: string[],
  requestedHop: string | null,
): string[] {
  const attached = [...attachedTo(cluster, collection, requestedHop), ...gatewaysAmong(requestedIds)]
  const firewalls = nextHopFirewalls(cluster, collection, requestedHop).flatMap(
    ({ publicIpIds }) => publicIpIds,
  )
  const gateways = attached.flatMap(({ kind, id }) => {
    const gateway = kind === 'natGateways' ? collection.natGateways[idKey(id)] : undefined
    return gateway === undefined ? [] : [...gateway.publicIpIds, ...gateway.publicIpPrefixIds]
  })
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile].flatMap((profile) => [
    ...(profile?.effectiveOutboundIpIds ?? []),
    ...customerIpIds(profile),
  ])
  const nodePrefixes = cluster.agentPools.flatMap((pool) => pool.nodePublicIpPrefixIds)
  return [
    ...gateways,
    ...firewalls,
    ...profiles,
    ...nodePrefixes,
    ...requestedIds.filter((id) => !isGateway(id) && !isTable(id)),
  ]
}

function gatewaysAmong(requestedIds: string[]): RequiredRead[] {
  return requestedIds.filter(isGateway).map((id) => ({ kind: 'natGateways', id }))
}

function tablesAmong(requestedIds: string[]): RequiredRead[] {
  return requestedIds.filter(isTable).map((id) => ({ kind: 'routeTables', id }))
}

function isTable(id: string): boolean {
  return /\/routeTables\//i.test(id)
}

function isGateway(id: string): boolean {
  return /\/natGateways\//i.test(id)
}

function addressReference(id: string): RequiredRead {
  return { kind: /\/publicIPPrefixes\//i.test(id) ? 'publicIPPrefixes' : 'publicIPAddresses', id }
}

function vnetIdOf(subnetId: string): string {
  return subnetId.slice(0, vnetKeyOf(subnetId).length)
}
