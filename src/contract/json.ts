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
