import { type TObject, type TSchema, Type } from 'typebox'
import { COMPONENT_SCHEMAS } from '../contract/components.ts'
import { kindOf } from './outline.ts'

type Json = Record<string, unknown>

const COMPONENTS = new Map(
  (COMPONENT_SCHEMAS as unknown as Json[]).map((schema) => [`${schema.$id}#`, schema]),
)

/** The schema without references, as a client without the other schemas needs it. */
export function inlined(schema: TSchema | Json, within: readonly string[] = []): Json {
  const { $id: _id, $ref, examples: _examples, ...own } = schema as Json
  if (typeof $ref === 'string') {
    // A schema that contains itself stays open below its first level.
    if (within.includes($ref)) return {}
    return inlined(COMPONENTS.get($ref) ?? {}, [...within, $ref])
  }
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner)
    return typeof value === 'object' && value !== null ? inlined(value as Json, within) : value
  }
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [name, inner(value)]))
}

/** What a tool returns of the body of its operation. */
export interface View {
  /** The member of the result that holds the body. */
  root: string
  schema: TObject
  /** Members that are returned unless `fields` names others, the most important first. */
  summary: readonly string[]
  /** Of these lists, only some members of each item are returned unless `fields` names the list. */
  briefs: Readonly<Record<string, readonly string[]>>
  /** Members that are returned even if `fields` does not name them: a result without them would mislead. */
  always?: readonly string[]
}

/** Whether the body is a page: `next` continues after the last of its `items`. */
export function isPage({ schema }: View): boolean {
  return Object.hasOwn(schema.properties, 'next') && Object.hasOwn(schema.properties, 'items')
}

/** All members of the body, those of the summary first. */
export function membersOf({ schema, summary }: View): string[] {
  return [...new Set([...summary, ...Object.keys(schema.properties)])]
}

/** In the outline of a result, longer lists of words and all words of items are left out. */
const MAX_WORDS = 7

/**
 * The outline of a result: the members of the summary with their types, from the schema of the operation. A result has at
 * least its root. It is limited in size, so it can lack any member. `shownBy` is a tool with the same result.
 */
export function resultSchema({ root, schema, summary, briefs }: View, shownBy?: string): Json {
  const members = summary.map((name) => {
    const member = inlined(schema.properties[name] as TSchema)
    const brief = briefs[name]
    return [name, brief === undefined ? kindOf(member, MAX_WORDS) : briefSchema(member, brief)]
  })
  const body =
    shownBy === undefined
      ? { properties: Object.fromEntries(members) }
      : { description: `As returned by \`${shownBy}\`.` }
  return { type: 'object', properties: { [root]: { type: 'object', ...body } }, required: [root] }
}

/** The list with the chosen members of each item, none required. */
function briefSchema(list: Json, names: readonly string[]): Json {
  const { properties = {} } = list.items as { properties?: Record<string, Json> }
  const chosen = Object.entries(properties).filter(([name]) => names.includes(name))
  const members = chosen.map(([name, member]) => [name, kindOf(member, 0)])
  return { type: 'array', items: { type: 'object', properties: Object.fromEntries(members) } }
}

export const DEFAULT_MAX_TOKENS = 8_000

/** Arguments of every tool that returns a view. */
export function viewArguments(view: View) {
  return {
    fields: Type.Optional(
      Type.Array(Type.Unsafe<string>({ type: 'string', enum: membersOf(view) }), {
        minItems: 1,
        maxItems: 60,
        description: 'The names of members to return in full; `more` lists the possible names.',
      }),
    ),
    maxTokens: Type.Optional(
      // The default is in the instructions of the server.
      Type.Integer({ minimum: 3_000, maximum: 60_000 }),
    ),
  }
}
