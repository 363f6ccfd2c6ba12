import { networkProfileOf, poolsOf } from '../arm/managed-cluster.ts'
import { orderedNetworkProfile } from '../egress/change-egress.ts'
import {
  inOrder,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  objectsAt,
  textAt,
  withMembers,
  withProperties,
} from '../lib/json.ts'
import type { World } from '../world/world.ts'

/** Order of members of `properties` (recordings 1 to 8a). */
const PROPERTY_ORDER = [
  'provisioningState',
  'powerState',
  'kubernetesVersion',
  'currentKubernetesVersion',
  'dnsPrefix',
  'fqdn',
  'privateFQDN',
  'azurePortalFQDN',
  'agentPoolProfiles',
  'linuxProfile',
  'windowsProfile',
  'servicePrincipalProfile',
  'addonProfiles',
  'nodeResourceGroup',
  'enableRBAC',
  'enablePodSecurityPolicy',
  'supportPlan',
  'networkProfile',
  'maxAgentPools',
  'apiServerAccessProfile',
  'identityProfile',
  'autoUpgradeProfile',
  'disableLocalAccounts',
  'securityProfile',
  'storageProfile',
  'oidcIssuerProfile',
  'nodeResourceGroupProfile',
  'workloadAutoScalerProfile',
  'metricsProfile',
  'resourceUID',
  'controlPlanePluginProfiles',
  'nodeProvisioningProfile',
  'bootstrapProfile',
]

/** Properties that only the service writes; sent values are ignored. */
const READ_ONLY = [
  'provisioningState',
  'powerState',
  'currentKubernetesVersion',
  'fqdn',
  'privateFQDN',
  'azurePortalFQDN',
  'maxAgentPools',
  'resourceUID',
  'controlPlanePluginProfiles',
  'nodeResourceGroup',
  'dnsPrefix',
]

/**
 * Properties that stay if a PUT omits them. The recorded requests omit supportPlan and send an empty storageProfile,
 * and the responses still contain both; the other properties are inferred. Every other omitted property is removed, as
 * for a PUT of any resource. This detects clients that drop unknown properties.
 */
const KEPT_WHEN_ABSENT = [
  ...READ_ONLY,
  'kubernetesVersion',
  'linuxProfile',
  'windowsProfile',
  'servicePrincipalProfile',
  'enableRBAC',
  'enablePodSecurityPolicy',
  'supportPlan',
  'networkProfile',
  'apiServerAccessProfile',
  'identityProfile',
  'autoUpgradeProfile',
  'disableLocalAccounts',
  'securityProfile',
  'storageProfile',
  'oidcIssuerProfile',
  'nodeResourceGroupProfile',
  'workloadAutoScalerProfile',
  'metricsProfile',
  'nodeProvisioningProfile',
  'bootstrapProfile',
  'agentPoolProfiles',
]

/** Fields that a client can send but never read (`x-ms-secret` and the descriptions in azure-rest-api-specs). */
const SECRETS: [profile: string, secret: string][] = [
  ['windowsProfile', 'adminPassword'],
  ['servicePrincipalProfile', 'secret'],
  ['aadProfile', 'serverAppSecret'],
]

/** Maps of a pool, which a request replaces as a whole; other objects of a pool merge deeply. */
const POOL_MAPS = ['nodeLabels', 'tags']

/** Properties of a pool that only the service writes. */
const POOL_READ_ONLY = [
  'provisioningState',
  'currentOrchestratorVersion',
  'nodeImageVersion',
  'eTag',
  'powerState',
]

/**
 * The cluster that a PUT requests: the stored body with the sent members, in the stored order, and the sent profiles
 * of networkProfile. The caller sets provisioning states and ETags.
 */
export function mergeCluster(current: JsonObject, sent: JsonObject): JsonObject {
  const stored = objectAt(current, 'properties') ?? {}
  const given = objectAt(sent, 'properties') ?? {}
  const properties: JsonObject = {}
  for (const member of new Set([...Object.keys(stored), ...Object.keys(given)]))
    properties[member] = mergedProperty(member, stored[member], given[member])
  properties.agentPoolProfiles = mergedPools(current, objectsAt(given, 'agentPoolProfiles'))
  properties.networkProfile = mergedNetworkProfile(
    networkProfileOf(current),
    objectAt(given, 'networkProfile'),
  )
  properties.apiServerAccessProfile = withoutEmptyRanges(properties.apiServerAccessProfile)
  for (const [profile, secret] of SECRETS)
    if (isObject(properties[profile]))
      properties[profile] = withMembers(properties[profile], { [secret]: undefined })
  return withMembers(current, {
    tags: objectAt(sent, 'tags'),
    identity: mergedIdentity(objectAt(current, 'identity'), objectAt(sent, 'identity')),
    sku: objectAt(sent, 'sku') ?? current.sku,
    properties: inOrder(properties, PROPERTY_ORDER),
  })
}

