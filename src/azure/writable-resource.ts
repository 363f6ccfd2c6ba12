import type { JsonObject } from '../core/json.ts'

/**
 * What Microsoft.Network shows and does not take (read-only in the models of @azure/arm-network 39.0.0). Sent back
 * they would be ignored at best: `ipConfigurations` of a subnet alone can be megabytes.
 */
const READ_ONLY_PROPERTIES = [
  'provisioningState',
  'resourceGuid',
  'ipConfigurations',
  'ipConfigurationProfiles',
  'privateEndpoints',
  'resourceNavigationLinks',
  'serviceAssociationLinks',
  'purpose',
  'subnets',
  'ipAddress',
  'ipConfiguration',
]

/** A network resource's body as it may be PUT; all else stays as it was read. The given body is left as it is. */
export function writableResource(body: JsonObject): JsonObject {
  const { etag: _etag, properties, ...rest } = body
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return rest
  const isSubnets = /\/virtualNetworks$/i.test(String(body.type ?? ''))
  const kept = Object.entries(properties).filter(
    ([name]) => !READ_ONLY_PROPERTIES.includes(name) || (name === 'subnets' && isSubnets),
  )
  return { ...rest, properties: Object.fromEntries(kept) }
}
