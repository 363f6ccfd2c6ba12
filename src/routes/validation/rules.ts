import type { Fault } from '../../contract/problem.ts'

/** A rule between fields of a request that a schema cannot express. `keys` are the values of `[]` and `*`. */
export interface Rule {
  /** JSON pointer of the invalid field; `[]` matches each entry of a list, `*` each member of an object. */
  at: string
  code: string
  message: string | ((request: RawFields, keys: readonly string[]) => string)
  /** Whether the field breaks the rule; `value` is undefined if the field is missing. */
  rejects(value: unknown, request: RawFields, keys: readonly string[]): boolean
}

/** Creates rules with one code. */
export function rulesOf(code: string) {
  return (at: string, message: Rule['message'], rejects: Rule['rejects']): Rule => ({
    at,
    code,
    message,
    rejects,
  })
}

/** A part of a request before validation: any field may be missing or of another type. */
export class RawFields {
  readonly #root: unknown

  constructor(root: unknown) {
    this.#root = root
  }

  /** The value at a JSON pointer without wildcards; undefined if there is none. */
  get(pointer: string): unknown {
    return segments(pointer).reduce(member, this.#root)
  }

  has(pointer: string): boolean {
    return this.get(pointer) !== undefined
  }

  /** The entries of a list; empty if there is no list. */
  list(pointer: string): unknown[] {
    const value = this.get(pointer)
    return Array.isArray(value) ? value : []
  }
}

/** All errors of one part of a request, in the order of the rules. */
export function checkRules(part: 'body' | 'query', rules: readonly Rule[], root: unknown): Fault[] {
  const request = new RawFields(root)
  return rules.flatMap(({ at, code, message, rejects }) =>
    places(at, root)
      .filter(({ value, keys }) => rejects(value, request, keys))
      .map(({ keys }): Fault => {
        const pointer = fillIn(at, keys)
        const place = part === 'body' ? { pointer } : { parameter: pointer.slice(1) }
        const text = typeof message === 'string' ? message : message(request, keys)
        return { in: part, ...place, code, message: text }
      }),
  )
}

interface Place {
  value: unknown
  keys: readonly string[]
}

function places(pointer: string, root: unknown): Place[] {
  const start: Place[] = [{ value: root, keys: [] }]
  return segments(pointer).reduce((found, segment) => found.flatMap((place) => below(place, segment)), start)
}

function below({ value, keys }: Place, segment: string): Place[] {
  const isExpanded = segment === '[]' ? Array.isArray(value) : segment === '*' && isObject(value)
  if (isExpanded)
    return Object.entries(value ?? {}).map(([key, entry]) => ({ value: entry, keys: [...keys, key] }))
  return segment === '[]' || segment === '*' ? [] : [{ value: member(value, segment), keys }]
}

function fillIn(pointer: string, keys: readonly string[]): string {
  const rest = [...keys]
  return pointer.replace(/\[\]|\*/g, () => rest.shift() ?? '')
}

function segments(pointer: string): string[] {
  return pointer.split('/').slice(1)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' ? (value as Record<string, unknown> | null)?.[name] : undefined
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
