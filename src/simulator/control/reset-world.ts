import { withNewEtags } from '../cluster/merge-cluster.ts'
import { furnishCluster } from '../egress/change-egress.ts'
import { BadControlInput } from '../faults/parse-fault.ts'
import { clonesOf } from '../fleet/clones.ts'
import { demoFleet, memberNames } from '../fleet/demo-fleet.ts'
import { isObject, type Json, type JsonObject, numberAt, objectsAt, textAt } from '../json.ts'
import type { Simulator } from '../simulator.ts'
import type { World } from '../world/world.ts'

/** More clones than any test needs, few enough to fit into memory. */
const MOST_CLONES = 5000

/**
 * POST /simulator/reset: nothing for the demo fleet, `{ resources }` for given ARM bodies, or
 * `{ fleet: { count, like } }` for clones of one demo cluster. Answers what there is now.
 * @throws BadControlInput
 */
export function resetWorld(simulator: Simulator, body: Json): { clusters: number; resources: number } {
  if (body !== null && !isObject(body))
    throw new BadControlInput('The body must be {}, { resources } or { fleet }')
  simulator.reset(filling(body ?? {}))
  const { resources } = simulator.world.describe()
  return {
    clusters: simulator.world.list('microsoft.containerservice/managedclusters').length,
    resources: resources.length,
  }
}

function filling(body: JsonObject): (world: World) => void {
  const members = Object.keys(body)
  const unknown = members.filter((member) => member !== 'resources' && member !== 'fleet')
  if (unknown.length > 0 || members.length > 1)
    throw new BadControlInput(
      'The body must be {}, { resources: [ARM bodies] } or { fleet: { count, like } }',
    )
  if (body.resources !== undefined) return givenResources(body)
  if (body.fleet !== undefined) return clones(body)
  return demoFleet
}

function clones(body: JsonObject): (world: World) => void {
  const count = numberAt(body, 'fleet', 'count') ?? 0
  const like = textAt(body, 'fleet', 'like') ?? ''
  if (!Number.isInteger(count) || count < 1 || count > MOST_CLONES)
    throw new BadControlInput(`fleet.count must be a whole number from 1 to ${MOST_CLONES}`)
  if (!memberNames().includes(like))
    throw new BadControlInput(`fleet.like must be one of ${memberNames().join(', ')}`)
  return (world) => clonesOf(world, like, count)
}

/**
 * Given bodies may be of clusters alone: what such a cluster needs around it is made, so that its operations have
 * something to work on. References are mirrored whatever the order of the bodies.
 */
function givenResources(body: JsonObject): (world: World) => void {
  const bodies = objectsAt(body, 'resources')
  if (!Array.isArray(body.resources) || bodies.length !== body.resources.length)
    throw new BadControlInput('resources must be a list of ARM bodies')
  for (const [index, resource] of bodies.entries()) requireShape(resource, index)
  return (world) => {
    for (const resource of bodies) world.put(resource)
    for (const resource of bodies) world.put(world.get(textAt(resource, 'id')) ?? resource)
    for (const resource of bodies)
      if (isCluster(resource)) {
        world.put(furnishCluster(world, withEtags(world, resource)))
      }
  }
}

function requireShape(resource: JsonObject, index: number): void {
  const id = textAt(resource, 'id')
  if (id === undefined || !/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.test(id))
    throw new BadControlInput(`resources[${index}].id must be an ARM resource id`)
  if (isCluster(resource) && !isObject(resource.properties))
    throw new BadControlInput(`resources[${index}].properties must be an object`)
}

function isCluster(resource: JsonObject): boolean {
  return /\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+$/i.test(
    textAt(resource, 'id') ?? '',
  )
}

/** A recorded body may have no ETag, or one in the spelling of 2024. */
function withEtags(world: World, cluster: JsonObject): JsonObject {
  const { etag: _old, ...rest } = cluster
  return textAt(rest, 'eTag') === undefined ? withNewEtags(rest, () => world.nextGuid()) : rest
}
