import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts'

/** The resource type of clusters, as it stands in list keys. */
export const CLUSTER_TYPE = 'microsoft.containerservice/managedclusters'

/** Subscription, group and name of a cluster, from its id. */
export function clusterPlace(cluster: JsonObject): {
  subscription: string
  resourceGroup: string
  name: string
} {
  const segments = (textAt(cluster, 'id') ?? '').split('/')
  return { subscription: segments[2] ?? '', resourceGroup: segments[4] ?? '', name: segments[8] ?? '' }
}

/** The networkProfile of a cluster; an empty object when it has none. */
export function networkProfileOf(cluster: JsonObject): JsonObject {
  return objectAt(cluster, 'properties', 'networkProfile') ?? {}
}

/** The pools inside a cluster body. */
export function poolsOf(cluster: JsonObject): JsonObject[] {
  return objectsAt(cluster, 'properties', 'agentPoolProfiles')
}

/** The outbound type as a key of the matrix: StandardV2 has its own key, a missing type means loadBalancer. */
export function egressKey(networkProfile: JsonObject): string {
  const type = textAt(networkProfile, 'outboundType') ?? 'loadBalancer'
  const isV2 = textAt(networkProfile, 'natGatewayProfile', 'sku') === 'StandardV2'
  return type === 'managedNATGateway' && isV2 ? 'managedNATGatewayV2' : type
}

/** True for the two keys of a NAT gateway that AKS manages. */
export function isManagedNat(key: string): boolean {
  return key === 'managedNATGateway' || key === 'managedNATGatewayV2'
}

/** Node and pod subnets that the pools name, each once; empty for a managed VNet. */
export function namedSubnets(cluster: JsonObject): string[] {
  const ids = poolsOf(cluster).flatMap((pool) => [
    textAt(pool, 'vnetSubnetID') ?? '',
    textAt(pool, 'podSubnetID') ?? '',
  ])
  return [...new Map(ids.filter(Boolean).map((id) => [id.toLowerCase(), id])).values()]
}

/** `byo` when any pool names a subnet, else `managed` (cli-rules.md, section 2). */
export function vnetKind(cluster: JsonObject): 'managed' | 'byo' {
  return namedSubnets(cluster).length > 0 ? 'byo' : 'managed'
}

/** The id of a network resource in the cluster's node resource group. */
export function nodeResourceId(cluster: JsonObject, type: string, name: string): string {
  const { subscription } = clusterPlace(cluster)
  const group = textAt(cluster, 'properties', 'nodeResourceGroup')
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/${type}/${name}`
}

/** Node count of all pools together, with what autoscaling and upgrades may add being left out. */
export function nodeCount(cluster: JsonObject): number {
  return poolsOf(cluster).reduce((sum, pool) => sum + Number(pool.count ?? 0), 0)
}

/** True when the cluster shows an IPv6 family. */
export function isDualStack(networkProfile: JsonObject): boolean {
  const families = networkProfile.ipFamilies
  return Array.isArray(families) && families.includes('IPv6')
}
