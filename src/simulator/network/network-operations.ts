import type { ArmRequest, ArmResponse } from '../arm/arm-request.ts'
import { operationHeaders } from '../arm/operation-headers.ts'
import { type Json, type JsonObject, numberAt, objectsAt, textAt, withProperties } from '../lib/json.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { findSubnet, networkIdOf } from './network-body.ts'

/** Simulated seconds: recorded operations had ended at the first poll after 1 to 10 s. */
const NETWORK_OPERATION_SECONDS = 2

/**
 * Starts an operation of Microsoft.Network on a resource and returns a response with its headers: 201 or 200 with the
 * body, or 202 for a DELETE.
 */
export function startNetworkOperation(
  world: World,
  request: ArmRequest,
  start: { kind: Operation['kind']; resourceId: string; location: string | undefined; body?: Json },
): ArmResponse {
  const { kind, resourceId, location = '', body } = start
  const operation = world.start(
    {
      dialect: 'network',
      kind,
      subscription: request.path.subscription ?? '',
      location,
      resourceId,
      durationSeconds: NETWORK_OPERATION_SECONDS,
      effect: { kind: 'settle-network-resource' },
    },
    request.faults,
  )
  const headers = operationHeaders(world, request, operation)
  return body === undefined
    ? { status: 202, headers }
    : { status: kind === 'create' ? 201 : 200, headers, body }
}

/**
 * The end of a write to Microsoft.Network: `Updating` becomes `Succeeded` (or `Failed`), the ETag changes once more,
 * and a public IP or prefix gets its address, which is absent while Updating (recording 8).
 */
export function finishNetworkOperation(world: World, operation: Operation): void {
  const isSubnet = /\/subnets\/[^/]+$/i.test(operation.resourceId)
  if (isSubnet) finishSubnet(world, operation)
  else finishResource(world, operation)
}

function finishResource(world: World, operation: Operation): void {
  const body = world.get(operation.resourceId)
  if (body === undefined) return
  if (operation.kind === 'delete') {
    if (operation.failure === null) world.remove(operation.resourceId)
    return
  }
  const provisioningState = operation.failure === null ? 'Succeeded' : 'Failed'
  const etag = world.nextEtag()
  const subnets = objectsAt(body, 'properties', 'subnets').map((subnet) =>
    subnet.properties === undefined ? subnet : { ...withProperties(subnet, { provisioningState }), etag },
  )
  const withSubnets = subnets.length > 0 ? withProperties(body, { subnets }) : body
  world.put({ ...withProperties(withAddress(world, withSubnets), { provisioningState }), etag })
}

function finishSubnet(world: World, operation: Operation): void {
  const network = world.get(networkIdOf(operation.resourceId))
  const subnet = findSubnet(world, operation.resourceId)
  if (network === undefined || subnet === undefined) return
  const id = textAt(subnet, 'id')
  const others = objectsAt(network, 'properties', 'subnets').filter((entry) => textAt(entry, 'id') !== id)
  if (operation.kind === 'delete') {
    world.replace(withProperties(network, { subnets: others }))
    return
  }
  const provisioningState = operation.failure === null ? 'Succeeded' : 'Failed'
  const etag = world.nextEtag()
  const settled = { ...withProperties(subnet, { provisioningState }), etag }
  const subnets = objectsAt(network, 'properties', 'subnets').map((entry) =>
    textAt(entry, 'id') === id ? settled : entry,
  )
  world.put({ ...withProperties(network, { subnets }), etag })
}

function withAddress(world: World, body: JsonObject): JsonObject {
  const type = textAt(body, 'type')?.toLowerCase()
  const family = textAt(body, 'properties', 'publicIPAddressVersion') ?? 'IPv4'
  if (type === 'microsoft.network/publicipaddresses' && textAt(body, 'properties', 'ipAddress') === undefined)
    return insertAfterGuid(body, 'ipAddress', world.nextAddress(family))
  if (type === 'microsoft.network/publicipprefixes' && textAt(body, 'properties', 'ipPrefix') === undefined)
    return withProperties(body, {
      ipPrefix: world.nextPrefix(numberAt(body, 'properties', 'prefixLength') ?? 28, family),
    })
  return body
}

/** `resourceGuid` contains the encoded address. */
function insertAfterGuid(body: JsonObject, member: string, value: string): JsonObject {
  const { provisioningState, resourceGuid, [member]: _absent, ...rest } = body.properties as JsonObject
  return { ...body, properties: { provisioningState, resourceGuid, [member]: value, ...rest } }
}
