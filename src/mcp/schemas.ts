import { type TObject, type TSchema, Type } from 'typebox'
import { COMPONENT_SCHEMAS } from '../contract/components.ts'

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

const TEXTS = ['description', 'examples', 'title', 'default']

/** The schema without texts: they are in the document of the HTTP API. */
function terse(schema: unknown, isNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => terse(item))
  if (typeof schema !== 'object' || schema === null) return schema
  const members = Object.entries(schema).filter(([name]) => isNames || !TEXTS.includes(name))
  return Object.fromEntries(
    members.map(([name, value]) => [name, terse(value, !isNames && name === 'properties')]),
  )
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

/**
 * The schema of a result. The members of the summary have the schema of the operation, none is required, because a result
 * is limited in size. A member that is only returned on request has only its type here, or the list of tools would not fit
 * a context window.
 */
export function resultSchema(view: View): Json {
  const members = membersOf(view).map((name) => {
    const schema = inlined(view.schema.properties[name] as TSchema)
    if (!view.summary.includes(name)) return [name, kindOf(schema)]
    const brief = view.briefs[name]
    return [name, terse(brief === undefined ? schema : briefSchema(schema, brief))]
  })
  return {
    type: 'object',
    properties: {
      note: { type: 'string' },
      [view.root]: { type: 'object', properties: Object.fromEntries(members) },
      more: { type: 'array', items: { type: 'string' }, description: 'Members to name in `fields`.' },
      cut: {
        type: 'array',
        description:
          'What did not fit `maxTokens`. `shown` of `total` items of the list, or members of the item, are returned.',
        items: {
          type: 'object',
          properties: {
            field: { type: 'string' },
            shown: { type: 'integer' },
            total: { type: 'integer' },
          },
          required: ['field', 'shown', 'total'],
        },
      },
    },
    required: ['note', view.root, 'more', 'cut'],
  }
}

/** Only whether the member is a list, an object, or a value. */
function kindOf({ type }: Json): Json {
  return type === undefined ? {} : { type }
}

/** The list with the chosen members of each item, none required. */
function briefSchema(list: Json, names: readonly string[]): Json {
  const { properties = {} } = list.items as { properties?: Json }
  const chosen = Object.entries(properties as Json).filter(([name]) => names.includes(name))
  return { type: 'array', items: { type: 'object', properties: Object.fromEntries(chosen) } }
}

export const DEFAULT_MAX_TOKENS = 8_000

/** Arguments of every tool that returns a view. */
export function viewArguments(view: View) {
  return {
    fields: Type.Optional(
      Type.Array(Type.Unsafe<string>({ type: 'string', enum: membersOf(view) }), {
        minItems: 1,
        maxItems: 60,
        description: 'Returns these members in full instead of the summary.',
      }),
    ),
    maxTokens: Type.Optional(
      Type.Integer({
        minimum: 3_000,
        maximum: 60_000,
        description: `The limit of the result in estimated tokens. Default: ${DEFAULT_MAX_TOKENS}.`,
      }),
    ),
  }
}
