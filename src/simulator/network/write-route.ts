import { idOf } from '../http/arm-path.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import { type JsonObject, objectsAt, textAt, withProperties } from '../json.ts'
import type { World } from '../world/world.ts'
import { child } from './network-body.ts'
import { networkDeleteHeaders, networkWriteHeaders, startNetworkOperation } from './network-operation.ts'
import { parentOf } from './read-network.ts'
import { sentBody } from './write-network.ts'

/** PUT of a route: 201 or 200; the table is `Updating` until the operation ends. */
export const putRoute: ArmHandler = (world, request) => {
  const table = parentOf(world, request)
  const name = request.path.names[1] ?? ''
  const route = child(textAt(table, 'id') ?? '', 'routes', { ...sentBody(request), name }, world)
  const others = otherRoutes(table, name)
  const isNew = others.length === objectsAt(table, 'properties', 'routes').length
  putRoutes(world, table, [...others, route])
  const operation = startNetworkOperation(world, request, {
    kind: isNew ? 'create' : 'update',
    resourceId: textAt(table, 'id') ?? '',
    location: textAt(table, 'location') ?? '',
  })
  return { status: isNew ? 201 : 200, headers: networkWriteHeaders(request, operation), body: route }
}

/** DELETE of a route: 202, or 204 when there is none. */
export const deleteRoute: ArmHandler = (world, request) => {
  const table = parentOf(world, request)
  const others = otherRoutes(table, request.path.names[1] ?? '')
  if (others.length === objectsAt(table, 'properties', 'routes').length) return { status: 204 }
  putRoutes(world, table, others)
  const operation = startNetworkOperation(world, request, {
    kind: 'update',
    resourceId: idOf({
      ...request.path,
      types: request.path.types.slice(0, 1),
      names: request.path.names.slice(0, 1),
    }),
    location: textAt(table, 'location') ?? '',
  })
  return { status: 202, headers: networkDeleteHeaders(request, operation) }
}

function otherRoutes(table: JsonObject, name: string): JsonObject[] {
  return objectsAt(table, 'properties', 'routes').filter(
    (route) => textAt(route, 'name')?.toLowerCase() !== name.toLowerCase(),
  )
}

function putRoutes(world: World, table: JsonObject, routes: JsonObject[]): void {
  const changed = withProperties(table, { routes, provisioningState: 'Updating' })
  world.put({ ...changed, etag: `W/"${world.nextGuid()}"` })
}
