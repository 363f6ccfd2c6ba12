import { aksError, resourceNotFound } from '../http/arm-error.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import { type JsonObject, textAt, withProperties } from '../json.ts'
import { clusterPlace, poolsOf } from './cluster-facts.ts'
import { NODE_IMAGE_SECONDS } from './durations.ts'
import { locationOf } from './merge-cluster.ts'
import { asyncOperationAndLocation } from './operation-headers.ts'
import { clusterOf } from './read-clusters.ts'

/** The image that every pool has after an upgrade; which one Azure would choose does not matter here. */
const NEWEST = {
  linux: 'AKSUbuntu-2204gen2containerd-202511.02.0',
  windows: 'AKSWindows-2022-containerd-20348.4405.251112',
}

/**
 * POST …/agentPools/{pool}/upgradeNodeImageVersion: the pool is UpgradingNodeImageVersion until the operation ends
 * (public specification). That the cluster itself stays as it is meanwhile, and takes no other operation, is inferred.
 */
export const upgradeNodeImage: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const name = request.path.names[1] ?? ''
  const pool = poolsOf(cluster).find((each) => isNamed(each, name))
  if (pool === undefined)
    throw resourceNotFound(
      'Microsoft.ContainerService/managedClusters/agentPools',
      `${request.path.names[0]}/${name}`,
      request.path.resourceGroup ?? '',
    )
  const id = textAt(cluster, 'id') ?? ''
  if (world.operationOn(id) !== undefined)
    throw aksError(409, 'OperationNotAllowed', 'Another operation is in progress on this managed cluster.')
  const upgrading = { ...pool, provisioningState: 'UpgradingNodeImageVersion', eTag: world.nextGuid() }
  world.put(withPool(cluster, name, upgrading))
  const operation = world.start(
    {
      dialect: 'containerService',
      kind: 'update',
      subscription: clusterPlace(cluster).subscription,
      location: locationOf(cluster),
      resourceId: id,
      durationSeconds: NODE_IMAGE_SECONDS,
      effect: { kind: 'upgrade-node-image', pool: name },
    },
    request.faults,
  )
  return { status: 202, headers: asyncOperationAndLocation(request, operation) }
}

/** The cluster with one of its pools on the newest image. */
export function withNewImage(cluster: JsonObject, name: string): JsonObject {
  const pool = poolsOf(cluster).find((each) => isNamed(each, name))
  if (pool === undefined) return cluster
  const nodeImageVersion = textAt(pool, 'osType') === 'Windows' ? NEWEST.windows : NEWEST.linux
  return withPool(cluster, name, { ...pool, nodeImageVersion })
}

function withPool(cluster: JsonObject, name: string, pool: JsonObject): JsonObject {
  const agentPoolProfiles = poolsOf(cluster).map((each) => (isNamed(each, name) ? pool : each))
  return withProperties(cluster, { agentPoolProfiles })
}

function isNamed(pool: JsonObject, name: string): boolean {
  return String(pool.name).toLowerCase() === name.toLowerCase()
}
