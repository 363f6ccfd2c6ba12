import { BadControlInput } from '../faults/parse-fault.ts'
import type { Simulator } from '../simulator.ts'
import type { LoggedRequest } from '../world/request-log.ts'

const KNOWN = ['after', 'method', 'contains']

/**
 * GET /simulator/requests?after=&method=&contains=: the request log, oldest first.
 * @throws BadControlInput
 */
export function listRequests(simulator: Simulator, query: Record<string, string>): LoggedRequest[] {
  const unknown = Object.keys(query).filter((name) => !KNOWN.includes(name))
  if (unknown.length > 0)
    throw new BadControlInput(`Unknown query ${unknown.join(', ')}; known are ${KNOWN.join(', ')}`)
  const after = Number(query.after ?? 0)
  if (!Number.isInteger(after) || after < 0)
    throw new BadControlInput('after must be a sequence number of 0 or more')
  return simulator.log.list({ after, method: query.method, contains: query.contains })
}
