import { idOf } from '../http/arm-path.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import { textAt } from '../json.ts'
import { operationInProgress } from '../refusals/cluster-state.ts'
import { etagPrecondition } from '../refusals/etag-precondition.ts'
import { clusterPlace } from './cluster-facts.ts'
import { DELETE_SECONDS } from './durations.ts'
import { locationOf, withNewEtags, withProvisioningState } from './merge-cluster.ts'
import { asyncOperationAndLocation } from './operation-headers.ts'

/** DELETE of a cluster: 202 with both headers and no body (recording 4); 204 for a missing one (inferred). */
export const deleteCluster: ArmHandler = (world, request) => {
  const cluster = world.get(idOf(request.path))
  if (cluster === undefined) return { status: 204 }
  const refused = operationInProgress(world, cluster) ?? etagPrecondition(cluster, request.ifMatch, undefined)
  if (refused !== undefined) throw refused
  world.put(withNewEtags(withProvisioningState(cluster, 'Deleting'), () => world.nextGuid()))
  const operation = world.start(
    {
      dialect: 'containerService',
      kind: 'delete',
      subscription: clusterPlace(cluster).subscription,
      location: locationOf(cluster),
      resourceId: textAt(cluster, 'id') ?? '',
      durationSeconds: DELETE_SECONDS,
      effect: { kind: 'delete-cluster' },
    },
    request.faults,
  )
  return { status: 202, headers: asyncOperationAndLocation(request, operation) }
}
