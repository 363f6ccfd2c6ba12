import { Type } from 'typebox'

/** JSON values, as Azure Resource Manager sends and receives them. */
export type Json = null | boolean | number | string | Json[] | JsonObject

export type JsonObject = { [key: string]: Json | undefined }

export function anyJson(description: string) {
  return Type.Unsafe<Json>({ description })
}

/** The ARM body of a resource. */
export function armBody(description: string) {
  return Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true, description })
}

/** An object whose keys depend on its subject. */
export function openObject(description: string) {
  return Type.Unsafe<Record<string, Json>>({ type: 'object', additionalProperties: true, description })
}

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
