import type { ArmRequest } from '../arm/arm-request.ts'
import { type JsonObject, numberAt, objectsAt, textAt, withProperties } from '../lib/json.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { findSubnet, networkIdOf } from './network-body.ts'

/** Simulated seconds: recorded operations had ended at the first poll after 1 to 10 s. */
const NETWORK_OPERATION_SECONDS = 2

/** Starts an operation of Microsoft.Network on a resource. */
export function startNetworkOperation(
  world: World,
  request: ArmRequest,
  what: { kind: Operation['kind']; resourceId: string; location: string },
): Operation {
  return world.start(
    {
      dialect: 'network',
      kind: what.kind,
      subscription: request.path.subscription ?? '',
      location: what.location,
      resourceId: what.resourceId,
      durationSeconds: NETWORK_OPERATION_SECONDS,
      effect: { kind: 'settle-network-resource' },
    },
    request.faults,
  )
}

/** Headers of a PUT: the operation URL has the api-version of the request, unlike those of AKS (test/data/recordings). */
export function networkWriteHeaders(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'azure-asyncnotification': 'Enabled',
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    'x-ms-ratelimit-remaining-subscription-global-writes': '2999',
    'x-ms-ratelimit-remaining-subscription-writes': '199',
  }
}

/** Headers of a DELETE: also `location`, with a capital R in operationResults (test/data/recordings). */
export function networkDeleteHeaders(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'azure-asyncnotification': 'Enabled',
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    location: operationUrl(request, operation, 'operationResults'),
    'x-ms-ratelimit-remaining-subscription-deletes': '799',
  }
}

function operationUrl(request: ArmRequest, operation: Operation, kind: string): string {
  return `${request.origin}/subscriptions/${operation.subscription}/providers/Microsoft.Network/locations/${operation.location}/${kind}/${operation.id}?api-version=${request.apiVersion}&t=${Math.floor(operation.startMs)}&c=MIIHhzCCBm&s=${operation.id.replaceAll('-', '')}&h=${operation.id.slice(0, 8)}`
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
  const etag = `W/"${world.nextGuid()}"`
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
  const etag = `W/"${world.nextGuid()}"`
  if (operation.kind === 'delete') {
    world.put({ ...withProperties(network, { subnets: others }), etag })
    return
  }
  const provisioningState = operation.failure === null ? 'Succeeded' : 'Failed'
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

/** The address stands behind resourceGuid. */
function insertAfterGuid(body: JsonObject, member: string, value: string): JsonObject {
  const { provisioningState, resourceGuid, [member]: _absent, ...rest } = body.properties as JsonObject
  return { ...body, properties: { provisioningState, resourceGuid, [member]: value, ...rest } }
}
