import fc, { type Arbitrary } from 'fast-check'
import { hintAt } from '../hints.ts'
import { resolved, type Schema } from './operations.ts'
import type { Template } from './template.ts'

type Of = (schema: Schema, at: string) => Arbitrary<Template>

/** Keywords that are for people, or are met by everything that the other keywords allow. */
const SILENT = ['description', 'title', 'examples', 'example', 'default', 'deprecated', '$ref', '$id']
const KNOWN = new Set([
  ...SILENT,
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', 'properties', 'required', 'additionalProperties'],
  'minProperties',
  'maxProperties',
  ...['items', 'minItems', 'maxItems', 'uniqueItems', 'minimum', 'maximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
])
/** Lists that a schema lets grow large are kept short: their bounds are for the broken requests. */
const LONGEST_LIST = 4
const MOST = 1_000_000
const DAY_SECONDS = 86_400

const BY_TYPE: Record<string, Of> = {
  object: anObject,
  array: anArray,
  string: (schema, at) => aString(schema, at),
  integer: aNumber,
  number: aNumber,
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
}

/**
 * Values that a schema of the document takes, or templates of such. `at` is the path of property names that
 * leads there, by which hints are found. Throws on a keyword that it does not know: what would be ignored
 * here would never be tried.
 */
export const arbitraryOf: Of = (given, at) => {
  const schema = resolved(given)
  const unknown = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword))
  if (unknown.length > 0) throw new Error(`${at}: the fuzz run does not know ${unknown.join(', ')}`)
  const hint = hintAt(at)?.filter((value) => isPossible(value, schema)) ?? null
  const plain = plainOf(schema, at, hint !== null)
  const weighed = [
    ...(hint === null ? [] : [{ weight: 8, arbitrary: hint }]),
    ...(schema.examples === undefined || schema.format === 'uri'
      ? []
      : [{ weight: 3, arbitrary: fc.constantFrom(...(schema.examples as Template[])) }]),
    ...(plain === null ? [] : [{ weight: 1, arbitrary: plain }]),
  ]
  if (weighed.length === 0) throw new Error(`${at}: nothing can be made of its schema; give a hint`)
  return fc.oneof(...weighed)
}

/** A hint counts for several schemas with the same name of a member; only some of them allow text beside an object. */
function isPossible(value: Template, { type }: Schema): boolean {
  if (type !== 'object') return true
  return typeof value === 'object'
}

function plainOf(schema: Schema, at: string, isHinted: boolean): Arbitrary<Template> | null {
  if (schema.const !== undefined) return fc.constant(schema.const as Template)
  if (schema.enum !== undefined) return fc.constantFrom(...(schema.enum as Template[]))
  const several = schema.anyOf ?? schema.oneOf
  if (several !== undefined) return fc.oneof(...several.map((each) => arbitraryOf(each, at)))
  const make = BY_TYPE[String(schema.type)]
  if (make === undefined) throw new Error(`${at}: the fuzz run does not know the type ${schema.type}`)
  try {
    return make(schema, at)
  } catch (error) {
    // fast-check does not read every regular expression; a hint or an example stands in then.
    if (isHinted || schema.examples !== undefined) return null
    throw new Error(`${at}: nothing can be made of its schema; give a hint`, { cause: error })
  }
}

/** Optional members are rare: members that exclude each other would otherwise invalidate most requests. */
function anObject(schema: Schema, at: string): Arbitrary<Template> {
  const { properties = {}, required = [], minProperties = 0 } = schema
  const members = Object.entries(properties).map(([name, schema]) => {
    const path = at === '' ? name : `${at}.${name}`
    const value = arbitraryOf(schema, path)
    if (required.includes(name)) return value.map((each): [string, Template][] => [[name, each]])
    const absent = fc.constant<[string, Template][]>([])
    const present = value.map((each): [string, Template][] => [[name, each]])
    const isWanted = hintAt(path) !== null
    return fc.oneof({ weight: isWanted ? 1 : 5, arbitrary: absent }, { weight: 2, arbitrary: present })
  })
  return fc
    .tuple(...members)
    .map((each) => Object.fromEntries(each.flat()))
    .filter((each) => Object.keys(each).length >= (minProperties as number))
}

function anArray(schema: Schema, at: string): Arbitrary<Template> {
  const { items = {}, minItems = 0, maxItems = LONGEST_LIST, uniqueItems } = schema
  const bounds = {
    minLength: minItems as number,
    maxLength: Math.max(minItems as number, Math.min(maxItems as number, LONGEST_LIST)),
  }
  const item = arbitraryOf(items, `${at}[]`)
  if (uniqueItems !== true) return fc.array(item, bounds)
  return fc.uniqueArray(item, { ...bounds, selector: (each) => JSON.stringify(each) })
}

function aNumber({ type, minimum = -MOST, maximum = MOST, multipleOf = 1 }: Schema): Arbitrary<Template> {
  const [min, max, step] = [minimum, maximum, multipleOf] as [number, number, number]
  if (type === 'number') return fc.double({ min, max, noNaN: true })
  return fc.integer({ min: Math.ceil(min / step), max: Math.floor(max / step) }).map((each) => each * step)
}

function aString(schema: Schema, at: string): Arbitrary<Template> {
  const {
    format,
    pattern,
    minLength = 0,
    maxLength = 60,
  } = schema as {
    format?: string
    pattern?: string
    minLength?: number
    maxLength?: number
  }
  if (format === 'date-time')
    return fc.integer({ min: -DAY_SECONDS, max: DAY_SECONDS }).map(($now) => ({ $now }))
  if (pattern !== undefined)
    return fc
      .stringMatching(new RegExp(pattern))
      .filter((each) => each.length >= minLength && each.length <= maxLength)
  if (format === 'uuid') return fc.uuid()
  // Nothing of this run may leave the machine.
  if (format === 'uri') return fc.constantFrom('https://127.0.0.1:9/hook', 'https://localhost:9/hook')
  if (format !== undefined) throw new Error(`${at}: the fuzz run does not know the format ${format}`)
  return fc.string({ minLength, maxLength: Math.min(maxLength, 60) })
}
