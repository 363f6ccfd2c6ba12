import type { Fault } from '../faults/fault.ts'
import { type JsonObject, textAt } from '../json.ts'
import type { World } from '../world/world.ts'
import { clusterPlace } from './cluster-facts.ts'
import { locationOf, withNewEtags, withProvisioningState } from './merge-cluster.ts'

/** Carries out the faults in which somebody else writes the cluster just before the request is handled. */
export function actAsForeignWriter(world: World, clusterId: string, faults: readonly Fault[]): void {
  for (const fault of faults) {
    const cluster = world.get(clusterId)
    if (cluster === undefined) return
    if (fault.kind === 'changeEtag') world.put(withNewEtags(cluster, () => world.nextGuid()))
    if (fault.kind === 'concurrentWriter') startForeignUpdate(world, cluster)
  }
}

function startForeignUpdate(world: World, cluster: JsonObject): void {
  world.put(withNewEtags(withProvisioningState(cluster, 'Updating'), () => world.nextGuid()))
  world.start({
    dialect: 'containerService',
    kind: 'update',
    subscription: clusterPlace(cluster).subscription,
    location: locationOf(cluster),
    resourceId: textAt(cluster, 'id') ?? '',
    durationSeconds: 82,
    effect: { kind: 'none' },
  })
}
