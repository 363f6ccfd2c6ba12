import { findSubnet, networkIdOf } from '../egress/subnet.ts'
import { type JsonObject, numberAt, objectsAt, textAt, withProperties } from '../json.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'

/**
 * The end of a write to Microsoft.Network: `Updating` becomes `Succeeded` (or `Failed`), the ETag changes once more,
 * and a public IP or prefix gets its address, which is absent while Updating (recording 8).
 */
export function networkEffectDone(world: World, operation: Operation): void {
  const isSubnet = /\/subnets\/[^/]+$/i.test(operation.resourceId)
  if (isSubnet) settleSubnet(world, operation)
  else settleResource(world, operation)
}

function settleResource(world: World, operation: Operation): void {
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

function settleSubnet(world: World, operation: Operation): void {
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
    return inserted(body, 'ipAddress', world.nextAddress(family))
  if (type === 'microsoft.network/publicipprefixes' && textAt(body, 'properties', 'ipPrefix') === undefined)
    return withProperties(body, {
      ipPrefix: world.nextPrefix(numberAt(body, 'properties', 'prefixLength') ?? 28, family),
    })
  return body
}

/** The address stands behind resourceGuid. */
function inserted(body: JsonObject, member: string, value: string): JsonObject {
  const { provisioningState, resourceGuid, [member]: _absent, ...rest } = body.properties as JsonObject
  return { ...body, properties: { provisioningState, resourceGuid, [member]: value, ...rest } }
}
