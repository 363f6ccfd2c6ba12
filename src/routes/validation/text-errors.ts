import type { Fault } from '../../contract/problem.ts'
import { escaped } from './schema-errors.ts'

/** The maximum depth. No valid request is deeper, and without a limit, a body of brackets would exhaust the stack. */
const MAX_DEPTH = 50

/**
 * Texts of a body with half of a surrogate pair. JSON can contain one, but databases and URLs cannot, so it would cause
 * an error of the service.
 */
export function textErrors(body: unknown, path: readonly string[] = []): Fault[] {
  if (typeof body === 'string') return body.isWellFormed() ? [] : [malformed(path)]
  if (typeof body !== 'object' || body === null || path.length >= MAX_DEPTH) return []
  return Object.entries(body).flatMap(([name, member]) =>
    name.isWellFormed() ? textErrors(member, [...path, name]) : [malformed(path)],
  )
}

function malformed(path: readonly string[]): Fault {
  const pointer = path.map((name) => `/${escaped(name)}`).join('')
  const message = `${path.at(-1)?.slice(0, 100) ?? 'The body'} contains half of a surrogate pair.`
  return { in: 'body', pointer, code: 'FORMAT_INVALID', message }
}
