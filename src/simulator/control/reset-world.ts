import { saveCluster } from '../cluster/merge-cluster.ts'
import { provisionClusterResources } from '../egress/change-egress.ts'
import { InvalidControlInput } from '../faults/parse-faults.ts'
import { addClones, addEstate, demoFleet, memberNames } from '../fleet/demo-fleet.ts'
import { at, isObject, type Json, type JsonObject, numberAt, objectsAt, textAt } from '../lib/json.ts'
import type { Simulator } from '../server/simulator.ts'
import type { World } from '../world/world.ts'

/** The maximum number of clones and of subscriptions: more than any test needs, but few enough for the memory. */
const MAX_CLONES = 10_000
const MAX_SUBSCRIPTIONS = 100

/**
 * POST /simulator/reset: no body for the demo fleet, `{ resources }` for given ARM bodies, or `{ fleet: { count, like } }`
 * for clones of one demo cluster. With `subscriptions`, `like` can be a list, and the clones are spread over that many
 * subscriptions. Returns the new counts.
 * @throws BadControlInput
 */
export function resetWorld(simulator: Simulator, body: Json): { clusters: number; resources: number } {
  if (body !== null && !isObject(body))
    throw new InvalidControlInput('The body must be {}, { resources } or { fleet }.')
  simulator.reset(resolveFill(body ?? {}))
  const { resources } = simulator.world.describe()
  return {
    clusters: simulator.world.list('microsoft.containerservice/managedclusters').length,
    resources: resources.length,
  }
}

function resolveFill(body: JsonObject): (world: World) => void {
  const members = Object.keys(body)
  const unknown = members.filter((member) => member !== 'resources' && member !== 'fleet')
  if (unknown.length > 0 || members.length > 1)
    throw new InvalidControlInput(
      'The body must be {}, { resources: [ARM bodies] } or { fleet: { count, like } }.',
    )
  if (body.resources !== undefined) return fillWithResources(body)
  if (body.fleet !== undefined) return fillWithClones(body)
  return demoFleet
}

function fillWithClones(body: JsonObject): (world: World) => void {
  const count = numberAt(body, 'fleet', 'count') ?? 0
  const like = at(body, 'fleet', 'like')
  const likes = (Array.isArray(like) ? like : [like]).map(String)
  const subscriptions = numberAt(body, 'fleet', 'subscriptions') ?? 1
  if (!Number.isInteger(count) || count < 1 || count > MAX_CLONES)
    throw new InvalidControlInput(`fleet.count must be a whole number from 1 to ${MAX_CLONES}.`)
  if (likes.length === 0 || likes.some((name) => !memberNames().includes(name)))
    throw new InvalidControlInput(`fleet.like must be one of ${memberNames().join(', ')}.`)
  if (!Number.isInteger(subscriptions) || subscriptions < 1 || subscriptions > MAX_SUBSCRIPTIONS)
    throw new InvalidControlInput(
      `fleet.subscriptions must be a whole number from 1 to ${MAX_SUBSCRIPTIONS}.`,
    )
  const [first = ''] = likes
  const isEstate = subscriptions > 1 || likes.length > 1
  return (world) =>
    isEstate ? addEstate(world, likes, count, subscriptions) : addClones(world, first, count)
}

/**
 * The list can contain only clusters: the managed resources that a cluster needs are created, so that its operations
 * work. The bodies can be in any order.
 */
function fillWithResources(body: JsonObject): (world: World) => void {
  const bodies = objectsAt(body, 'resources')
  if (!Array.isArray(body.resources) || bodies.length !== body.resources.length)
    throw new InvalidControlInput('resources must be a list of ARM bodies.')
  for (const [index, resource] of bodies.entries()) assertShape(resource, index)
  return (world) => {
    for (const resource of bodies) world.put(resource)
    for (const resource of bodies) world.put(world.get(textAt(resource, 'id')) ?? resource)
    for (const resource of bodies)
      if (isCluster(resource)) {
        world.put(provisionClusterResources(world, withEtags(world, resource)))
      }
  }
}

function assertShape(resource: JsonObject, index: number): void {
  const id = textAt(resource, 'id')
  if (id === undefined || !/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.test(id))
    throw new InvalidControlInput(`resources[${index}].id must be an ARM resource ID.`)
  if (isCluster(resource) && !isObject(resource.properties))
    throw new InvalidControlInput(`resources[${index}].properties must be an object.`)
}

function isCluster(resource: JsonObject): boolean {
  return /\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+$/i.test(
    textAt(resource, 'id') ?? '',
  )
}

/** A recorded body may have no ETag, or an ETag in the form of 2024. */
function withEtags(world: World, cluster: JsonObject): JsonObject {
  const { etag: _old, ...rest } = cluster
  return textAt(rest, 'eTag') === undefined ? saveCluster(world, rest) : rest
}
