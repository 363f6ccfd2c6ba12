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
  const known = new Set(Object.values(collection.azureFirewalls).flatMap((item) => item.privateAddresses))
  const hops = [...nextHops(attachedToOwn(cluster, collection), collection), requestedHop]
  if (hops.every((hop) => hop === null || known.has(hop))) return []
  const networks = subnetsOf(cluster, collection).flatMap(
    ({ id }) => collection.virtualNetworks[vnetKeyOf(id)] ?? [],
  )
  const remote = networks.flatMap(({ peerings }) =>
    peerings.flatMap(({ remoteVirtualNetworkId }) => remoteVirtualNetworkId ?? []),
  )
  const listed = [cluster.subscriptionId, ...otherSubscriptions(cluster, [])].map(idKey)
  return [...new Set(remote.map(subscriptionOf).map(idKey))].filter((id) => id !== '' && !listed.includes(id))
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
  const behind = nextHopFirewalls(own, collection, requestedHop).flatMap(({ subnetIds }) =>
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

/** The addresses of appliances at the next hops of these route tables; null for other hops. */
function nextHops(references: RequiredRead[], collection: NetworkCollection): (string | null)[] {
  const tables = references.flatMap(({ kind, id }) =>
    kind === 'routeTables' ? (collection.routeTables[idKey(id)] ?? []) : [],
  )
  return tables.flatMap(({ routes }) =>
    routes.flatMap(({ nextHopIpAddress, nextHopIpAddresses = [] }) => [
      nextHopIpAddress,
      ...nextHopIpAddresses,
    ]),
  )
}

/** The firewalls at the next hops of these route tables, and at `requestedHop`. */
function nextHopFirewalls(
  references: RequiredRead[],
  collection: NetworkCollection,
  requestedHop: string | null,
): FirewallFacts[] {
  const hops = [...nextHops(references, collection), requestedHop]
  return Object.values(collection.azureFirewalls).filter(({ privateAddresses }) =>
    privateAddresses.some((address) => hops.includes(address)),
  )
}

function addressIds(
  cluster: ClusterFacts,
  collection: NetworkCollection,
  requestedIds: string[],
  requestedHop: string | null,
): string[] {
  const attached = [...attachedTo(cluster, collection, requestedHop), ...gatewaysAmong(requestedIds)]
  const firewalls = nextHopFirewalls(attached, collection, requestedHop).flatMap(
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
