import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import { NETWORK_API_VERSION } from '../arm/outbound-type.ts'
import { isRoute, lastSegment, parseResourceId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { DEFAULT_ROUTE_PREFIX } from '../egress/routes.ts'
import type { Preparation, ResourceWrite } from '../preparation/preparation.ts'

/** The types of resources that a plan prepares. */
type PreparedType = 'publicIp' | 'publicIpPrefix' | 'natGateway' | 'routeTable' | 'route'

/** A resource that the plan creates, or a route that it changes, as it is afterwards. */
export interface PreparedResource {
  kind: 'resource'
  type: PreparedType
  id: string
  name: string
  subscriptionId: string
  resourceGroup: string
  /** The name of the route table of a route. */
  parentName: string | null
  body: JsonObject
}

/** A subnet with what the plan attaches to it. */
export interface PreparedAssociation {
  kind: 'association'
  id: string
  name: string
  property: 'natGateway' | 'routeTable'
  resourceId: string
}

export type Prepared = PreparedResource | PreparedAssociation

const PREPARED_TYPES: readonly PreparedType[] = [
  'publicIp',
  'publicIpPrefix',
  'natGateway',
  'routeTable',
  'route',
]

/** Everything that the plan prepares, in its order, as it is after the job. */
export function preparedResources({ writes }: Preparation): Prepared[] {
  return writes.flatMap((write) => associationOf(write) ?? resourceOf(write) ?? [])
}

function associationOf({ id, changes }: ResourceWrite): PreparedAssociation | null {
  const [change] = changes
  if (change?.op !== 'set' || !isObject(change.value)) return null
  const property = change.path === '/properties/natGateway' ? 'natGateway' : 'routeTable'
  return { kind: 'association', id, name: lastSegment(id), property, resourceId: String(change.value.id) }
}

function resourceOf(write: ResourceWrite): PreparedResource | null {
  const parsed = parseResourceId(write.id)
  const type = PREPARED_TYPES.find((key) => equalsArm(parsed?.type, RESOURCE_TYPES[key]))
  if (parsed === null || type === undefined) return null
  const { subscriptionId, resourceGroup, name } = parsed
  const parentName = isRoute(write.id) ? (write.id.split('/').at(-3) ?? null) : null
  const body = write.body ?? changedRoute(write)
  return { kind: 'resource', type, id: write.id, name, subscriptionId, resourceGroup, parentName, body }
}

/** The plan changes only the next hop of default routes. */
function changedRoute({ changes }: ResourceWrite): JsonObject {
  const properties: JsonObject = { addressPrefix: DEFAULT_ROUTE_PREFIX }
  for (const change of changes) if (change.op === 'set') properties[lastSegment(change.path)] = change.value
  return { properties }
}

/** The type of a prepared resource with the API version, as Bicep and azapi name it. */
export function versionedType(prepared: Prepared): string {
  const type = prepared.kind === 'association' ? 'subnet' : prepared.type
  return `${RESOURCE_TYPES[type]}@${NETWORK_API_VERSION}`
}

/** The `properties` of a body. */
export function propertiesOf({ body }: { body: JsonObject }): JsonObject {
  return isObject(body.properties) ? body.properties : {}
}

/** The IDs behind a list of references, such as the addresses of a NAT gateway. */
export function referencedIds(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.flatMap((item) => (isObject(item) ? String(item.id) : [])) : []
}

/** The SKU of a prepared resource; null for route tables and routes. */
export function skuOf({ body }: PreparedResource): string | null {
  return isObject(body.sku) ? String(body.sku.name) : null
}

/** Whether the plan prepares StandardV2 resources, which only newer versions of some tools know. */
export function preparesStandardV2(prepared: Prepared[]): boolean {
  return prepared.some((item) => item.kind === 'resource' && equalsArm(skuOf(item), 'StandardV2'))
}
