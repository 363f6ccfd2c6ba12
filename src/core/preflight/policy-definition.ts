import type { Json, JsonObject } from '../../contract/json.ts'
import type { PolicyVerdict } from '../../contract/preflight.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import { isObject } from '../lib/json.ts'
import type { PolicyDefinitionFacts } from '../snapshot/authorization-facts.ts'

/** A value that cannot be told from here: an expression that is not evaluated, a property that AKS chooses. */
export const UNKNOWN = undefined
type MaybeKnown = Json | typeof UNKNOWN

/** The parameters of a definition or initiative, by lower-case name: what is given, else the default. */
export type Parameters = Map<string, MaybeKnown>

export function resolveParameters(
  defaults: Record<string, Json>,
  given: Record<string, Json>,
  outer: Parameters = new Map(),
): Parameters {
  const entries = [
    ...Object.entries(defaults),
    ...Object.entries(given).map(([name, value]) => [name, resolveValue(value, outer)] as const),
  ]
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

const PARAMETER = /^parameters\('([^']+)'\)$/i
const CONCAT = /^concat\((.*)\)$/i
const TEXT = /^'((?:[^']|'')*)'$/
const FIELD = /^field\('([^']+)'\)$/i

/** The value of an expression of Azure Policy: literals, parameters and their concatenation; `field` through a reader. */
function resolveValue(
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
  const resolved = list.map((each) => resolveValue(each, parameters, field))
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

/**
 * What is known of a resource that does not exist yet: null for a property that it will not have, UNKNOWN where
 * nobody can say.
 */
export type FieldReader = (name: string) => MaybeKnown

/** `null` where it cannot be decided. */
type Truth = boolean | null

/**
 * Whether the `if` of a policy rule holds for a resource, in three values: what is not understood (functions,
 * counts, properties that AKS chooses) is undecided, and decides nothing where the rest decides without it.
 */
function evaluateCondition(condition: Json, parameters: Parameters, field: FieldReader): Truth {
  if (!isObject(condition)) return null
  const all = member(condition, 'allOf')
  if (Array.isArray(all)) return and(all.map((each) => evaluateCondition(each, parameters, field)))
  const any = member(condition, 'anyOf')
  if (Array.isArray(any)) return or(any.map((each) => evaluateCondition(each, parameters, field)))
  const not = member(condition, 'not')
  if (not !== undefined) return negated(evaluateCondition(not, parameters, field))
  return compare(condition, parameters, field)
}

function compare(condition: JsonObject, parameters: Parameters, field: FieldReader): Truth {
  const left = leftSide(condition, parameters, field)
  if (left === UNKNOWN) return null
  for (const [name, operator] of Object.entries(OPERATORS)) {
    const given = member(condition, name)
    if (given === undefined) continue
    const right = resolveValue(given, parameters, field)
    return right === UNKNOWN ? null : operator(left, right)
  }
  return null
}

function leftSide(condition: JsonObject, parameters: Parameters, field: FieldReader): MaybeKnown {
  const named = member(condition, 'field')
  if (named !== undefined) {
    const name = resolveValue(named, parameters, field)
    return typeof name === 'string' ? field(name) : UNKNOWN
  }
  const value = member(condition, 'value')
  return value === undefined ? UNKNOWN : resolveValue(value, parameters, field)
}

type Operator = (left: Json, right: Json) => Truth

const equals: Operator = (left, right) => same(left, right)
const isIn: Operator = (left, right) => (Array.isArray(right) ? right.some((each) => same(left, each)) : null)
const like: Operator = (left, right) => {
  if (typeof right !== 'string') return null
  if (left === null) return false
  return typeof left === 'string' ? matchesWildcard(right, left) : null
}
const contains: Operator = (left, right) => {
  if (left === null) return false
  if (Array.isArray(left)) return left.some((each) => same(each, right))
  return typeof left === 'string' && typeof right === 'string' ? lower(left).includes(lower(right)) : null
}
const exists: Operator = (left, right) => (left !== null) === (lower(String(right)) === 'true')

/** The others (match, less, greater, containsKey …) stay undecided. */
const OPERATORS: Record<string, Operator> = {
  equals,
  notEquals: (left, right) => negated(equals(left, right)),
  in: isIn,
  notIn: (left, right) => negated(isIn(left, right)),
  like,
  notLike: (left, right) => negated(like(left, right)),
  contains,
  notContains: (left, right) => negated(contains(left, right)),
  exists,
}

/** Text compares without case, and booleans may be written as text. */
function same(left: Json, right: Json): boolean {
  if (left === null || right === null) return left === right
  return typeof left === 'object' || typeof right === 'object'
    ? JSON.stringify(left) === JSON.stringify(right)
    : lower(String(left)) === lower(String(right))
}

/** One `*` for any text, as Azure Policy allows. */
function matchesWildcard(pattern: string, text: string): boolean {
  const [start = '', end] = lower(pattern).split('*')
  const given = lower(text)
  if (end === undefined) return given === start
  return given.length >= start.length + end.length && given.startsWith(start) && given.endsWith(end)
}

function and(truths: Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(null) ? null : true
}

function or(truths: Truth[]): Truth {
  return truths.includes(true) ? true : truths.includes(null) ? null : false
}

function negated(truth: Truth): Truth {
  return truth === null ? null : !truth
}

/** Keywords are found whatever their case; published rules do not agree on it. */
function member(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((candidate) => lower(candidate) === lower(name))
  return key === undefined ? undefined : object[key]
}

function lower(text: string): string {
  return text.toLowerCase()
}

/** Effects that let a resource be made (Azure Policy: effect basics); `denyAction` stops deletions only. */
const LENIENT = [
  'addtonetworkgroup',
  'append',
  'audit',
  'auditifnotexists',
  'denyaction',
  'deployifnotexists',
  'disabled',
  'manual',
  'modify',
  'mutate',
]

/** `free` is certain, and everything between it and `denies` is `notDecided`. */
export type DefinitionVerdict = PolicyVerdict | 'free'

/** What one definition says of a resource that is to be made, with its parameters resolved. */
export function evaluateDefinition(
  definition: PolicyDefinitionFacts,
  parameters: Parameters,
  field: FieldReader,
): DefinitionVerdict {
  // Modes such as Microsoft.Kubernetes.Data are for what lies inside of resources.
  if (/^Microsoft\./i.test(definition.mode)) return 'free'
  const effect = effectOf(definition.effect, parameters)
  if (effect === 'lenient') return 'free'
  const truth = evaluateCondition(definition.condition, parameters, field)
  if (truth === false) return 'free'
  return truth === true && effect === 'deny' ? 'denies' : 'notDecided'
}

/** Whether an effect forbids, by its name or by the parameter that holds it. */
export function effectOf(value: Json, parameters: Parameters): 'deny' | 'lenient' | 'unknown' {
  const effect = resolveValue(value, parameters)
  if (typeof effect !== 'string') return 'unknown'
  if (equalsArm(effect, 'deny')) return 'deny'
  return armWord(effect, LENIENT) === null ? 'unknown' : 'lenient'
}
