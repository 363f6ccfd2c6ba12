import type { ClusterRef } from '../../contract/cluster.ts'
import { foldCase } from '../lib/fold-case.ts'
import { distinctBy } from '../lib/lists.ts'
/** The parts of an ARM resource id that this service reads. */
export interface ResourceId {
  subscriptionId: string
  resourceGroup: string
  /** Such as `Microsoft.Network/virtualNetworks/subnets`, in the spelling of the id. */
  type: string
  /** The name of the resource itself, the last segment. */
  name: string
}

const SHAPE = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i

/** Takes an ARM id apart; null for anything that is not the id of a resource in a resource group. */
export function parseResourceId(id: string): ResourceId | null {
  const match = SHAPE.exec(id)
  if (match === null) return null
  const [, subscriptionId, resourceGroup, namespace, rest] = match
  const segments = (rest ?? '').split('/')
  if (segments.length % 2 !== 0 || segments.some((segment) => segment === '')) return null
  const types = segments.filter((_, index) => index % 2 === 0)
  return {
    subscriptionId: subscriptionId ?? '',
    resourceGroup: resourceGroup ?? '',
    type: [namespace, ...types].join('/'),
    name: segments.at(-1) ?? '',
  }
}

/** The form to compare and to key by: ARM compares ids without case (recordings/README). */
export function idKey(id: string): string {
  return foldCase(id)
}

/** Each id once, compared as ARM does: at the place of the first, in the spelling of the last. */
export function distinctIds(ids: readonly string[]): string[] {
  return distinctBy(ids, idKey)
}

/** The id of the route table that a route's id lies in. */
export function routeTableOf(routeId: string): string {
  return routeId.replace(/\/routes\/[^/]+$/i, '')
}

/** Whether the id is that of a route within a table. */
export function isRoute(id: string): boolean {
  return /\/routeTables\/[^/]+\/routes\/[^/]+$/i.test(id)
}

/** The last segment of an id, for sentences. */
export function lastSegment(id: string): string {
  return id.split('/').at(-1) ?? id
}

/** The names of resources, for sentences. */
export function namesOf(resources: readonly { id: string }[]): string[] {
  return resources.map(({ id }) => lastSegment(id))
}

/** The name of the resource that an id belongs to, also when the id is that of a part of it, such as a frontend. */
export function parentResourceName(id: string): string {
  return /\/providers\/[^/]+\/[^/]+\/([^/]+)/i.exec(id)?.[1] ?? lastSegment(id)
}

/** Whether the resource lies in this resource group, compared as ARM does. */
export function isInResourceGroup(id: string, subscriptionId: string, resourceGroup: string): boolean {
  return idKey(id).startsWith(groupKey(subscriptionId, resourceGroup))
}

/** What the keys of all resources of a resource group begin with. */
export function groupKey(subscriptionId: string, resourceGroup: string): string {
  return idKey(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/`)
}

/** The subscription that an id or a URL names; empty where it names none. */
export function subscriptionOf(id: string): string {
  return /\/subscriptions\/([^/?]+)/i.exec(id)?.[1] ?? ''
}

/** The id of a managed cluster, in ARM's documented spelling. */
export function clusterId(ref: ClusterRef): string {
  return `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${ref.name}`
}

/** The id of the resource group in which AKS makes what belongs to a cluster. */
export function nodeGroupId(cluster: { subscriptionId: string; nodeResourceGroup: string }): string {
  return `/subscriptions/${cluster.subscriptionId}/resourceGroups/${cluster.nodeResourceGroup}`
}

/** The id of the load balancer that AKS keeps for a cluster. */
export function aksLoadBalancerId(cluster: { subscriptionId: string; nodeResourceGroup: string }): string {
  return `${nodeGroupId(cluster)}/providers/Microsoft.Network/loadBalancers/kubernetes`
}

export const RESOURCE_TYPES = {
  cluster: 'Microsoft.ContainerService/managedClusters',
  loadBalancer: 'Microsoft.Network/loadBalancers',
  natGateway: 'Microsoft.Network/natGateways',
  publicIp: 'Microsoft.Network/publicIPAddresses',
  publicIpPrefix: 'Microsoft.Network/publicIPPrefixes',
  routeTable: 'Microsoft.Network/routeTables',
  route: 'Microsoft.Network/routeTables/routes',
  networkSecurityGroup: 'Microsoft.Network/networkSecurityGroups',
  subnet: 'Microsoft.Network/virtualNetworks/subnets',
  registry: 'Microsoft.ContainerRegistry/registries',
  identity: 'Microsoft.ManagedIdentity/userAssignedIdentities',
} as const

/** The types of nodes, which this service runs a command on and never changes. */
export const COMPUTE_TYPES = {
  scaleSet: 'Microsoft.Compute/virtualMachineScaleSets',
  scaleSetInstance: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
  virtualMachine: 'Microsoft.Compute/virtualMachines',
} as const

/** The resource type that a public IP or prefix id names. */
export function addressType(id: string): string {
  return /\/publicIPPrefixes\//i.test(id) ? RESOURCE_TYPES.publicIpPrefix : RESOURCE_TYPES.publicIp
}
