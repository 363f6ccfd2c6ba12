import { type JsonObject, lowerCaseAt, numberAt, objectAt, objectsAt, textAt } from '../lib/json.ts'

/** True if the api-version (`2026-06-01`, `2026-05-02-preview`) has this date or a later date. */
export function isSince(apiVersion: string, day: string): boolean {
  return apiVersion.slice(0, 10) >= day
}

/** True for a preview version. */
function isPreview(apiVersion: string): boolean {
  return /-(preview|privatepreview|beta)$/i.test(apiVersion)
}

/** Versions that have `natGatewayProfile.sku`: 2026-06-01 and later, preview or not (azure-rest-api-specs, containerservice). */
export function supportsNatGatewaySku(apiVersion: string): boolean {
  return isSince(apiVersion, '2026-06-01')
}

/** Versions that spell StandardV2 as the outbound type `managedNATGatewayV2` (azure-rest-api-specs, containerservice). */
export function supportsManagedNatGatewayV2(apiVersion: string): boolean {
  return isPreview(apiVersion) && isSince(apiVersion, '2026-01-02') && !isSince(apiVersion, '2026-05-03')
}

/** `block` is in no stable version (@azure/arm-containerservice 25.5.0); that every preview version supports it is inferred. */
export function supportsBlock(apiVersion: string): boolean {
  return isPreview(apiVersion)
}

/** The resource type of clusters in list keys. */
export const CLUSTER_TYPE = 'microsoft.containerservice/managedclusters'

/** Subscription, group and name of a cluster, from its id. */
export function clusterRefOf(cluster: JsonObject): {
  subscription: string
  resourceGroup: string
  name: string
} {
  const segments = (textAt(cluster, 'id') ?? '').split('/')
  return { subscription: segments[2] ?? '', resourceGroup: segments[4] ?? '', name: segments[8] ?? '' }
}

/** The networkProfile of a cluster; an empty object if it has none. */
export function networkProfileOf(cluster: JsonObject): JsonObject {
  return objectAt(cluster, 'properties', 'networkProfile') ?? {}
}

/** The pools inside a cluster body. */
export function poolsOf(cluster: JsonObject): JsonObject[] {
  return objectsAt(cluster, 'properties', 'agentPoolProfiles')
}

/** The outbound type as a key of the matrix: StandardV2 has its own key, a missing type means loadBalancer. */
export function outboundTypeKey(networkProfile: JsonObject): string {
  const type = textAt(networkProfile, 'outboundType') ?? 'loadBalancer'
  const isV2 = textAt(networkProfile, 'natGatewayProfile', 'sku') === 'StandardV2'
  return type === 'managedNATGateway' && isV2 ? 'managedNATGatewayV2' : type
}

/** True for the two keys of AKS-managed NAT gateways. */
export function isManagedNatGateway(key: string): boolean {
  return key === 'managedNATGateway' || key === 'managedNATGatewayV2'
}

/** The distinct node and pod subnets of the pools; empty for a managed VNet. */
export function subnetIdsOf(cluster: JsonObject): string[] {
  const ids = poolsOf(cluster).flatMap((pool) => [
    textAt(pool, 'vnetSubnetID') ?? '',
    textAt(pool, 'podSubnetID') ?? '',
  ])
  return [...new Map(ids.filter(Boolean).map((id) => [id.toLowerCase(), id])).values()]
}

/** `byo` if a pool names a subnet, otherwise `managed` (azure-cli, module acs). */
export function vnetKindOf(cluster: JsonObject): 'managed' | 'byo' {
  return subnetIdsOf(cluster).length > 0 ? 'byo' : 'managed'
}

/** The id of a network resource in the cluster's node resource group. */
export function nodeResourceId(cluster: JsonObject, type: string, name: string): string {
  const { subscription } = clusterRefOf(cluster)
  const group = textAt(cluster, 'properties', 'nodeResourceGroup')
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/${type}/${name}`
}

/** The number of nodes of all pools, without nodes that autoscaling and upgrades may add. */
export function nodeCount(cluster: JsonObject): number {
  return poolsOf(cluster).reduce((sum, pool) => sum + poolSize(pool), 0)
}

/** A pool of virtual machines has a count for each size instead of one count. The status contains the actual counts. */
function poolSize(pool: JsonObject): number {
  if (lowerCaseAt(pool, 'type') !== 'virtualmachines') return numberAt(pool, 'count') ?? 0
  const status = objectsAt(pool, 'virtualMachineNodesStatus')
  const sizes = status.length > 0 ? status : objectsAt(pool, 'virtualMachinesProfile', 'scale', 'manual')
  return sizes.reduce((sum, size) => sum + (numberAt(size, 'count') ?? 0), 0)
}

/** True when the cluster has a Windows pool. */
export function hasWindows(cluster: JsonObject): boolean {
  return poolsOf(cluster).some((pool) => lowerCaseAt(pool, 'osType') === 'windows')
}

/** True for a Basic load balancer, which has no profile. */
export function hasBasicLoadBalancer(networkProfile: JsonObject): boolean {
  return lowerCaseAt(networkProfile, 'loadBalancerSku') === 'basic'
}

/** True when the cluster shows an IPv6 family. */
export function isDualStack(networkProfile: JsonObject): boolean {
  const families = networkProfile.ipFamilies
  return Array.isArray(families) && families.includes('IPv6')
}
