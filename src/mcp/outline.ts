type Json = Record<string, unknown>

/**
 * The arguments of a tool: names, types, words, and the first sentence of each description. The list of tools has outlines
 * only, or it would not fit a context window. The complete schema validates a call, and the error states what is allowed.
 */
export function outline({ properties = {}, required }: Json): Json {
  const members = Object.entries(properties as Record<string, Json>).map(([name, schema]) => [
    name,
    { ...outlineOf(schema), ...firstSentence(schema) },
  ])
  return objectOf(members, required)
}

/** A value with its members. Objects among them are written as signatures. */
function outlineOf(schema: Json): Json {
  const { items, anyOf, properties, required } = schema
  if (Array.isArray(anyOf)) return unionOf(anyOf.map(outlineOf))
  if (items !== undefined) return { type: 'array', items: itemOf(items as Json) }
  if (properties === undefined) return kindOf(schema)
  const members = Object.entries(properties as Record<string, Json>).map(([name, member]) => [
    name,
    leaf(member),
  ])
  return objectOf(members, required)
}

function objectOf(members: unknown[][], required: unknown): Json {
  const properties = Object.fromEntries(members)
  return { type: 'object', properties, ...(required === undefined ? {} : { required }) }
}

function leaf(schema: Json): Json {
  const { items, properties } = schema
  if (items !== undefined) return { type: 'array', items: leaf(items as Json) }
  return properties === undefined ? kindOf(schema) : { type: 'object', description: signature(schema) }
}

/** Without the words of an item: `fields` of each tool would list all members of its result. */
function itemOf(schema: Json): Json {
  const { enum: _words, ...item } = leaf(schema)
  return item
}

/** Only the type and the words of a value; longer lists of words than `maxWords` are left out. */
export function kindOf(schema: Json, maxWords = Number.POSITIVE_INFINITY): Json {
  const { type, enum: words, anyOf } = schema
  if (Array.isArray(anyOf)) return unionOf(anyOf.map((option: Json) => kindOf(option, maxWords)))
  if (type === undefined) return {}
  return Array.isArray(words) && words.length <= maxWords ? { type, enum: words } : { type }
}

/** A list of types instead of several schemas, if they differ in nothing else. */
function unionOf(options: Json[]): Json {
  const types = options.map(({ type }) => type)
  if (types.includes(undefined)) return {}
  const isPlain = options.every((option) => Object.keys(option).length === 1)
  return isPlain ? { type: [...new Set(types)] } : { anyOf: options }
}

/** The schema as a type of TypeScript, which takes half as many tokens. */
function signature({ type, enum: words, items, properties, required = [] }: Json): string {
  if (Array.isArray(words)) return words.join('|')
  if (items !== undefined) {
    const item = signature(items as Json)
    return item.includes('|') ? `(${item})[]` : `${item}[]`
  }
  if (properties === undefined) return String(type)
  const members = Object.entries(properties as Record<string, Json>).map(
    ([name, member]) => `${name}${(required as string[]).includes(name) ? '' : '?'}: ${signature(member)}`,
  )
  return `{ ${members.join('; ')} }`
}

function firstSentence({ description }: Json): Json {
  if (typeof description !== 'string') return {}
  return { description: description.split(/(?<=\.) (?=[A-Z`])/, 1)[0] }
}
