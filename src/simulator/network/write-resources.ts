import { networkError } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import { type ArmHandler, type ArmRequest, assertResourceGroup } from '../arm/arm-request.ts'
import { assertLinkedAccess, type LinkedWrite } from '../arm/linked-access.ts'
import { isObject, type JsonObject, lowerCaseAt, textAt } from '../lib/json.ts'
import { backReferencesOf } from '../world/back-references.ts'
import { assertUnused } from './in-use.ts'
import { networkBody } from './network-body.ts'
import { startNetworkOperation } from './network-operations.ts'
import { assertWritable } from './validate-write.ts'

/**
 * PUT of a network resource: 201 for a new resource, 200 for an existing resource, `Updating` until the operation
 * ends.
 */
export const putNetworkResource: ArmHandler = (world, request) => {
  assertResourceGroup(world, request.path)
  const id = idOf(request.path)
  const current = world.get(id)
  const sent = parseSentBody(request)
  if (textAt(sent, 'location') === undefined)
    throw networkError(400, 'LocationRequired', 'The location property is required for this definition.')
  assertEtagMatches(request, current)
  const body = networkBody(world, {
    id: textAt(current, 'id') ?? id,
    type: request.path.types[0]?.toLowerCase() ?? '',
    apiVersion: request.apiVersion,
    current,
    sent,
  })
  assertWritable(world, current, body)
  assertLinkedAccess(world, linksOf(request, id, body))
  world.put(body)
  return startNetworkOperation(world, request, {
    kind: current === undefined ? 'create' : 'update',
    resourceId: id,
    location: textAt(body, 'location'),
    body: world.get(id) ?? null,
  })
}

/** The resources to which the body of a network resource refers. */
export function linksOf({ path }: ArmRequest, id: string, body: JsonObject): LinkedWrite {
  const links = backReferencesOf(lowerCaseAt(body, 'type'), body).map(({ targetId }) => targetId)
  return { type: `Microsoft.Network/${path.types.join('/')}`, id, links: [...new Set(links)] }
}

/** DELETE of a network resource: 202, or 204 if there is none. A resource in use is rejected. */
export const deleteNetworkResource: ArmHandler = (world, request) => {
  const id = idOf(request.path)
  const body = world.get(id)
  if (body === undefined) return { status: 204 }
  assertEtagMatches(request, body)
  assertUnused(world, body)
  return startNetworkOperation(world, request, {
    kind: 'delete',
    resourceId: id,
    location: textAt(body, 'location'),
  })
}

/** The JSON object that was sent. */
export function parseSentBody(request: ArmRequest): JsonObject {
  if (isObject(request.body)) return request.body
  throw networkError(400, 'InvalidRequestFormat', 'Cannot parse the request.')
}

/** Rejects a write whose If-Match names another ETag (Microsoft.Network answers 412 PreconditionFailed; inferred). */
export function assertEtagMatches(request: ArmRequest, current: JsonObject | undefined): void {
  const wanted = request.ifMatch
  if (wanted === undefined || wanted === '' || (wanted === '*' && current !== undefined)) return
  if (current !== undefined && textAt(current, 'etag') === wanted) return
  throw networkError(
    412,
    'PreconditionFailed',
    'Etag provided in if-match header does not match etag of the resource.',
  )
}
