import { changeSubnet } from '../egress/subnet.ts'
import type { Fault } from '../faults/fault.ts'
import { type ArmPath, idOf } from '../http/arm-path.ts'
import { type JsonObject, textAt } from '../json.ts'
import type { World } from '../world/world.ts'
import { clusterPlace } from './cluster-facts.ts'
import { locationOf, withNewEtags, withProvisioningState } from './merge-cluster.ts'

/** What somebody else's update of a cluster takes; that of an update that does not touch egress. */
const FOREIGN_SECONDS = 82

/**
 * Carries out the faults in which somebody else writes a resource just before the request on it is handled.
 * `concurrentWriter` is for clusters only: it starts an operation that the request then collides with.
 */
export function actAsForeignWriter(world: World, path: ArmPath, faults: readonly Fault[]): void {
  for (const fault of faults) {
    if (fault.kind === 'changeEtag') changeEtag(world, path)
    if (fault.kind === 'concurrentWriter') startForeignUpdate(world, path)
  }
}

function changeEtag(world: World, path: ArmPath): void {
  const cluster = clusterOn(world, path)
  if (cluster !== undefined) world.put(withNewEtags(cluster, () => world.nextGuid()))
  else if (path.types.length === 2) changeSubnet(world, idOf(path), {})
  else {
    const body = world.get(idOf(path))
    if (body !== undefined) world.put({ ...body, etag: `W/"${world.nextGuid()}"` })
  }
}

function startForeignUpdate(world: World, path: ArmPath): void {
  const cluster = clusterOn(world, path)
  if (cluster === undefined) return
  world.put(withNewEtags(withProvisioningState(cluster, 'Updating'), () => world.nextGuid()))
  world.start({
    dialect: 'containerService',
    kind: 'update',
    subscription: clusterPlace(cluster).subscription,
    location: locationOf(cluster),
    resourceId: textAt(cluster, 'id') ?? '',
    durationSeconds: FOREIGN_SECONDS,
    effect: { kind: 'none' },
  })
}

/** The cluster that a path is about, also where it names a pool or an action of it. */
function clusterOn(world: World, path: ArmPath): JsonObject | undefined {
  if (path.types[0]?.toLowerCase() !== 'managedclusters' || path.names[0] === undefined) return undefined
  return world.get(idOf({ ...path, types: path.types.slice(0, 1), names: path.names.slice(0, 1) }))
}
