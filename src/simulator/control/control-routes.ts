import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InvalidControlInput, parseFaults } from '../faults/parse-faults.ts'
import { isObject, type Json, type JsonObject, textAt } from '../lib/json.ts'
import type { Simulator } from '../server/simulator.ts'
import type { LoggedRequest } from '../world/request-log.ts'
import { resetWorld } from './reset-world.ts'

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
