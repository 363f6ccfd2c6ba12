import type { ArmRequest } from '../arm/arm-request.ts'
import { clusterRefOf } from '../arm/managed-cluster.ts'
import { operationHeaders } from '../arm/operation-headers.ts'
import { type JsonObject, textAt } from '../lib/json.ts'
import type { Operation, OperationStart } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { locationOf } from './merge-cluster.ts'

/** What a handler says about a cluster operation; the cluster itself is what it works on unless `resourceId` is given. */
type ClusterOperationStart = Pick<OperationStart, 'kind' | 'durationSeconds' | 'effect'> & {
  resourceId?: string
}

/** Starts an operation of AKS on a cluster. */
export function startClusterOperation(
  world: World,
  cluster: JsonObject,
  start: ClusterOperationStart,
  faults: ArmRequest['faults'] = [],
): Operation {
  return world.start(
    {
      dialect: 'containerService',
      subscription: clusterRefOf(cluster).subscription,
      location: locationOf(cluster),
      resourceId: textAt(cluster, 'id') ?? '',
      ...start,
    },
    faults,
  )
}

/** As `startClusterOperation`, for a request: returns the headers of its response. */
export function acceptClusterOperation(
  world: World,
  request: ArmRequest,
  cluster: JsonObject,
  start: ClusterOperationStart,
): Record<string, string> {
  const operation = startClusterOperation(world, cluster, start, request.faults)
  return operationHeaders(world, request, operation)
}
