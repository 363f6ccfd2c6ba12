import { aksError, gatewayError } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import type { ArmHandler, ArmRequest, ArmResponse } from '../arm/arm-request.ts'
import { assertLinkedAccess } from '../arm/linked-access.ts'
import {
  clusterRefOf,
  isManagedNatGateway,
  networkProfileOf,
  poolsOf,
  subnetIdsOf,
} from '../arm/managed-cluster.ts'
import { orderedNetworkProfile } from '../egress/change-egress.ts'
import { customerAddresses } from '../egress/load-balancer.ts'
import {
  isObject,
  type JsonObject,
  objectAt,
  objectsAt,
  textAt,
  withMembers,
  withProperties,
} from '../lib/json.ts'
import { assertKnownFields } from '../validation/known-fields.ts'
import {
  assertChangeAllowed,
  clusterStopped,
  etagPrecondition,
  operationInProgress,
} from '../validation/validate-change.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'
import { acceptClusterOperation, CREATE_SECONDS, updateSeconds } from './cluster-operations.ts'
import {
  DEFAULT_POOL_TYPE,
  networkProfileWhileUpdating,
  resolveDesiredEgress,
  shownPoolType,
} from './desired-egress.ts'
import { locationOf, mergeCluster, saveCluster } from './merge-cluster.ts'
import { buildNewPool } from './pools.ts'
import { renderCluster } from './read-clusters.ts'

/** The Kubernetes version of clusters that are created without a version. */
const DEFAULT_VERSION = '1.33'

/**
 * The body of a cluster that is being created: the sent members with the defaults of the service, `Creating`
 * everywhere, no identityProfile and no effective addresses yet (recordings 3 and 4).
 */
function buildNewCluster(world: World, request: ArmRequest, body: JsonObject): JsonObject {
  const { subscription, resourceGroup, names } = request.path
  const name = names[0] ?? ''
  const id = `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`
  const location = locationOf(body)
  const bare: JsonObject = {
    id,
    location,
    name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: serviceProperties({ id, name, location, resourceGroup: resourceGroup ?? '' }, body),
    identity: { type: 'SystemAssigned', principalId: world.nextGuid(), tenantId: world.nextGuid() },
    sku: { name: 'Base', tier: 'Free' },
  }
  const merged = mergeCluster(bare, withMembers(body, { kubernetesVersion: undefined }))
  const change = resolveDesiredEgress(bare, merged, request.apiVersion)
  const profile = networkProfileOf(merged)
  const outboundType = isManagedNatGateway(change.to) ? 'managedNATGateway' : change.to
  const networkProfile = orderedNetworkProfile(
    withMembers(profile, {
      outboundType,
      loadBalancerProfile: change.loadBalancerProfile ?? {
        backendPoolType: shownPoolType(objectAt(profile, 'loadBalancerProfile')) ?? DEFAULT_POOL_TYPE,
      },
      natGatewayProfile: change.natGatewayProfile,
    }),
  )
  return { ...merged, properties: { ...objectAt(merged, 'properties'), networkProfile } }
}

