import type { Json, JsonObject } from '../../contract/json.ts'

/** Whether the value is an object, and neither a list nor null. */
export function isObject(value: Json | undefined): value is JsonObject
export function isObject(value: unknown): value is Record<string, unknown>
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a JSON pointer without escapes; null when there is none. */
export function valueAtPointer(body: JsonObject, pointer: string): Json {
  let value: Json | undefined = body
  for (const segment of pointer.split('/').slice(1)) value = isObject(value) ? value[segment] : undefined
  return value ?? null
}
