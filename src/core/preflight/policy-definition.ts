import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { PolicyVerdict } from '../../contract/preflight.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import { matchesWildcard } from '../lib/wildcard.ts'
import type { PolicyDefinitionFacts } from '../snapshot/authorization-facts.ts'

/** An unknown value: an expression that is not evaluated, or a property that AKS chooses. */
export const UNKNOWN = undefined
type MaybeKnown = Json | typeof UNKNOWN

/** The parameters of a definition or initiative, by lower-case name: the assigned value, or the default. */
export type Parameters = Map<string, MaybeKnown>

/** Reads a field of a resource that does not exist yet: null for a property that it will not have. */
export type FieldReader = (name: string) => MaybeKnown

export function resolveParameters(
  defaults: Record<string, Json>,
  assigned: Record<string, Json>,
  outer: Parameters = new Map(),
): Parameters {
  const entries = [
    ...Object.entries(defaults),
    ...Object.entries(assigned).map(([name, value]) => [name, resolveValue(value, outer)] as const),
  ]
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

const PARAMETER = /^parameters\('([^']+)'\)$/i
const CONCAT = /^concat\((.*)\)$/i
const TEXT = /^'((?:[^']|'')*)'$/
const FIELD = /^field\('([^']+)'\)$/i

/** The value of an expression of Azure Policy: literals, parameters and their concatenation; `field` through a reader. */
function resolveValue(value: Json, parameters: Parameters, field: FieldReader = () => UNKNOWN): MaybeKnown {
  if (Array.isArray(value)) return resolveList(value, parameters, field)
  if (typeof value !== 'string' || !value.startsWith('[')) return value
  if (value.startsWith('[[')) return value.slice(1)
  return value.endsWith(']') ? evaluate(value.slice(1, -1).trim(), parameters, field) : value
}

function resolveList(list: Json[], parameters: Parameters, field: FieldReader): MaybeKnown {
  const resolved = list.map((item) => resolveValue(item, parameters, field))
  const known = resolved.filter((item) => item !== UNKNOWN)
  return known.length === resolved.length ? known : UNKNOWN
}

function evaluate(expression: string, parameters: Parameters, field: FieldReader): MaybeKnown {
  const parameter = PARAMETER.exec(expression)?.[1]
  if (parameter !== undefined) return parameters.get(parameter.toLowerCase())
  const text = TEXT.exec(expression)?.[1]
  if (text !== undefined) return text.replaceAll("''", "'")
  const name = FIELD.exec(expression)?.[1]
  if (name !== undefined) return field(name)
  const args = CONCAT.exec(expression)?.[1]
  return args === undefined ? UNKNOWN : concat(args, parameters, field)
}

/** The only supported call in the arguments is `parameters('…')`. A comma in a text makes the result unknown. */
function concat(args: string, parameters: Parameters, field: FieldReader): MaybeKnown {
  const parts = args.split(',').map((argument) => evaluate(argument.trim(), parameters, field))
  return parts.every((part) => typeof part === 'string') ? parts.join('') : UNKNOWN
}

/** null if undecided. */
type Truth = boolean | null

/**
 * Whether the `if` of a policy rule is true for a resource. Functions, counts, and properties that AKS chooses are
 * undecided, and so is the condition unless its other parts decide it.
 */
function evaluateCondition(condition: Json, parameters: Parameters, field: FieldReader): Truth {
  if (!isObject(condition)) return null
  const all = member(condition, 'allOf')
  if (Array.isArray(all)) return and(all.map((operand) => evaluateCondition(operand, parameters, field)))
  const any = member(condition, 'anyOf')
  if (Array.isArray(any)) return or(any.map((operand) => evaluateCondition(operand, parameters, field)))
  const not = member(condition, 'not')
  if (not !== undefined) return negated(evaluateCondition(not, parameters, field))
  return compare(condition, parameters, field)
}

function compare(condition: JsonObject, parameters: Parameters, field: FieldReader): Truth {
  const left = leftSide(condition, parameters, field)
  if (left === UNKNOWN) return null
  for (const [name, operator] of Object.entries(OPERATORS)) {
    const operand = member(condition, name)
    if (operand === undefined) continue
    const right = resolveValue(operand, parameters, field)
    return right === UNKNOWN ? null : operator(left, right)
  }
  return null
}

function leftSide(condition: JsonObject, parameters: Parameters, field: FieldReader): MaybeKnown {
  const fieldName = member(condition, 'field')
  if (fieldName !== undefined) {
    const name = resolveValue(fieldName, parameters, field)
    return typeof name === 'string' ? field(name) : UNKNOWN
  }
  const value = member(condition, 'value')
  return value === undefined ? UNKNOWN : resolveValue(value, parameters, field)
}

type Operator = (left: Json, right: Json) => Truth

const equals: Operator = (left, right) => same(left, right)
const isIn: Operator = (left, right) => (Array.isArray(right) ? right.some((item) => same(left, item)) : null)
const like: Operator = (left, right) => {
  if (typeof right !== 'string') return null
  if (left === null) return false
  return typeof left === 'string' ? matchesWildcard(lower(right), lower(left)) : null
}
const contains: Operator = (left, right) => {
  if (left === null) return false
  if (Array.isArray(left)) return left.some((item) => same(item, right))
  return typeof left === 'string' && typeof right === 'string' ? lower(left).includes(lower(right)) : null
}
const exists: Operator = (left, right) => (left !== null) === (lower(String(right)) === 'true')

/** Other operators (match, less, greater, containsKey …) are undecided. */
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

/** Text is compared ignoring case, and booleans may be written as text. */
function same(left: Json, right: Json): boolean {
  if (left === null || right === null) return left === right
  return typeof left === 'object' || typeof right === 'object'
    ? JSON.stringify(left) === JSON.stringify(right)
    : lower(String(left)) === lower(String(right))
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

/** The member with this name, ignoring case: published rules spell keywords differently. */
function member(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((candidate) => lower(candidate) === lower(name))
  return key === undefined ? undefined : object[key]
}

function lower(text: string): string {
  return text.toLowerCase()
}

/** Effects that allow creation (Azure Policy: effect basics); `denyAction` denies deletion only. */
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

/** `free` and `denies` are certain. */
export type DefinitionVerdict = PolicyVerdict | 'free'

/** Whether a definition denies the creation of a resource. */
export function evaluateDefinition(
  definition: PolicyDefinitionFacts,
  parameters: Parameters,
  field: FieldReader,
): DefinitionVerdict {
  // Modes such as Microsoft.Kubernetes.Data apply to the content of resources.
  if (/^Microsoft\./i.test(definition.mode)) return 'free'
  const effect = effectOf(definition.effect, parameters)
  if (effect === 'lenient') return 'free'
  const truth = evaluateCondition(definition.condition, parameters, field)
  if (truth === false) return 'free'
  return truth === true && effect === 'deny' ? 'denies' : 'notDecided'
}

/** The kind of an effect, which a definition names directly or by a parameter. */
export function effectOf(value: Json, parameters: Parameters): 'deny' | 'lenient' | 'unknown' {
  const effect = resolveValue(value, parameters)
  if (typeof effect !== 'string') return 'unknown'
  if (equalsArm(effect, 'deny')) return 'deny'
  return armWord(effect, LENIENT) === null ? 'unknown' : 'lenient'
}
