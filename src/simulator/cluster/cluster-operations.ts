import { aksError } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import type { ArmHandler, ArmRequest, ArmResponse } from '../arm/arm-request.ts'
import { clusterRefOf, isManagedNatGateway, poolsOf } from '../arm/managed-cluster.ts'
import { operationHeaders } from '../arm/operation-headers.ts'
import { type JsonObject, textAt, withProperties } from '../lib/json.ts'
import { etagPrecondition, operationInProgress } from '../validation/validate-change.ts'
import type { EgressChange, Operation, OperationStart } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { locationOf, saveCluster } from './merge-cluster.ts'
import { clusterOf } from './read-clusters.ts'

/** Simulated seconds that operations take, as recorded (test/data/recordings). */
const OUTBOUND_TYPE_CHANGE = 172
/** The second recorded change of the type: block to none with a preview of September 2024, 4 polls. */
const BLOCK_TO_NONE = 92
const NAT_GATEWAY_CHANGE = 114
const LOAD_BALANCER_CHANGE = 104
const OTHER_UPDATE = 82
export const CREATE_SECONDS = 209
/** The recording ends before the operation; inferred. */
const DELETE_SECONDS = 180
const ABORT_SECONDS = 10
const POWER_SECONDS = 120

/** The duration of a cluster update, by its changes. */
export function updateSeconds(change: EgressChange): number {
  if (change.from === 'block' && change.to === 'none') return BLOCK_TO_NONE
  if (change.from !== change.to) return OUTBOUND_TYPE_CHANGE
  const { before } = change
  if (change.to === 'loadBalancer' && differs(change.loadBalancerProfile, before.loadBalancerProfile))
    return LOAD_BALANCER_CHANGE
  if (isManagedNatGateway(change.to) && differs(change.natGatewayProfile, before.natGatewayProfile))
    return NAT_GATEWAY_CHANGE
  return OTHER_UPDATE
}

function differs(wanted: unknown, before: unknown): boolean {
  return canonical(wanted) !== canonical(before)
}

function canonical(profile: unknown): string {
  const entries = Object.entries((profile ?? {}) as Record<string, unknown>)
  return JSON.stringify(
    entries.filter(([member]) => member !== 'effectiveOutboundIPs').sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/**
 * POST …/abort: the operation in progress ends as Canceled, and so does the cluster. The requested body stays, and the
 * resources are unchanged (documented as "left in the state it was in"; the rest is inferred).
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
  saveCluster(world, cluster, 'Canceled')
  const headers = acceptClusterOperation(world, request, cluster, {
    kind: 'abort',
    // The ID is a child ID, because another request must not conflict with an abort.
    resourceId: `${id}/abort`,
    durationSeconds: ABORT_SECONDS,
    effect: { kind: 'none' },
  })
  return { status: 202, headers }
}

/** DELETE of a cluster: 202 with both headers and no body (recording 4); 204 for a missing one (inferred). */
export const deleteCluster: ArmHandler = (world, request) => {
  const cluster = world.get(idOf(request.path))
  if (cluster === undefined) return { status: 204 }
  const refused = operationInProgress(world, cluster) ?? etagPrecondition(cluster, request.ifMatch, undefined)
  if (refused !== undefined) throw refused
  saveCluster(world, cluster, 'Deleting')
  const headers = acceptClusterOperation(world, request, cluster, {
    kind: 'delete',
    durationSeconds: DELETE_SECONDS,
    effect: { kind: 'delete-cluster' },
  })
  return { status: 202, headers }
}

/** POST …/start: Starting, then Running (start-stop-cluster); duration and errors are inferred. */
export const startCluster: ArmHandler = (world, request) =>
  setPower(world, request, { code: 'Running', state: 'Starting' })

/** POST …/stop: Stopping, then Stopped with every pool. */
export const stopCluster: ArmHandler = (world, request) =>
  setPower(world, request, { code: 'Stopped', state: 'Stopping' })

function setPower(
  world: World,
  request: ArmRequest,
  { code, state }: { code: 'Running' | 'Stopped'; state: string },
): ArmResponse {
  const cluster = clusterOf(world, request)
  const refused = operationInProgress(world, cluster)
  if (refused !== undefined) throw refused
  if (textAt(cluster, 'properties', 'powerState', 'code') === code)
    throw aksError(400, 'OperationNotAllowed', `The managed cluster is already in the power state ${code}.`)
  const headers = acceptClusterOperation(world, request, saveCluster(world, cluster, state), {
    kind: 'update',
    durationSeconds: POWER_SECONDS,
    effect: { kind: 'set-power', code },
  })
  return { status: 202, headers }
}

/** The cluster and its pools with the power state running or stopped. */
export function withPowerState(cluster: JsonObject, code: string): JsonObject {
  const agentPoolProfiles = poolsOf(cluster).map((pool) => ({ ...pool, powerState: { code } }))
  return withProperties(cluster, { powerState: { code }, agentPoolProfiles })
}

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
