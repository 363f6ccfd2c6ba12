import { type Static, type TSchema, Type } from 'typebox'

/**
 * No control characters, and no half of a surrogate pair: databases refuse to store either. Written without classes
 * such as \p{Cc}, which mean something else to clients that leave out the unicode flag; with it the second half
 * never matches, because a pair is one character then.
 */
export const NO_CONTROL_CHARACTERS =
  '^([^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*$'

/** A reference to a schema that the document lists under `components`; the type stays the schema's own. */
export function ref<T extends TSchema & { $id?: string }>(schema: T) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })
}

/** Null is an answer of its own in this contract: known to be absent, not left out. */
export function nullable<T extends TSchema>(schema: T, options: { description?: string } = {}) {
  return Type.Union([schema, Type.Null()], options)
}

/** Words that only this service's own rooms produce; `type` is written because generators ask for it. */
export function enumOf<const T extends readonly string[]>(values: T, options: Record<string, unknown> = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options })
}

export function string(description?: string) {
  return Type.String(description === undefined ? {} : { description })
}

export function strings(description?: string) {
  return Type.Array(Type.String(), description === undefined ? {} : { description })
}

export function dateTime(description?: string) {
  return Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) })
}

/**
 * A time that a request names. Stricter than `format: date-time`, which also admits what no clock and no store knows:
 * offsets without minutes, leap seconds, the year 0.
 */
export function requestDateTime(description: string) {
  return Type.String({
    format: 'date-time',
    pattern:
      '^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$',
    maxLength: 40,
    description,
    examples: ['2027-01-01T00:00:00Z'],
  })
}

export function uuid(description: string) {
  return Type.String({ format: 'uuid', description })
}

/** Options of an object that admits no other members. */
export const closed = { additionalProperties: false }

/** For operations without query parameters: whatever is given is refused instead of ignored. */
export const NO_QUERY = Type.Object({}, closed)
