import type { Json, JsonObject } from '../core/json.ts'
import { pointerKeys } from './json-pointer.ts'
import { READ_ONLY_PATHS } from './read-only-paths.ts'

/** The body without its read-only fields; all else stays, in its order. The given body is left as it is. */
export function writableBody(body: JsonObject): JsonObject {
  const writable = structuredClone(body)
  for (const path of READ_ONLY_PATHS) drop(writable, pointerKeys(path))
  return writable
}

function drop(value: Json | undefined, keys: string[]): void {
  const [key = '', ...rest] = keys
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (key === '*') for (const item of value) drop(item, rest)
    return
  }
  for (const name of Object.keys(value)) {
    if (key !== '*' && name.toLowerCase() !== key.toLowerCase()) continue
    if (rest.length === 0) delete value[name]
    else drop(value[name], rest)
  }
}
