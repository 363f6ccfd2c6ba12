/** Any JSON value; `undefined` members vanish when written, as in JSON.stringify. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** A JSON object. Bodies in the world are never changed in place: a change creates a new object. */
export interface JsonObject {
  [member: string]: Json | undefined
}

/** True for a JSON object (not an array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of member names; undefined if a part of the path is missing. */
export function at(value: Json | undefined, ...path: string[]): Json | undefined {
  let current = value
  for (const member of path) {
    if (!isObject(current)) return undefined
    current = current[member]
  }
  return current
}

/** The object at a path; undefined if there is none. */
export function objectAt(value: Json | undefined, ...path: string[]): JsonObject | undefined {
  const found = at(value, ...path)
  return isObject(found) ? found : undefined
}

/** The list at a path; an empty list if there is none. */
export function listAt(value: Json | undefined, ...path: string[]): Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The objects in the list at a path, without other entries. */
export function objectsAt(value: Json | undefined, ...path: string[]): JsonObject[] {
  return listAt(value, ...path).filter(isObject)
}

/** The string at a path, or undefined. */
export function textAt(value: Json | undefined, ...path: string[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : undefined
}

/** The string at a path in lower case, because ARM returns the letter case of its callers; empty if there is none. */
export function lowerCaseAt(value: Json | undefined, ...path: string[]): string {
  return (textAt(value, ...path) ?? '').toLowerCase()
}

/** The number at a path, or undefined. */
export function numberAt(value: Json | undefined, ...path: string[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The `id` strings of a list of `{ id }` objects or of plain strings (NAT gateway profiles use strings). */
export function idsAt(value: Json | undefined, ...path: string[]): string[] {
  return listAt(value, ...path).flatMap((entry) => {
    const id = typeof entry === 'string' ? entry : textAt(entry, 'id')
    return id === undefined ? [] : [id]
  })
}

/** A list of `{ id }` references. */
export function references(ids: readonly string[]): JsonObject[] {
  return ids.map((id) => ({ id }))
}

/** A copy of `body` whose `properties` are changed by `change`; members set to undefined disappear. */
export function withProperties(body: JsonObject, change: JsonObject): JsonObject {
  return { ...body, properties: withMembers(objectAt(body, 'properties') ?? {}, change) }
}

/** A copy of `object` with the members of `change`; members set to undefined are removed. */
export function withMembers(object: JsonObject, change: JsonObject): JsonObject {
  const result: JsonObject = { ...object, ...change }
  for (const member of Object.keys(change)) if (change[member] === undefined) delete result[member]
  return result
}

/** A copy of `object` with the members in the given order first and all others after, in their own order. */
export function inOrder(object: JsonObject, order: readonly string[]): JsonObject {
  const result: JsonObject = {}
  for (const member of order) if (object[member] !== undefined) result[member] = object[member]
  for (const member of Object.keys(object))
    if (!(member in result) && object[member] !== undefined) result[member] = object[member]
  return result
}

/** True if two names or words of Azure are equal. Azure ignores letter case. */
export function equalsText(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase()
}
