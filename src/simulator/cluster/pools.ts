import { resourceNotFound } from '../arm/arm-error.ts'
import type { ArmHandler, ArmRequest } from '../arm/arm-request.ts'
import { networkProfileOf, outboundTypeKey, poolsOf } from '../arm/managed-cluster.ts'
import {
  isObject,
  type JsonObject,
  lowerCaseAt,
  objectAt,
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
import type { World } from '../world/world.ts'
import { acceptClusterOperation } from './cluster-operations.ts'
import { mergePool } from './merge-cluster.ts'
import { clusterOf, hasEtags, READ_HEADERS } from './read-clusters.ts'

/** The duration for a small pool; not recorded. */
const NODE_IMAGE_SECONDS = 240
const POOL_SECONDS = 180

/** The image of every pool after an upgrade. Its exact value does not matter. */
const NEWEST = {
  linux: 'AKSUbuntu-2204gen2containerd-202511.02.0',
  windows: 'AKSWindows-2022-containerd-20348.4405.251112',
}

/** List of a cluster's pools. */
export const listPools: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const value = poolsOf(cluster).map((pool) => poolResource(world, cluster, pool, request.apiVersion))
  return { status: 200, headers: READ_HEADERS, body: { value } }
}

/** GET of one pool. */
export const getPool: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const pool = requirePool(cluster, request)
  return { status: 200, headers: READ_HEADERS, body: poolResource(world, cluster, pool, request.apiVersion) }
}

/**
 * PUT of a pool: 201 for a new pool, 200 for an existing pool, whose absent members stay. A pool operation changes
 * the state and the ETag of its pool only (public specification).
 */
export const putPool: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const body = isObject(request.body) ? request.body : {}
  assertKnownFields(request.apiVersion, 'agentPool', body)
  const name = request.path.names[1] ?? ''
  const current = findPool(cluster, name)
  const refused =
    operationInProgress(world, cluster) ??
    etagPrecondition(current, request.ifMatch, request.ifNoneMatch) ??
    clusterStopped(cluster)
  if (refused !== undefined) throw refused
  const sent = objectAt(body, 'properties') ?? {}
  const version = textAt(cluster, 'properties', 'kubernetesVersion') ?? ''
  const pool: JsonObject = {
    ...(current === undefined ? buildNewPool({ name, ...sent }, version) : mergePool(current, sent)),
    provisioningState: current === undefined ? 'Creating' : 'Updating',
    eTag: world.nextGuid(),
  }
  const wanted = withPool(cluster, pool)
  const key = outboundTypeKey(networkProfileOf(cluster))
  const { apiVersion } = request
  assertChangeAllowed({ world, current: cluster, wanted, sent: {}, apiVersion, from: key, to: key })
  world.put(wanted)
  const headers = acceptClusterOperation(world, request, cluster, {
    kind: current === undefined ? 'create' : 'update',
    durationSeconds: POOL_SECONDS,
    effect: { kind: 'none' },
  })
  return {
    status: current === undefined ? 201 : 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: poolResource(world, wanted, pool, apiVersion),
  }
}

/** A pool that is being created: the sent members and the members that the service writes. */
export function buildNewPool(pool: JsonObject, version: string): JsonObject {
  return {
    ...pool,
    provisioningState: 'Creating',
    powerState: { code: 'Running' },
    orchestratorVersion: version,
    currentOrchestratorVersion: version,
  }
}

/**
 * POST …/agentPools/{pool}/upgradeNodeImageVersion: 202 with the pool, which is UpgradingNodeImageVersion until the
 * operation ends (public specification). It is inferred that the cluster does not change during the operation, and
 * accepts no other operation.
 */
export const upgradeNodeImage: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const pool = requirePool(cluster, request)
  const refused = operationInProgress(world, cluster) ?? clusterStopped(cluster)
  if (refused !== undefined) throw refused
  const upgrading = { ...pool, provisioningState: 'UpgradingNodeImageVersion', eTag: world.nextGuid() }
  world.put(withPool(cluster, upgrading))
  const headers = acceptClusterOperation(world, request, cluster, {
    kind: 'update',
    durationSeconds: NODE_IMAGE_SECONDS,
    effect: { kind: 'upgrade-node-image', pool: String(pool.name) },
  })
  return { status: 202, headers, body: poolResource(world, cluster, upgrading, request.apiVersion) }
}

/** The cluster with one of its pools on the newest image. */
export function withNewImage(cluster: JsonObject, name: string): JsonObject {
  const pool = findPool(cluster, name)
  if (pool === undefined) return cluster
  const isWindows = lowerCaseAt(pool, 'osType') === 'windows'
  return withPool(cluster, { ...pool, nodeImageVersion: isWindows ? NEWEST.windows : NEWEST.linux })
}

/** The cluster with a pool that replaces the pool with the same name, or is added at the end. */
function withPool(cluster: JsonObject, pool: JsonObject): JsonObject {
  const pools = poolsOf(cluster)
  const present = findPool(cluster, String(pool.name))
  const agentPoolProfiles =
    present === undefined ? [...pools, pool] : pools.map((other) => (other === present ? pool : other))
  return withProperties(cluster, { agentPoolProfiles })
}

function findPool(cluster: JsonObject, name: string): JsonObject | undefined {
  return poolsOf(cluster).find((pool) => lowerCaseAt(pool, 'name') === name.toLowerCase())
}

/** @throws ArmError 404 ResourceNotFound */
function requirePool(cluster: JsonObject, { path }: ArmRequest): JsonObject {
  const pool = findPool(cluster, path.names[1] ?? '')
  if (pool !== undefined) return pool
  const type = 'Microsoft.ContainerService/managedClusters/agentPools'
  throw resourceNotFound(type, path.names.slice(0, 2).join('/'), path.resourceGroup ?? '')
}

/** A pool as a resource: everything except the name is in `properties` (public specification). */
function poolResource(world: World, cluster: JsonObject, pool: JsonObject, apiVersion: string): JsonObject {
  const isEtagShown = world.settings.etags === 'body' && hasEtags(apiVersion)
  const { name, ...properties } = isEtagShown ? pool : withMembers(pool, { eTag: undefined })
  return {
    id: `${cluster.id}/agentPools/${name}`,
    name,
    type: 'Microsoft.ContainerService/managedClusters/agentPools',
    properties,
  }
}
