import { aksError, resourceNotFound } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import type { ArmHandler, ArmRequest } from '../arm/arm-request.ts'
import { clusterRefOf, isManagedNatGateway, poolsOf } from '../arm/managed-cluster.ts'
import { type JsonObject, textAt, withProperties } from '../lib/json.ts'
import { etagPrecondition, operationInProgress } from '../validation/validate-change.ts'
import type { EgressChange, Operation } from '../world/operation.ts'
import { locationOf, withNewEtags, withProvisioningState } from './merge-cluster.ts'
import { clusterOf } from './read-clusters.ts'

/** Simulated seconds that operations take, as recorded (test/data/recordings). */
const OUTBOUND_TYPE_CHANGE = 172
const NAT_GATEWAY_CHANGE = 114
const LOAD_BALANCER_CHANGE = 104
const OTHER_UPDATE = 82
export const CREATE_SECONDS = 209
/** Not recorded to its end; inferred. */
const DELETE_SECONDS = 180
const ABORT_SECONDS = 10
/** Of a small pool; not recorded. */
const NODE_IMAGE_SECONDS = 240

/** How long a cluster update takes, by what it changes. */
export function updateSeconds(change: EgressChange): number {
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

/** Operation URLs never carry the request's own api-version; this is the one recorded in 2025. */
const OPERATION_API_VERSION = '2025-03-01'

/**
 * `azure-asyncoperation`, alone: a cluster PUT has neither `location` nor `retry-after` (test/data/recordings).
 * Real URLs are signed with some 3,000 characters; these are shorter, so that a long request log stays small.
 */
export function asyncOperationHeader(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    'x-ms-ratelimit-remaining-subscription-writes': '199',
    'x-ms-ratelimit-remaining-subscription-global-writes': '2999',
  }
}

/** Both headers, as a DELETE has them (recording 4). */
function asyncOperationAndLocation(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    'x-ms-ratelimit-remaining-subscription-deletes': '799',
    location: operationUrl(request, operation, 'operationresults'),
  }
}

function operationUrl(request: ArmRequest, operation: Operation, kind: string): string {
  const ticks = `${621_355_968_000_000_000n + BigInt(Math.floor(operation.startMs)) * 10_000n}`
  const signature = `&t=${ticks}&c=MIIHhzCCBm-gAwIBAgITHgTs&s=${operation.id.replaceAll('-', '')}&h=${operation.id.slice(0, 8)}`
  return `${request.origin}/subscriptions/${operation.subscription}/providers/Microsoft.ContainerService/locations/${operation.location}/${kind}/${operation.id}?api-version=${OPERATION_API_VERSION}${signature}`
}

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
    subscription: clusterRefOf(cluster).subscription,
    location: locationOf(cluster),
    // Named by a child id: an abort is no operation on the cluster that another request could collide with.
    resourceId: `${id}/abort`,
    durationSeconds: ABORT_SECONDS,
    effect: { kind: 'none' },
  })
  return { status: 202, headers: asyncOperationAndLocation(request, operation) }
}

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
      subscription: clusterRefOf(cluster).subscription,
      location: locationOf(cluster),
      resourceId: textAt(cluster, 'id') ?? '',
      durationSeconds: DELETE_SECONDS,
      effect: { kind: 'delete-cluster' },
    },
    request.faults,
  )
  return { status: 202, headers: asyncOperationAndLocation(request, operation) }
}

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
      subscription: clusterRefOf(cluster).subscription,
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
