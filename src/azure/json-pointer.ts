import type { Json, JsonObject } from '../core/json.ts'

/** The keys along a JSON pointer (RFC 6901). */
export function pointerKeys(pointer: string): string[] {
  if (!pointer.startsWith('/')) throw new TypeError(`not a JSON pointer into an object: ${pointer}`)
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The object that holds the pointer's last key; null when something on the way is missing or is no object. */
export function parentOf(body: JsonObject, keys: string[]): JsonObject | null {
  let parent: JsonObject = body
  for (const key of keys.slice(0, -1)) {
    const child = own(parent, key)
    if (!isObject(child)) return null
    parent = child
  }
  return parent
}

/** A key of the object itself, never one that it inherits. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
