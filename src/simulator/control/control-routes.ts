import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { settle } from '../cluster/finish-operation.ts'
import { BadControlInput, parseFaults } from '../faults/parse-fault.ts'
import type { Json } from '../json.ts'
import type { Simulator } from '../simulator.ts'
import { changeResources } from './change-resources.ts'
import { listRequests } from './list-requests.ts'
import { resetWorld } from './reset-world.ts'
import { setClock } from './set-clock.ts'

/** The simulator's own endpoints (design.md, "The simulator's own endpoints"). Bad input is answered 400 with a sentence. */
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
    settle(world)
    simulator.flush()
    return { clock: describeClock(simulator), settings: world.settings, ...world.describe() }
  })
  server.get('/clock', () => describeClock(simulator))
  server.post('/clock', (request) => {
    setClock(simulator, bodyOf(request))
    return describeClock(simulator)
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

/** The JSON that was sent, null for none. */
function bodyOf(request: FastifyRequest): Json {
  if (typeof request.body !== 'string' || request.body === '') return null
  try {
    return JSON.parse(request.body) as Json
  } catch {
    throw new BadControlInput('The body is not JSON')
  }
}

function answerError(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const isInput = error instanceof BadControlInput
  reply
    .code(isInput ? 400 : 500)
    .send({ error: { code: isInput ? 'BadControlInput' : 'Internal', message: error.message } })
}
