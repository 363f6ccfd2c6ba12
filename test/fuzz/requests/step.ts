import fc, { type Arbitrary } from 'fast-check'
import { callerOf } from '../callers.ts'
import { arbitraryOf } from '../document/arbitrary-of.ts'
import { OPERATIONS, type Operation, type Parameter } from '../document/operations.ts'
import type { Template } from '../document/template.ts'
import { hintAt, isId } from '../hints.ts'
import { aTwist, type Twist } from './mutations.ts'

/** A request of an operation, as it is before anything is known of the answers that went before. */
export interface Asking {
  kind: 'ask'
  operation: string
  caller: string
  /** Which of the things that are known to the lane it is about: the nth from the last. */
  about: number
  path: Record<string, Template>
  query: [string, Template][]
  headers: [string, Template][]
  body?: Template
  /** What is done to the request afterwards; a good one has none. */
  twists: Twist[]
}

/** A request of the lane, the nth from the last, once more; `atOnce` twice at the same time. */
export interface Repeating {
  kind: 'repeat'
  of: number
  atOnce: boolean
}

/** The page after a page that the lane has received, the nth from the last. */
export interface Paging {
  kind: 'nextPage'
  of: number
}

/** Waits, as the contract offers it, until what the lane began has come to its end. */
export interface Settling {
  kind: 'settle'
}

export type Step = Asking | Repeating | Paging | Settling

const NONE: Arbitrary<[string, Template][]> = fc.constant([])
const good = new Map<string, Arbitrary<Asking>>()

/** Requests of an operation that the document allows. */
export function goodRequest(operation: Operation): Arbitrary<Asking> {
  const known = good.get(operation.id) ?? made(operation)
  good.set(operation.id, known)
  return known
}

/** Good requests of any operation, and such that are broken in one to three ways. */
export function anyAsking(): Arbitrary<Asking> {
  return fc.oneof(
    ...OPERATIONS.map((operation) => ({
      weight: operation.method === 'GET' ? 2 : 3,
      arbitrary: fc.oneof(
        { weight: 2, arbitrary: goodRequest(operation) },
        { weight: 3, arbitrary: twisted(operation) },
      ),
    })),
  )
}

export function anyStep(): Arbitrary<Step> {
  const repeat = fc.record({ kind: fc.constant('repeat' as const), of: fc.nat(4), atOnce: fc.boolean() })
  const nextPage = fc.record({ kind: fc.constant('nextPage' as const), of: fc.nat(2) })
  return fc.oneof(
    { weight: 30, arbitrary: anyAsking() },
    { weight: 1, arbitrary: fc.constant<Settling>({ kind: 'settle' }) },
    { weight: 3, arbitrary: repeat },
    { weight: 2, arbitrary: nextPage },
  )
}

function twisted(operation: Operation): Arbitrary<Asking> {
  const twists = fc.array(aTwist(operation), { minLength: 1, maxLength: 3 })
  return fc.tuple(goodRequest(operation), twists).map(([request, twists]) => ({ ...request, twists }))
}

function made(operation: Operation): Arbitrary<Asking> {
  const { id, parameters } = operation
  const those = (place: Parameter['in']) => parameters.filter((each) => each.in === place)
  const path = fc.tuple(
    ...those('path').map((each) => aValue(operation, each).map((value) => [each.name, value])),
  )
  const pairs = (place: Parameter['in'], present: number) =>
    fc.tuple(...those(place).map((each) => pair(operation, each, present))).map((each) => each.flat())
  return fc.record({
    kind: fc.constant('ask' as const),
    operation: fc.constant(id),
    caller: fc.constant(callerOf(operation)),
    about: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
    path: path.map((each) => Object.fromEntries(each) as Record<string, Template>),
    query: pairs('query', 1),
    headers: fc.tuple(pairs('header', 2), accept(operation)).map((each) => each.flat()),
    body: bodyOf(operation),
    twists: fc.constant<Twist[]>([]),
  }) as Arbitrary<Asking>
}

/** A parameter that may be left out mostly is: filters that all have to agree find nothing. */
function pair(operation: Operation, parameter: Parameter, weight: number): Arbitrary<[string, Template][]> {
  const value = aValue(operation, parameter).map((each): [string, Template][] => [[parameter.name, each]])
  if (parameter.required === true) return value
  return fc.oneof({ weight: 6, arbitrary: NONE }, { weight, arbitrary: value })
}

function aValue(operation: Operation, { name, in: place, schema, example }: Parameter): Arbitrary<Template> {
  const at = place === 'path' ? `${operation.id}.${name}` : `${operation.id}.${place}.${name}`
  const said = arbitraryOf(schema, at)
  if (example === undefined || hintAt(at) !== null) return said
  return fc.oneof({ weight: 3, arbitrary: fc.constant(example as Template) }, { weight: 1, arbitrary: said })
}

/** What the caller would like to be answered in: each form that the document names, or anything. */
function accept({ responses }: Operation): Arbitrary<[string, Template][]> {
  const media = new Set(Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {})))
  const wish = fc
    .constantFrom('*/*', ...media)
    .map((each): [string, Template][] => [['accept', each === 'application/problem+json' ? '*/*' : each]])
  return fc.oneof({ weight: 2, arbitrary: NONE }, { weight: 1, arbitrary: wish })
}

function bodyOf({ id, body }: Operation): Arbitrary<Template | undefined> {
  if (body === null) return fc.constantFrom(undefined, undefined, {})
  const made = [
    arbitraryOf(body.schema, `${id}.body`),
    ...body.examples.map((each) => alike(each, `${id}.body`)),
  ]
  const any = fc.oneof(...made)
  return body.isRequired ? any : fc.option(any, { nil: undefined })
}

/** An example of the document, with what is hinted put in: its ids are of nothing that exists. */
function alike(example: unknown, at: string): Arbitrary<Template> {
  const hint = hintAt(at)
  if (hint === null) return ownIn(example, at)
  if (isId(at)) return hint
  return fc.oneof({ weight: 4, arbitrary: ownIn(example, at) }, { weight: 1, arbitrary: hint })
}

function ownIn(example: unknown, at: string): Arbitrary<Template> {
  if (Array.isArray(example)) return fc.tuple(...example.map((each) => alike(each, `${at}[]`)))
  if (typeof example === 'string' && /^https?:/i.test(example)) return fc.constant('https://127.0.0.1:9/hook')
  if (typeof example !== 'object' || example === null) return fc.constant(example as Template)
  const members = Object.entries(example).map(([name, each]) => [name, alike(each, `${at}.${name}`)])
  return fc.record(Object.fromEntries(members) as Record<string, Arbitrary<Template>>)
}
