import { type Static, type TSchema, Type } from 'typebox'

/**
 * No control characters and no half of a surrogate pair: databases reject both. The pattern has no classes such as
 * \p{Cc}, which have another meaning in clients without the unicode flag. With the flag, a pair is one character, so the
 * second half never matches.
 */
export const NO_CONTROL_CHARACTERS =
  '^([^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*$'

/** A reference to a schema that the document lists under `components`. The type is the type of the schema. */
export function ref<T extends TSchema & { $id?: string }>(schema: T) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })
}

/** Null means known to be absent; a member with a null value is always present. */
export function nullable<T extends TSchema>(schema: T, options: { description?: string } = {}) {
  return Type.Union([schema, Type.Null()], options)
}

/** One of these strings. Code generators require `type`. */
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
 * A time in a request. Stricter than `format: date-time`, which also allows offsets without minutes, leap seconds and
 * the year 0.
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

/** Options of an object without other members. */
export const closed = { additionalProperties: false }

/** For operations without query parameters: a parameter is an error and is not ignored. */
export const NO_QUERY = Type.Object({}, closed)
