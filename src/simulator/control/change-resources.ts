import { BadControlInput } from '../faults/parse-fault.ts'
import { isObject, type Json, type JsonObject, textAt } from '../json.ts'
import type { Simulator } from '../simulator.ts'

/**
 * POST /simulator/resources `{ put: [ARM bodies], remove: [ids] }`: puts resources into the world as they are, or
 * takes them out, with no rule of Azure in between; so locks, policies, roles and limits are set (README).
 * @throws BadControlInput
 */
export function changeResources(simulator: Simulator, body: Json): { put: number; removed: number } {
  const { put = [], remove = [], ...rest } = isObject(body) ? body : { unknown: true }
  if (!Array.isArray(put) || !Array.isArray(remove) || Object.keys(rest).length > 0)
    throw new BadControlInput('The body must be { put: [ARM bodies], remove: [ids] }')
  const bodies = put.map((each, index) => requireBody(each, index))
  const ids = remove.map((each, index) => requireId(each, `remove[${index}]`))
  for (const each of bodies) simulator.world.put(each)
  for (const id of ids) simulator.world.remove(id)
  // An empty note makes the change durable.
  simulator.flush(null)
  return { put: bodies.length, removed: ids.length }
}

function requireBody(body: Json, index: number): JsonObject {
  if (!isObject(body)) throw new BadControlInput(`put[${index}] must be an ARM body`)
  requireId(textAt(body, 'id') ?? null, `put[${index}].id`)
  return body
}

function requireId(id: Json, where: string): string {
  if (typeof id === 'string' && /\/providers\/[^/]+\/[^/]+\/[^/]+/.test(id)) return id
  throw new BadControlInput(`${where} must be an ARM resource id`)
}
