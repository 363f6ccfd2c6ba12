import { ArmError } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import type { ArmHandler, ArmRequest } from '../arm/arm-request.ts'
import { assertLinkedAccess } from '../arm/linked-access.ts'
import { type JsonObject, objectAt, objectsAt, textAt, withProperties } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { assertSubnetUnused } from './in-use.ts'
import { childBody, findSubnet, networkIdOf, putSubnet, subnetBody, withSubnet } from './network-body.ts'
import { startNetworkOperation } from './network-operations.ts'
import { parentOf } from './read-resources.ts'
import { assertRoute, assertWritable } from './validate-write.ts'
import { assertEtagMatches, linksOf, parseSentBody } from './write-resources.ts'

const TYPE = 'microsoft.network/firewallpolicies/rulecollectiongroups'

/** List of the rule collection groups of a firewall policy, oldest first and not by priority. */
export const listRuleCollectionGroups: ArmHandler = (world, request) => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: { value: groupsOf(world, request) },
})

/** PUT of a group: 201 or 200 with an operation. Its policy must exist. */
export const putRuleCollectionGroup: ArmHandler = (world, request) => {
  const policy = parentOf(world, request)
  const id = idOf(request.path)
  const isNew = world.get(id) === undefined
  const sent = parseSentBody(request)
  world.put(
    groupBody(world, id, {
      priority: 100,
      ruleCollections: [],
      ...objectAt(sent, 'properties'),
      provisioningState: 'Updating',
    }),
  )
  return startNetworkOperation(world, request, {
    kind: isNew ? 'create' : 'update',
    resourceId: id,
    location: textAt(policy, 'location'),
    body: world.get(id) ?? null,
  })
}

/** The body of a group, in the order of the public examples. */
export function groupBody(world: World, id: string, properties: JsonObject): JsonObject {
  return {
    name: id.split('/').at(-1),
    id,
    etag: world.nextEtag(),
    type: 'Microsoft.Network/FirewallPolicies/RuleCollectionGroups',
    properties,
  }
}

function groupsOf(world: World, request: ArmRequest): JsonObject[] {
  const prefix = `${textAt(parentOf(world, request), 'id')}/`.toLowerCase()
  return world.list(TYPE).filter((group) => textAt(group, 'id')?.toLowerCase().startsWith(prefix))
}

/** PUT of a route: 201 or 200; the table is `Updating` until the operation ends. */
export const putRoute: ArmHandler = (world, request) => {
  const table = parentOf(world, request)
  const name = request.path.names[1] ?? ''
  const route = childBody(textAt(table, 'id') ?? '', 'routes', { ...parseSentBody(request), name }, world)
  assertRoute(route)
  const others = otherRoutes(table, name)
  const isNew = others.length === objectsAt(table, 'properties', 'routes').length
  putRoutes(world, table, [...others, route])
  return startNetworkOperation(world, request, {
    kind: isNew ? 'create' : 'update',
    resourceId: textAt(table, 'id') ?? '',
    location: textAt(table, 'location'),
    body: route,
  })
}

/** DELETE of a route: 202, or 204 if there is none. */
export const deleteRoute: ArmHandler = (world, request) => {
  const table = parentOf(world, request)
  const others = otherRoutes(table, request.path.names[1] ?? '')
  if (others.length === objectsAt(table, 'properties', 'routes').length) return { status: 204 }
  putRoutes(world, table, others)
  return startNetworkOperation(world, request, {
    kind: 'update',
    resourceId: textAt(table, 'id') ?? '',
    location: textAt(table, 'location'),
  })
}

function otherRoutes(table: JsonObject, name: string): JsonObject[] {
  return objectsAt(table, 'properties', 'routes').filter(
    (route) => textAt(route, 'name')?.toLowerCase() !== name.toLowerCase(),
  )
}

function putRoutes(world: World, table: JsonObject, routes: JsonObject[]): void {
  world.replace(withProperties(table, { routes, provisioningState: 'Updating' }))
}

/** PUT of a subnet: 201 or 200. If the body omits the gateway or the route table, it is detached. */
export const putSubnetResource: ArmHandler = (world, request) => {
  const network = parentOf(world, request)
  const id = idOf(request.path)
  const current = findSubnet(world, id)
  assertEtagMatches(request, current)
  assertNetworkIdle(world, id)
  const name = textAt(current, 'name') ?? request.path.names[1]
  const subnet = subnetBody(textAt(network, 'id') ?? '', { ...parseSentBody(request), name }, world)
  assertWritable(world, network, withSubnet(network, subnet))
  const alone = { type: textAt(network, 'type'), properties: { subnets: [subnet] } }
  assertLinkedAccess(world, linksOf(request, id, alone))
  putSubnet(world, subnet)
  return startNetworkOperation(world, request, {
    kind: current === undefined ? 'create' : 'update',
    resourceId: id,
    location: textAt(network, 'location'),
    body: findSubnet(world, id) ?? null,
  })
}

/** DELETE of a subnet: 202, or 204 if there is none. */
export const deleteSubnet: ArmHandler = (world, request) => {
  const network = parentOf(world, request)
  const id = idOf(request.path)
  const subnet = findSubnet(world, id)
  if (subnet === undefined) return { status: 204 }
  assertEtagMatches(request, subnet)
  assertNetworkIdle(world, id)
  assertSubnetUnused(world, subnet)
  return startNetworkOperation(world, request, {
    kind: 'delete',
    resourceId: id,
    location: textAt(network, 'location'),
  })
}

/**
 * Writes to the subnets of one network are serial (Resource Manager answers 429 to concurrent writes; the code is
 * inferred).
 */
function assertNetworkIdle(world: World, subnetId: string): void {
  const networkId = networkIdOf(subnetId)
  const isBusy =
    world.operationOn(networkId) !== undefined || world.operationsUnder(`${networkId}/subnets/`).length > 0
  if (!isBusy) return
  const message =
    'A retryable error occurred: another operation on this or a dependent resource is in progress.'
  throw new ArmError(
    429,
    { error: { code: 'RetryableErrorDueToAnotherOperation', message, details: [] } },
    { 'content-type': 'application/json; charset=utf-8', 'retry-after': '10' },
  )
}
