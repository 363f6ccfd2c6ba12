import { resourceNotFound } from '../arm/arm-error.ts'
import { idOf, typeOf } from '../arm/arm-path.ts'
import {
  type ArmHandler,
  type ArmRequest,
  assertResourceGroup,
  assertSubscription,
} from '../arm/arm-request.ts'
import { type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { findSubnet } from './network-body.ts'

const READ_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
}

/** The texts of stored bodies. A changed resource is a new object. */
const textCache = new WeakMap<JsonObject, string>()

/** A stored body as compact JSON. */
function textOf(body: JsonObject): string {
  const known = textCache.get(body)
  if (known !== undefined) return known
  const text = JSON.stringify(body)
  textCache.set(body, text)
  return text
}

/** GET of one resource of any provider except AKS. A network resource also has its ETag in a header. */
export const getResource: ArmHandler = (world, request) => {
  const body = resourceOf(world, request)
  const etag = textAt(body, 'etag')
  return {
    status: 200,
    headers: etag === undefined ? READ_HEADERS : { etag, ...READ_HEADERS },
    text: textOf(body),
  }
}

/** List of a type in a subscription or resource group: `{ value }`, no nextLink, no ETag header (recording 8). */
export const listResources: ArmHandler = (world, request) => {
  const { subscription = '', resourceGroup } = request.path
  assertSubscription(world, request.path)
  if (resourceGroup !== undefined) assertResourceGroup(world, request.path)
  const bodies = world.list(typeOf(request.path), { subscription, resourceGroup })
  return { status: 200, headers: READ_HEADERS, text: `{"value":[${bodies.map(textOf).join(',')}]}` }
}

/** GET of a subnet, which is stored in its virtual network. */
export const getSubnet: ArmHandler = (world, request) => {
  parentOf(world, request)
  const subnet = findSubnet(world, idOf(request.path))
  if (subnet === undefined) throw childNotFound(request)
  return {
    status: 200,
    headers: { etag: textAt(subnet, 'etag') ?? '', ...READ_HEADERS },
    text: textOf(subnet),
  }
}

/** List of the subnets of a virtual network, or of the routes of a route table. */
export const listChildren: ArmHandler = (world, request) => {
  const parent = parentOf(world, request)
  const kind = request.path.types[1]?.toLowerCase() ?? ''
  const value = objectsAt(parent, 'properties', kind)
  return { status: 200, headers: READ_HEADERS, text: `{"value":[${value.map(textOf).join(',')}]}` }
}

/** List of child resources that are stored separately, such as the firewall rules of a server. */
export const listChildResources: ArmHandler = (world, request) => {
  const { path } = request
  const parent = textAt(
    resourceOf(world, { ...request, path: { ...path, types: path.types.slice(0, -1) } }),
    'id',
  )
  const { subscription = '', resourceGroup } = path
  const bodies = world
    .list(typeOf(path), { subscription, resourceGroup })
    .filter((body) => textAt(body, 'id')?.toLowerCase().startsWith(`${parent?.toLowerCase()}/`))
  return { status: 200, headers: READ_HEADERS, text: `{"value":[${bodies.map(textOf).join(',')}]}` }
}

/** GET of a route of a route table. */
export const getRoute: ArmHandler = (world, request) => {
  const name = request.path.names[1]?.toLowerCase()
  const route = objectsAt(parentOf(world, request), 'properties', 'routes').find(
    (entry) => textAt(entry, 'name')?.toLowerCase() === name,
  )
  if (route === undefined) throw childNotFound(request)
  return { status: 200, headers: { etag: textAt(route, 'etag') ?? '', ...READ_HEADERS }, text: textOf(route) }
}

/**
 * The resource that a path names.
 * @throws ArmRefusal 404
 */
function resourceOf(world: World, request: ArmRequest): JsonObject {
  assertResourceGroup(world, request.path)
  const body = world.get(idOf(request.path))
  if (body !== undefined) return body
  const { provider, types, names, resourceGroup } = request.path
  throw resourceNotFound(`${provider}/${types.join('/')}`, names.join('/'), resourceGroup ?? '')
}

/**
 * The resource above the child that a path names.
 * @throws ArmRefusal 404
 */
export function parentOf(world: World, request: ArmRequest): JsonObject {
  const { path } = request
  return resourceOf(world, {
    ...request,
    path: { ...path, types: path.types.slice(0, 1), names: path.names.slice(0, 1) },
  })
}

function childNotFound(request: ArmRequest): Error {
  const { provider, types, names, resourceGroup } = request.path
  return resourceNotFound(`${provider}/${types.join('/')}`, names.join('/'), resourceGroup ?? '')
}
