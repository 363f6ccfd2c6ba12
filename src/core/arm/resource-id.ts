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

/** The parts of an ARM ID; null for any text that is not the ID of a resource in a resource group. */
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

/** The form for comparisons and keys, because ARM compares IDs ignoring case (recordings/README). */
export function idKey(id: string): string {
  return foldCase(id)
}

/** The distinct IDs, compared as in ARM: each at the position of its first occurrence, in the spelling of its last. */
export function distinctIds(ids: readonly string[]): string[] {
  return distinctBy(ids, idKey)
}

/** The ID of the route table in the ID of a route. */
export function routeTableOf(routeId: string): string {
  return routeId.replace(/\/routes\/[^/]+$/i, '')
}

/** Whether the id is that of a route within a table. */
export function isRoute(id: string): boolean {
  return /\/routeTables\/[^/]+\/routes\/[^/]+$/i.test(id)
}

/** The last segment of an id, for sentences. */
export function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}

/** The names of resources, for sentences. */
export function namesOf(resources: readonly { id: string }[]): string[] {
  return resources.map(({ id }) => lastSegment(id))
}

/** The name of the resource of an ID, even if the ID names a part of the resource, such as a frontend. */
export function parentResourceName(id: string): string {
  return /\/providers\/[^/]+\/[^/]+\/([^/]+)/i.exec(id)?.[1] ?? lastSegment(id)
}

/** Whether the resource is in this resource group, compared as in ARM. */
export function isInResourceGroup(id: string, subscriptionId: string, resourceGroup: string): boolean {
  return idKey(id).startsWith(groupKey(subscriptionId, resourceGroup))
}

/** The common prefix of the keys of all resources in a resource group. */
export function groupKey(subscriptionId: string, resourceGroup: string): string {
  return idKey(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/`)
}

/** The subscription in an ID or a URL; empty if there is none. */
export function subscriptionOf(id: string): string {
  return /\/subscriptions\/([^/?]+)/i.exec(id)?.[1] ?? ''
}

/** The id of a managed cluster, in ARM's documented spelling. */
export function clusterId(ref: ClusterRef): string {
  return `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${ref.name}`
}

/** The ID of the node resource group of a cluster. */
export function nodeGroupId(cluster: { subscriptionId: string; nodeResourceGroup: string }): string {
  return `/subscriptions/${cluster.subscriptionId}/resourceGroups/${cluster.nodeResourceGroup}`
}

/** The ID of the AKS-managed load balancer of a cluster. */
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

/** The resource types of nodes, on which this service runs commands and which it never changes. */
export const COMPUTE_TYPES = {
  scaleSet: 'Microsoft.Compute/virtualMachineScaleSets',
  scaleSetInstance: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
  virtualMachine: 'Microsoft.Compute/virtualMachines',
} as const

/** The resource type that a public IP or prefix id names. */
export function addressType(id: string): string {
  return /\/publicIPPrefixes\//i.test(id) ? RESOURCE_TYPES.publicIpPrefix : RESOURCE_TYPES.publicIp
}
