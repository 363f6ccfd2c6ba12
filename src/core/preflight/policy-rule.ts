import { isObject, type Json, type JsonObject } from '../json.ts'
import { type MaybeKnown, type Parameters, resolve, UNKNOWN } from './policy-values.ts'

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
export function holds(condition: Json, parameters: Parameters, field: FieldReader): Truth {
  if (!isObject(condition)) return null
  const all = member(condition, 'allOf')
  if (Array.isArray(all)) return and(all.map((each) => holds(each, parameters, field)))
  const any = member(condition, 'anyOf')
  if (Array.isArray(any)) return or(any.map((each) => holds(each, parameters, field)))
  const not = member(condition, 'not')
  if (not !== undefined) return negated(holds(not, parameters, field))
  return compare(condition, parameters, field)
}

function compare(condition: JsonObject, parameters: Parameters, field: FieldReader): Truth {
  const left = leftSide(condition, parameters, field)
  if (left === UNKNOWN) return null
  for (const [name, operator] of Object.entries(OPERATORS)) {
    const given = member(condition, name)
    if (given === undefined) continue
    const right = resolve(given, parameters, field)
    return right === UNKNOWN ? null : operator(left, right)
  }
  return null
}

function leftSide(condition: JsonObject, parameters: Parameters, field: FieldReader): MaybeKnown {
  const named = member(condition, 'field')
  if (named !== undefined) {
    const name = resolve(named, parameters, field)
    return typeof name === 'string' ? field(name) : UNKNOWN
  }
  const value = member(condition, 'value')
  return value === undefined ? UNKNOWN : resolve(value, parameters, field)
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