function serviceProperties(
  place: { id: string; name: string; location: string; resourceGroup: string },
  body: JsonObject,
): JsonObject {
  const prefix = textAt(body, 'properties', 'dnsPrefix') ?? place.name
  const host = `${prefix}-${digitsOf(place.id)}`
  const version = textAt(body, 'properties', 'kubernetesVersion') || DEFAULT_VERSION
  return {
    provisioningState: 'Creating',
    powerState: { code: 'Running' },
    kubernetesVersion: version,
    currentKubernetesVersion: version,
    dnsPrefix: prefix,
    fqdn: `${host}.hcp.${place.location}.azmk8s.io`,
    azurePortalFQDN: `${host}.portal.hcp.${place.location}.azmk8s.io`,
    agentPoolProfiles: objectsAt(body, 'properties', 'agentPoolProfiles').map((pool) =>
      buildNewPool(pool, version),
    ),
    nodeResourceGroup: `MC_${place.resourceGroup}_${place.name}_${place.location}`,
    supportPlan: 'KubernetesOfficial',
    networkProfile: {
      networkPlugin: textAt(body, 'properties', 'networkProfile', 'networkPlugin') ?? 'kubenet',
      loadBalancerSku: textAt(body, 'properties', 'networkProfile', 'loadBalancerSku') ?? 'standard',
      outboundType: 'loadBalancer',
      ipFamilies: ['IPv4'],
    },
    maxAgentPools: 100,
    disableLocalAccounts: false,
    securityProfile: {},
    storageProfile: {
      diskCSIDriver: { enabled: true, version: 'v1' },
      fileCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    oidcIssuerProfile: { enabled: false },
    workloadAutoScalerProfile: {},
  }
}

/** PUT of a managed cluster: 201 and `Creating` for a new cluster, 200 and `Updating` for an existing cluster. */
export const putCluster: ArmHandler = (world, request) => {
  const id = idOf(request.path)
  if (!isObject(request.body) || textAt(request.body, 'location') === undefined)
    throw gatewayError(400, 'LocationRequired', 'The location property is required for this definition.')
  assertKnownFields(request.apiVersion, 'cluster', request.body)
  const current = world.get(id)
  const busy = current === undefined ? undefined : operationInProgress(world, current)
  const refused =
    busy ??
    etagPrecondition(current, request.ifMatch, request.ifNoneMatch) ??
    (current === undefined ? undefined : clusterStopped(current))
  if (refused !== undefined) throw refused
  return current === undefined
    ? create(world, request, request.body)
    : update(world, request, current, request.body)
}

function update(world: World, request: ArmRequest, current: JsonObject, body: JsonObject): ArmResponse {
  if (locationOf(body) !== locationOf(current))
    throw gatewayError(
      409,
      'InvalidResourceLocation',
      `The resource '${clusterRefOf(current).name}' already exists in location '${locationOf(current)}' in resource group '${clusterRefOf(current).resourceGroup}'. A resource with the same name cannot be created in location '${locationOf(body)}'. Please select a new resource name.`,
    )
  const wanted = mergeCluster(current, body)
  assertLinkedAccess(world, {
    type: 'Microsoft.ContainerService/managedClusters',
    id: idOf(request.path),
    links: linksOf(wanted),
  })
  const change = resolveDesiredEgress(current, wanted, request.apiVersion)
  assertChangeAllowed({
    world,
    current,
    wanted,
    sent: objectAt(body, 'properties', 'networkProfile') ?? {},
    apiVersion: request.apiVersion,
    from: change.from,
    to: change.to,
  })
  change.ignored = request.faults.some((fault) => fault.kind === 'ignoreChange')
  const networkProfile = networkProfileWhileUpdating(wanted, change)
  const next = saveCluster(world, withProperties(wanted, { networkProfile }), 'Updating')
  const headers = acceptClusterOperation(world, request, next, {
    kind: 'update',
    durationSeconds: updateSeconds(change),
    effect: { kind: 'update-cluster', change },
  })
  return buildResponse(world, request, 200, next, headers)
}

/** The subnets and addresses of the customer that a cluster names. */
function linksOf(cluster: JsonObject): string[] {
  const { loadBalancerProfile } = networkProfileOf(cluster)
  return [
    ...subnetIdsOf(cluster),
    ...(isObject(loadBalancerProfile) ? customerAddresses(loadBalancerProfile) : []),
  ]
}

function create(world: World, request: ArmRequest, body: JsonObject): ArmResponse {
  const { subscription, resourceGroup } = request.path
  if (world.get(`/subscriptions/${subscription}/resourceGroups/${resourceGroup}`) === undefined)
    throw gatewayError(404, 'ResourceGroupNotFound', `Resource group '${resourceGroup}' could not be found.`)
  if (objectAt(body, 'properties', 'agentPoolProfiles') === undefined && poolsOf(body).length === 0)
    throw aksError(
      400,
      'InvalidParameter',
      'The value of parameter agentPoolProfiles is invalid: at least one system pool is needed.',
      'agentPoolProfiles',
    )
  const cluster = saveCluster(world, buildNewCluster(world, request, body))
  const headers = acceptClusterOperation(world, request, cluster, {
    kind: 'create',
    durationSeconds: CREATE_SECONDS,
    effect: { kind: 'create-cluster' },
  })
  return buildResponse(world, request, 201, cluster, headers)
}

function buildResponse(
  world: World,
  request: ArmRequest,
  status: number,
  cluster: JsonObject,
  headers: Record<string, string>,
): ArmResponse {
  const shown = renderCluster(withShownLabels(cluster), request.apiVersion, world.settings.etags)
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    text: JSON.stringify(shown, null, 1),
  }
}

/**
 * Answers to a PUT have `nodeLabels: {}` in pools since 2024, answers to a GET have not (test/data/recordings). A pool
 * of that time is known by its securityProfile.
 */
function withShownLabels(cluster: JsonObject): JsonObject {
  const agentPoolProfiles = poolsOf(cluster).map((pool) => {
    if (pool.nodeLabels !== undefined || pool.securityProfile === undefined) return pool
    const entries = Object.entries(pool)
    const place = entries.findIndex(([member]) => member === 'mode')
    return Object.fromEntries([
      ...entries.slice(0, place),
      ['nodeLabels', {}],
      ...entries.slice(place),
    ]) as JsonObject
  })
  return withProperties(cluster, { agentPoolProfiles })
}
