import type { Json, JsonObject } from '../../contract/json.ts'

/** Whether the value is an object, and neither a list nor null. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** The value under a JSON pointer without escapes; null when there is none. */
export function valueAtPointer(body: JsonObject, pointer: string): Json {
  let at: Json | undefined = body
  for (const segment of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return null
    at = at[segment]
  }
  return at ?? null
}
