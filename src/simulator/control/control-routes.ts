import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { saveCluster } from '../cluster/merge-cluster.ts'
import { provisionClusterResources } from '../egress/change-egress.ts'
import { InvalidControlInput, parseFaults } from '../faults/parse-faults.ts'
import { addClones, addEstate, demoFleet, memberNames } from '../fleet/demo-fleet.ts'
import { at, isObject, type Json, type JsonObject, numberAt, objectsAt, textAt } from '../lib/json.ts'
import type { Simulator } from '../server/simulator.ts'
import type { LoggedRequest } from '../world/request-log.ts'
import type { World } from '../world/world.ts'

/**
 * POST /simulator/resources `{ put: [ARM bodies], remove: [ids] }`: adds resources to the simulator unchanged, or removes
 * them, without Azure's validation; this sets locks, policies, roles and limits (README).
 * @throws BadControlInput
 */
function changeResources(simulator: Simulator, body: Json): { put: number; removed: number } {
  const { put = [], remove = [], ...rest } = isObject(body) ? body : { unknown: true }
  if (!Array.isArray(put) || !Array.isArray(remove) || Object.keys(rest).length > 0)
    throw new InvalidControlInput('The body must be { put: [ARM bodies], remove: [IDs] }.')
  const bodies = put.map((each, index) => toArmBody(each, index))
  const ids = remove.map((each, index) => toResourceId(each, `remove[${index}]`))
  for (const each of bodies) simulator.world.put(each)
  for (const id of ids) simulator.world.remove(id)
  simulator.watcher.accept()
  // An empty note stores the change.
  simulator.flush(null)
  return { put: bodies.length, removed: ids.length }
}

function toArmBody(body: Json, index: number): JsonObject {
  if (!isObject(body)) throw new InvalidControlInput(`put[${index}] must be an ARM body.`)
  toResourceId(textAt(body, 'id') ?? null, `put[${index}].id`)
  return body
}

function toResourceId(id: Json, where: string): string {
  if (typeof id === 'string' && /\/providers\/[^/]+\/[^/]+\/[^/]+/.test(id)) return id
  throw new InvalidControlInput(`${where} must be an ARM resource ID.`)
}

const KNOWN_PARAMETERS = ['after', 'method', 'contains', 'bodies']

/**
 * GET /simulator/requests?after=&method=&contains=&bodies=: the request log, oldest first. `bodies=false` omits the
 * bodies, because a response cannot hold those of 100,000 requests.
 * @throws BadControlInput
 */
function listRequests(simulator: Simulator, query: Record<string, string>): LoggedRequest[] {
  const unknown = Object.keys(query).filter((name) => !KNOWN_PARAMETERS.includes(name))
  if (unknown.length > 0)
    throw new InvalidControlInput(
      `Unknown query parameters: ${unknown.join(', ')}. Use ${KNOWN_PARAMETERS.join(', ')}.`,
    )
  const after = Number(query.after ?? 0)
  if (!Number.isInteger(after) || after < 0)
    throw new InvalidControlInput('after must be a sequence number of 0 or more.')
  const { bodies = 'true' } = query
  if (bodies !== 'true' && bodies !== 'false') throw new InvalidControlInput('bodies must be true or false.')
  const found = simulator.log.list({ after, method: query.method, contains: query.contains })
  return bodies === 'true' ? found : found.map(withoutBodies)
}

function withoutBodies(entry: LoggedRequest): LoggedRequest {
  return { ...entry, requestBody: null, body: null, bodyOmitted: true }
}

const KNOWN_MEMBERS = ['mode', 'scale', 'advanceSeconds']

/**
 * POST /simulator/clock `{ mode, scale, advanceSeconds }`, every member optional.
 * @throws BadControlInput
 */
function setClock(simulator: Simulator, body: Json): void {
  const { clock } = simulator.world
  const given = isObject(body) ? body : {}
  const unknown = Object.keys(given).filter((member) => !KNOWN_MEMBERS.includes(member))
  if (body !== null && !isObject(body))
    throw new InvalidControlInput('The body must be { mode, scale, advanceSeconds }.')
  if (unknown.length > 0)
    throw new InvalidControlInput(`Unknown fields: ${unknown.join(', ')}. Use ${KNOWN_MEMBERS.join(', ')}.`)
  const { mode } = given
  if (mode !== undefined && mode !== 'auto' && mode !== 'manual')
    throw new InvalidControlInput('mode must be auto or manual.')
  const scale = toNonNegativeNumber(given.scale, 'scale')
  const advance = toNonNegativeNumber(given.advanceSeconds, 'advanceSeconds')
  clock.set({ mode, scale })
  if (advance !== undefined) clock.advance(advance)
  simulator.finishDueOperations()
  // An empty note stores the new clock even if it completed no operation.
  simulator.flush(null)
}

function toNonNegativeNumber(value: Json | undefined, member: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new InvalidControlInput(`${member} must be a number of 0 or more.`)
  return value
}

/** The control endpoints of the simulator. Invalid input returns 400 with a message. */
export async function controlRoutes(
  server: FastifyInstance,
  options: { simulator: Simulator },
): Promise<void> {
  const { simulator } = options
  const { world, faults } = simulator
  server.setErrorHandler(answerError)
  server.get('/requests', (request) => listRequests(simulator, request.query as Record<string, string>))
  server.post('/reset', (request) => resetWorld(simulator, bodyOf(request)))
  server.post('/resources', (request) => changeResources(simulator, bodyOf(request)))
  server.get('/state', () => {
    simulator.finishDueOperations()
    simulator.flush()
    return { clock: describeClock(simulator), settings: world.settings, ...world.describe() }
  })
  server.get('/clock', () => describeClock(simulator))
  server.post('/clock', (request) => {
    setClock(simulator, bodyOf(request))
    return describeClock(simulator)
  })
  server.get('/watcher', () => {
    simulator.finishDueOperations()
    simulator.flush()
    return simulator.watcher.list()
  })
  server.get('/faults', () => faults.describe())
  server.post('/faults', (request) => {
    faults.add(parseFaults(bodyOf(request)))
    return faults.describe()
  })
  server.delete('/faults', () => {
    faults.clear()
    return []
  })
}

function describeClock(simulator: Simulator): { mode: string; scale: number; now: string } {
  const { mode, scale } = simulator.world.clock.describe()
  return { mode, scale, now: new Date(simulator.world.clock.now()).toISOString() }
}

/** The JSON of the body; null without a body. */
function bodyOf(request: FastifyRequest): Json {
  if (typeof request.body !== 'string' || request.body === '') return null
  try {
    return JSON.parse(request.body) as Json
  } catch {
    throw new InvalidControlInput('The body is not valid JSON.')
  }
}

function answerError(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const isInput = error instanceof InvalidControlInput
  reply
    .code(isInput ? 400 : 500)
    .send({ error: { code: isInput ? 'BadControlInput' : 'Internal', message: error.message } })
}

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
