import { ALL_TOOLS } from './tools/all-tools.ts'

/** An operation in a remedy: `POST /v1/jobs/{jobId}/cancellation`, or with the ID of a job. */
const OPERATION = /`(GET|POST|PATCH|DELETE) ([^`\s]+)`/g
const WAIT = /the number of seconds in the header `Retry-After`/g

/** The remedy with tools instead of operations of the HTTP API, and without its headers: an agent has neither. */
export function nameTools(remedy: string): string {
  return remedy
    .replace(WAIT, '`retryAfterSeconds`')
    .replace(OPERATION, (operation, method: string, path: string) => {
      const tool = ALL_TOOLS.find(
        ({ operation }) => operation.method === method && patternOf(operation.path).test(path),
      )
      return tool === undefined ? `${operation} (no tool; ask the user)` : `the tool \`${tool.name}\``
    })
}

/** `/v1/jobs/:jobId` also matches `/v1/jobs/{jobId}`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`)
}

/** The same value with tools in every member `remedy`. */
export function nameToolsIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nameToolsIn)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [
    name,
    name === 'remedy' && typeof member === 'string' ? nameTools(member) : nameToolsIn(member),
  ])
  return Object.fromEntries(members)
}
