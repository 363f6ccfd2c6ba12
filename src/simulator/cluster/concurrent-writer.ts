import { type ArmPath, idOf } from '../arm/arm-path.ts'
import type { Fault } from '../faults/faults.ts'
import type { JsonObject } from '../lib/json.ts'
import { changeSubnet } from '../network/network-body.ts'
import type { World } from '../world/world.ts'
import { startClusterOperation } from './cluster-operations.ts'
import { saveCluster } from './merge-cluster.ts'

/** The duration of an update by another client that does not change the egress. */
const CONCURRENT_UPDATE_SECONDS = 82

/**
 * Applies the faults in which another client writes a resource just before the request is handled. `concurrentWriter`
 * is only for clusters: it starts an operation that conflicts with the request.
 */
export function applyWriterFaults(world: World, path: ArmPath, faults: readonly Fault[]): void {
  for (const fault of faults) {
    if (fault.kind === 'changeEtag') changeEtag(world, path)
    if (fault.kind === 'concurrentWriter') startConcurrentUpdate(world, path)
  }
}

function changeEtag(world: World, path: ArmPath): void {
  const cluster = clusterInPath(world, path)
  if (cluster !== undefined) saveCluster(world, cluster)
  else if (path.types.length === 2) changeSubnet(world, idOf(path), {})
  else {
    const body = world.get(idOf(path))
    if (body !== undefined) world.replace(body)
  }
}

function startConcurrentUpdate(world: World, path: ArmPath): void {
  const cluster = clusterInPath(world, path)
  if (cluster === undefined) return
  saveCluster(world, cluster, 'Updating')
  startClusterOperation(world, cluster, {
    kind: 'update',
    durationSeconds: CONCURRENT_UPDATE_SECONDS,
    effect: { kind: 'none' },
  })
}

/** The cluster of a path, even if the path names a pool or an action of the cluster. */
function clusterInPath(world: World, path: ArmPath): JsonObject | undefined {
  if (path.types[0]?.toLowerCase() !== 'managedclusters' || path.names[0] === undefined) return undefined
  return world.get(idOf({ ...path, types: path.types.slice(0, 1), names: path.names.slice(0, 1) }))
}
