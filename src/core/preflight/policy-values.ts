import type { Json } from '../json.ts'

/** A value that cannot be told from here: an expression that is not evaluated, a property that AKS chooses. */
export const UNKNOWN = undefined
export type MaybeKnown = Json | typeof UNKNOWN

/** The parameters of a definition or initiative, by lower-case name: what is given, else the default. */
export type Parameters = Map<string, MaybeKnown>

export function parametersOf(
  defaults: Record<string, Json>,
  given: Record<string, Json>,
  outer: Parameters = new Map(),
): Parameters {
  const entries = [
    ...Object.entries(defaults),
    ...Object.entries(given).map(([name, value]) => [name, resolve(value, outer)] as const),
  ]
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

const PARAMETER = /^parameters\('([^']+)'\)$/i
const CONCAT = /^concat\((.*)\)$/i
const TEXT = /^'((?:[^']|'')*)'$/
const FIELD = /^field\('([^']+)'\)$/i

/** The value of an expression of Azure Policy: literals, parameters and their concatenation; `field` through a reader. */
export function resolve(
  value: Json,
  parameters: Parameters,
  field: (name: string) => MaybeKnown = () => UNKNOWN,
): MaybeKnown {
  if (Array.isArray(value)) return resolveList(value, parameters, field)
  if (typeof value !== 'string' || !value.startsWith('[')) return value
  if (value.startsWith('[[')) return value.slice(1)
  return value.endsWith(']') ? evaluate(value.slice(1, -1).trim(), parameters, field) : value
}

function resolveList(list: Json[], parameters: Parameters, field: (name: string) => MaybeKnown): MaybeKnown {
  const resolved = list.map((each) => resolve(each, parameters, field))
  return resolved.some((each) => each === UNKNOWN) ? UNKNOWN : (resolved as Json[])
}

function evaluate(
  expression: string,
  parameters: Parameters,
  field: (name: string) => MaybeKnown,
): MaybeKnown {
  const parameter = PARAMETER.exec(expression)?.[1]
  if (parameter !== undefined) return parameters.get(parameter.toLowerCase())
  const text = TEXT.exec(expression)?.[1]
  if (text !== undefined) return text.replaceAll("''", "'")
  const name = FIELD.exec(expression)?.[1]
  if (name !== undefined) return field(name)
  const args = CONCAT.exec(expression)?.[1]
  return args === undefined ? UNKNOWN : concat(args, parameters, field)
}

/** Arguments without calls inside other than `parameters('…')`; a comma inside a text makes it unknown. */
function concat(args: string, parameters: Parameters, field: (name: string) => MaybeKnown): MaybeKnown {
  const parts = args.split(',').map((each) => evaluate(each.trim(), parameters, field))
  return parts.every((each) => typeof each === 'string') ? parts.join('') : UNKNOWN
}
