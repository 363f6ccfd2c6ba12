import { settle } from '../cluster/finish-operation.ts'
import { BadControlInput } from '../faults/parse-fault.ts'
import { isObject, type Json } from '../json.ts'
import type { Simulator } from '../simulator.ts'

const KNOWN = ['mode', 'scale', 'advanceSeconds']

/**
 * POST /simulator/clock `{ mode, scale, advanceSeconds }`, every member optional.
 * @throws BadControlInput
 */
export function setClock(simulator: Simulator, body: Json): void {
  const { clock } = simulator.world
  const given = isObject(body) ? body : {}
  const unknown = Object.keys(given).filter((member) => !KNOWN.includes(member))
  if (body !== null && !isObject(body))
    throw new BadControlInput('The body must be { mode, scale, advanceSeconds }')
  if (unknown.length > 0)
    throw new BadControlInput(`Unknown ${unknown.join(', ')}; known are ${KNOWN.join(', ')}`)
  const { mode } = given
  if (mode !== undefined && mode !== 'auto' && mode !== 'manual')
    throw new BadControlInput('mode must be auto or manual')
  const scale = positiveNumber(given.scale, 'scale')
  const advance = positiveNumber(given.advanceSeconds, 'advanceSeconds')
  clock.set({ mode, scale })
  if (advance !== undefined) clock.advance(advance)
  settle(simulator.world)
  // An empty note makes the new clock durable even when no operation ended by it.
  simulator.flush(null)
}

function positiveNumber(value: Json | undefined, member: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new BadControlInput(`${member} must be a number of 0 or more`)
  return value
}
