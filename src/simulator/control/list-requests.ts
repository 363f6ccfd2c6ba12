import { BadControlInput } from '../faults/parse-fault.ts'
import type { Simulator } from '../simulator.ts'
import type { LoggedRequest } from '../world/request-log.ts'

const KNOWN = ['after', 'method', 'contains', 'bodies']

/**
 * GET /simulator/requests?after=&method=&contains=&bodies=: the request log, oldest first; with `bodies=false` without
 * them, since those of a hundred thousand requests are more than one answer can hold.
 * @throws BadControlInput
 */
export function listRequests(simulator: Simulator, query: Record<string, string>): LoggedRequest[] {
  const unknown = Object.keys(query).filter((name) => !KNOWN.includes(name))
  if (unknown.length > 0)
    throw new BadControlInput(`Unknown query ${unknown.join(', ')}; known are ${KNOWN.join(', ')}`)
  const after = Number(query.after ?? 0)
  if (!Number.isInteger(after) || after < 0)
    throw new BadControlInput('after must be a sequence number of 0 or more')
  const { bodies = 'true' } = query
  if (bodies !== 'true' && bodies !== 'false') throw new BadControlInput('bodies must be true or false')
  const found = simulator.log.list({ after, method: query.method, contains: query.contains })
  return bodies === 'true' ? found : found.map(withoutBodies)
}

function withoutBodies(entry: LoggedRequest): LoggedRequest {
  return { ...entry, requestBody: null, body: null, bodyOmitted: true }
}
