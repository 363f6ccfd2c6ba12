import { gatewayError } from '../arm/arm-error.ts'
import {
  type ArmHandler,
  type ArmResponse,
  assertResourceGroup,
  assertSubscription,
} from '../arm/arm-request.ts'
import { operationHeaders } from '../arm/operation-headers.ts'
import { equalsText, type JsonObject, numberAt, textAt } from '../lib/json.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'

/** The error that recording 4 shows together with a successful status. */
const NOT_LATEST = {
  code: 'NotLatestOperation',
  message:
    "Cannot proceed with the operation. Either the operation has been preempted by another one, or the information needed by the operation failed to be saved (or hasn't been saved yet).",
}

/** GET …/operations/{id}: the status of a long-running operation, in the form of its provider. */
export const getOperation: ArmHandler = (world, request): ArmResponse => {
  const operation = findOperation(world, request.path.names.at(-1))
  if (operation.dialect === 'network')
    return {
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
      },
      body: networkStatus(operation),
    }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    text: JSON.stringify(clusterStatus(operation, world.clock.now()), null, 1),
  }
}

/** GET …/operationresults/{id}: 202 while the operation runs, then 204, with the URL again; recorded for a DELETE. */
export const getOperationResult: ArmHandler = (world, request): ArmResponse => {
  const operation = findOperation(world, request.path.names.at(-1))
  const headers = operationHeaders(world, request, operation)
  return { status: operation.status === 'InProgress' ? 202 : 204, headers }
}

function findOperation(world: World, id: string | undefined): Operation {
  const operation = world.operation(id ?? '')
  if (operation === undefined) throw gatewayError(404, 'NotFound', 'The entity was not found.')
  return operation
}

/** The statuses of a running operation on a cluster, in order (recordings of October 2025). */
const PHASES = [
  'InProgress',
  'ProvisioningControlPlane',
  'ReconcilingDNS',
  'ReconcilingAddons',
  'ProvisioningNetworkResources',
  'CreatingAgentPools: 0/1 nodes completed',
]

/** It is inferred that all phases have the same duration, and that updates show the phases of a creation. */
function phaseOf({ kind, startMs, endMs }: Operation, now: number): string {
  const isShown = endMs !== null && (kind === 'create' || kind === 'update')
  const share = isShown ? (now - startMs) / (endMs - startMs) : 0
  return PHASES[Math.min(PHASES.length - 1, Math.floor(share * PHASES.length))] ?? 'InProgress'
}

/** Only name, status and times. An error is a separate member (recordings 4 and 8a). */
function clusterStatus(operation: Operation, now: number): JsonObject {
  const shown: JsonObject = {
    name: operation.id,
    status: operation.status === 'InProgress' ? phaseOf(operation, now) : operation.status,
    startTime: withTicks(operation.startMs),
  }
  if (operation.status !== 'InProgress' && operation.endMs !== null)
    shown.endTime = withTicks(operation.endMs)
  if (operation.status === 'Failed' || operation.status === 'Canceled') shown.error = { ...operation.failure }
  else if (operation.errorInSuccess) shown.error = NOT_LATEST
  return shown
}

function networkStatus(operation: Operation): JsonObject {
  return operation.status === 'Failed'
    ? { status: 'Failed', error: { ...operation.failure, details: [] } }
    : { status: operation.status }
}

/** Azure's times have seven digits after the point; a millisecond clock fills four of them with a fixed tail. */
function withTicks(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '1234Z')
}

/**
 * Limits of a subscription and region: public IPs from the error message of the service, the others from
 * azure-subscription-service-limits.
 */
const USAGE_LIMITS: [name: string, type: string, limit: number][] = [
  ['PublicIPAddresses', 'publicipaddresses', 1000],
  ['StaticPublicIPAddresses', 'publicipaddresses', 1000],
  ['StandardSkuPublicIpAddresses', 'publicipaddresses', 1000],
  ['VirtualNetworks', 'virtualnetworks', 1000],
  ['NatGateways', 'natgateways', 1000],
  ['RouteTables', 'routetables', 200],
  ['LoadBalancers', 'loadbalancers', 1000],
  ['NetworkSecurityGroups', 'networksecuritygroups', 5000],
]

/** GET …/locations/{region}/usages, counted from the existing resources. */
export const listUsages: ArmHandler = (world, request) => {
  assertSubscription(world, request.path)
  const { subscription = '', names } = request.path
  const location = (names[0] ?? '').toLowerCase()
  const value = USAGE_LIMITS.map(([name, type, usual]): JsonObject => {
    const id = `/subscriptions/${subscription}/providers/Microsoft.Network/locations/${location}/usages/${name}`
    // A test can set a lower limit with the ID of the usage.
    const limit = numberAt(world.get(id), 'limit') ?? usual
    const bodies = world.list(`microsoft.network/${type}`, { subscription })
    const currentValue = bodies.filter((body) => textAt(body, 'location')?.toLowerCase() === location).length
    return {
      currentValue,
      id,
      limit,
      name: { localizedValue: name, value: name },
      unit: 'Count',
    }
  })
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: { value } }
}

/** GET of a resource group. */
export const getResourceGroup: ArmHandler = (world, request) => {
  assertResourceGroup(world, request.path)
  const { subscription, resourceGroup } = request.path
  const body = world.get(`/subscriptions/${subscription}/resourceGroups/${resourceGroup}`)
  return { status: 200, body: body === undefined ? null : withManager(world, body) }
}

/** AKS manages the node resource groups of its clusters (inferred). */
function withManager(world: World, group: JsonObject): JsonObject {
  const [, , subscription = ''] = (textAt(group, 'id') ?? '').split('/')
  const manager = world
    .list('microsoft.containerservice/managedclusters', { subscription })
    .find((cluster) => equalsText(textAt(cluster, 'properties', 'nodeResourceGroup'), textAt(group, 'name')))
  return manager === undefined ? group : { ...group, managedBy: textAt(manager, 'id') ?? '' }
}

/** List of the resource groups of a subscription. */
export const listResourceGroups: ArmHandler = (world, request) => {
  assertSubscription(world, request.path)
  const { subscription = '' } = request.path
  const groups = world.list('microsoft.resources/resourcegroups', { subscription })
  return { status: 200, body: { value: groups.map((group) => withManager(world, group)) } }
}
