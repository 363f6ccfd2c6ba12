import { aksError } from '../http/arm-error.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import { textAt } from '../json.ts'
import { clusterPlace } from './cluster-facts.ts'
import { ABORT_SECONDS } from './durations.ts'
import { locationOf, withNewEtags, withProvisioningState } from './merge-cluster.ts'
import { asyncOperationAndLocation } from './operation-headers.ts'
import { clusterOf } from './read-clusters.ts'

/**
 * POST …/abort: the operation in progress ends as Canceled, the cluster is Canceled, what was wanted stays in the
 * body and the resources stay as they were (documented as "left in the state it was in"; the rest inferred).
 */
export const abortCluster: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const id = textAt(cluster, 'id') ?? ''
  const running = world.operationOn(id)
  if (running === undefined)
    throw aksError(400, 'OperationNotAllowed', 'There is no operation in progress that could be aborted.')
  world.saveOperation({
    ...running,
    status: 'Canceled',
    endMs: world.clock.now(),
    failure: { code: 'OperationAborted', message: 'The operation was aborted by a request of the user.' },
  })
  world.put(withNewEtags(withProvisioningState(cluster, 'Canceled'), () => world.nextGuid()))
  const operation = world.start({
    dialect: 'containerService',
    kind: 'abort',
    subscription: clusterPlace(cluster).subscription,
    location: locationOf(cluster),
    // Named by a child id: an abort is no operation on the cluster that another request could collide with.
    resourceId: `${id}/abort`,
    durationSeconds: ABORT_SECONDS,
    effect: { kind: 'none' },
  })
  return { status: 202, headers: asyncOperationAndLocation(request, operation) }
}
