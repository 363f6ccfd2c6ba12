import { Type } from 'typebox'

/** Plain JSON values, as they come from and go to Resource Manager. */
export type Json = null | boolean | number | string | Json[] | JsonObject

export type JsonObject = { [key: string]: Json | undefined }

export function anyJson(description: string) {
  return Type.Unsafe<Json>({ description })
}

/** The body of a resource, as ARM has it. */
export function armBody(description: string) {
  return Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true, description })
}

/** An object whose keys depend on what it speaks of. */
export function openObject(description: string) {
  return Type.Unsafe<Record<string, Json>>({ type: 'object', additionalProperties: true, description })
}
