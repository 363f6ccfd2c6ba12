import { resourceNotFound } from '../http/arm-error.ts'
import { idOf } from '../http/arm-path.ts'
import type { ArmHandler, ArmRequest } from '../http/arm-request.ts'
import { requireResourceGroup, requireSubscription } from '../http/require-scope.ts'
import type { JsonObject } from '../json.ts'
import type { World } from '../world/world.ts'
import { CLUSTER_TYPE, poolsOf } from './cluster-facts.ts'
import { clusterText, renderPool } from './render-cluster.ts'

const READ_HEADERS = {
  'content-type': 'application/json',
  'x-ms-ratelimit-remaining-subscription-global-reads': '16499',
}

/**
 * The cluster that a path names.
 * @throws ArmRefusal 404 ResourceGroupNotFound or ResourceNotFound
 */
export function clusterOf(world: World, request: ArmRequest): JsonObject {
  requireResourceGroup(world, request.path)
  const { path } = request
  const parent = { ...path, types: path.types.slice(0, 1), names: path.names.slice(0, 1) }
  const cluster = world.get(idOf(parent))
  if (cluster !== undefined) return cluster
  const type = 'Microsoft.ContainerService/managedClusters'
  throw resourceNotFound(type, path.names[0] ?? '', path.resourceGroup ?? '')
}

/** GET of one cluster. */
export const getCluster: ArmHandler = (world, request) => ({
  status: 200,
  headers: READ_HEADERS,
  text: clusterText(clusterOf(world, request), request.apiVersion, world.settings.etags),
})

/** List of clusters of a subscription or of a resource group; one page, as Azure gives for such numbers (inferred). */
export const listClusters: ArmHandler = (world, request) => {
  const { subscription = '', resourceGroup } = request.path
  requireSubscription(world, request.path)
  if (resourceGroup !== undefined) requireResourceGroup(world, request.path)
  const texts = world
    .list(CLUSTER_TYPE, { subscription, resourceGroup })
    .map((body) => clusterText(body, request.apiVersion, world.settings.etags))
  return { status: 200, headers: READ_HEADERS, text: `{"value":[${texts.join(',')}]}` }
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
  const name = request.path.names[1] ?? ''
  const pool = poolsOf(cluster).find(
    (candidate) => String(candidate.name).toLowerCase() === name.toLowerCase(),
  )
  if (pool === undefined)
    throw resourceNotFound(
      'Microsoft.ContainerService/managedClusters/agentPools',
      `${request.path.names[0]}/${name}`,
      request.path.resourceGroup ?? '',
    )
  return { status: 200, headers: READ_HEADERS, body: poolResource(world, cluster, pool, request.apiVersion) }
}

/** A pool as a resource of its own: name apart, everything else in `properties` (public specification). */
function poolResource(world: World, cluster: JsonObject, pool: JsonObject, apiVersion: string): JsonObject {
  const { name, ...properties } = renderPool(pool, apiVersion, world.settings.etags)
  return {
    id: `${cluster.id}/agentPools/${name}`,
    name,
    type: 'Microsoft.ContainerService/managedClusters/agentPools',
    properties,
  }
}
