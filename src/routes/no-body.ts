import type { RawRequest } from './route-config.ts'
import type { Fault } from './schemas/problem.ts'

/** For actions that take no body: an empty object is as good as none, anything else would be lost in silence. */
export function refuseBody({ body }: RawRequest): Fault[] {
  if (body === undefined || body === null) return []
  if (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0) return []
  return [{ in: 'body', pointer: '', code: 'BODY_NOT_EXPECTED', message: 'This operation takes no body.' }]
}