function mergedProperty(member: string, stored: Json | undefined, sent: Json | undefined): Json | undefined {
  if (READ_ONLY.includes(member)) return stored
  if (sent === undefined || sent === null) return KEPT_WHEN_ABSENT.includes(member) ? stored : undefined
  if (!KEPT_WHEN_ABSENT.includes(member)) return sent
  return isObject(stored) && isObject(sent) ? mergedObject(stored, sent) : sent
}

function mergedObject(stored: JsonObject | undefined, sent: JsonObject | undefined): JsonObject | undefined {
  if (sent === undefined) return stored
  return { ...stored, ...withoutNulls(sent) }
}

/** Only the service knows the principal of an identity. A request contains an empty object under the ID, in any spelling. */
function mergedIdentity(
  stored: JsonObject | undefined,
  sent: JsonObject | undefined,
): JsonObject | undefined {
  const merged = mergedObject(stored, sent)
  const assigned = objectAt(sent, 'userAssignedIdentities')
  if (merged === undefined || assigned === undefined) return merged
  const present = Object.entries(objectAt(stored, 'userAssignedIdentities') ?? {})
  const userAssignedIdentities = Object.fromEntries(
    Object.entries(withoutNulls(assigned)).map(([id, entry]) => {
      const [, known] = present.find(([each]) => each.toLowerCase() === id.toLowerCase()) ?? []
      return [id, { ...(isObject(entry) ? entry : {}), ...(isObject(known) ? known : {}) }]
    }),
  )
  return { ...merged, userAssignedIdentities }
}

function mergedPools(current: JsonObject, sent: JsonObject[]): JsonObject[] {
  return poolsOf(current).map((pool) => {
    const own = sent.find((candidate) => candidate.name === pool.name)
    return own === undefined ? pool : mergePool(pool, own)
  })
}

/** A pool with the sent members. */
export function mergePool(pool: JsonObject, sent: JsonObject): JsonObject {
  const change = withoutNulls(sent)
  for (const member of POOL_READ_ONLY) delete change[member]
  return mergedDeeply(pool, change)
}

function mergedDeeply(stored: JsonObject, sent: JsonObject): JsonObject {
  const merged = { ...stored }
  for (const [member, value] of Object.entries(withoutNulls(sent))) {
    const present = stored[member]
    const isMerged = isObject(present) && isObject(value) && !POOL_MAPS.includes(member)
    merged[member] = isMerged ? mergedDeeply(present, value) : value
  }
  return merged
}

/** An absent outboundType keeps the present one (inferred); absent profiles are absent. */
function mergedNetworkProfile(stored: JsonObject, sent: JsonObject | undefined): JsonObject {
  if (sent === undefined) return stored
  return orderedNetworkProfile(
    withMembers(
      { ...stored, ...withoutNulls(sent) },
      {
        loadBalancerSku: isSameText(stored.loadBalancerSku, sent.loadBalancerSku)
          ? stored.loadBalancerSku
          : (sent.loadBalancerSku ?? stored.loadBalancerSku),
        loadBalancerProfile: objectAt(sent, 'loadBalancerProfile'),
        natGatewayProfile: objectAt(sent, 'natGatewayProfile'),
      },
    ),
  )
}

function isSameText(a: Json | undefined, b: Json | undefined): boolean {
  return String(a).toLowerCase() === String(b).toLowerCase()
}

/** An empty list of ranges clears the ranges, and an empty access profile is not shown (recording 5). */
function withoutEmptyRanges(profile: Json | undefined): JsonObject | undefined {
  if (!isObject(profile)) return undefined
  const rest =
    listAt(profile, 'authorizedIPRanges').length === 0
      ? withMembers(profile, { authorizedIPRanges: undefined })
      : profile
  return Object.keys(rest).length === 0 ? undefined : rest
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  )
}

/** The cluster with one provisioning state on itself and on every pool. */
function withProvisioningState(cluster: JsonObject, state: string): JsonObject {
  const properties = objectAt(cluster, 'properties') ?? {}
  const agentPoolProfiles = poolsOf(cluster).map((pool) => ({ ...pool, provisioningState: state }))
  return { ...cluster, properties: { ...properties, provisioningState: state, agentPoolProfiles } }
}

/**
 * Stores a cluster with new ETags on the cluster and every pool, because a cluster operation changes all of them. If
 * `state` is given, all of them get this state. Returns the stored body.
 */
export function saveCluster(world: World, cluster: JsonObject, state?: string): JsonObject {
  const { eTag: _old, ...rest } = state === undefined ? cluster : withProvisioningState(cluster, state)
  const agentPoolProfiles = poolsOf(rest).map((pool) => ({ ...pool, eTag: world.nextGuid() }))
  const saved = { ...withProperties(rest, { agentPoolProfiles }), eTag: world.nextGuid() }
  world.put(saved)
  return saved
}

/** The name of a cluster's location, never empty. */
export function locationOf(body: JsonObject): string {
  return (textAt(body, 'location') ?? 'eastus').toLowerCase().replaceAll(' ', '')
}
