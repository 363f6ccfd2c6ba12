import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { inlined } from '../../../src/mcp/schemas.ts'

type Json = Record<string, unknown>

/**
 * The same value with this text in place of every string that the contract leaves free, and as the name of every member
 * that others choose. Words, patterns, and formats of the contract cannot hold such a text.
 */
export function poison(schema: TSchema, value: unknown, text: string): unknown {
  return poisoned(inlined(schema), value, text)
}

function poisoned(schema: Json, value: unknown, text: string): unknown {
  const { anyOf, items, properties = {}, patternProperties, additionalProperties } = schema
  if (Array.isArray(anyOf)) {
    const option = anyOf.find((candidate) => Value.Check(candidate as never, value))
    return option === undefined ? value : poisoned(option as Json, value, text)
  }
  if (typeof value === 'string') return isFree(schema) ? text : value
  if (Array.isArray(value)) return value.map((item) => poisoned((items ?? {}) as Json, item, text))
  if (typeof value !== 'object' || value === null) return value
  const known = properties as Record<string, Json>
  const others = Object.values((patternProperties ?? {}) as Json)[0] ?? additionalProperties
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const own = known[name]
      if (own !== undefined) return [name, poisoned(own, member, text)]
      return [`${text}${name}`, poisoned(typeof others === 'object' ? (others as Json) : {}, member, text)]
    }),
  )
}

const BINDING = ['enum', 'const', 'pattern', 'format']

function isFree(schema: Json): boolean {
  return schema.type === 'string' && BINDING.every((keyword) => !Object.hasOwn(schema, keyword))
}
