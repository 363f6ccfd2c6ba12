import { readFileSync } from 'node:fs'

/** A JSON Schema of the document, as far as requests have need of it. */
export interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  examples?: unknown[]
  [keyword: string]: unknown
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
  example?: unknown
}

interface Answer {
  content?: Record<string, { schema?: Schema; examples?: Record<string, unknown> }>
  headers?: Record<string, unknown>
  links?: Record<string, { operationId: string; parameters?: Record<string, string> }>
}

/** One operation of the document, with where it is found. */
export interface Operation {
  id: string
  method: string
  path: string
  parameters: Parameter[]
  /** Null where it takes none. */
  body: { schema: Schema; examples: unknown[]; isRequired: boolean } | null
  responses: Record<string, Answer>
  /** What a caller has to be granted. */
  scopes: string[]
}

interface RawOperation {
  security?: Record<string, string[]>[]
  operationId: string
  parameters?: Parameter[]
  requestBody?: {
    required?: boolean
    content: Record<string, { schema: Schema; examples?: Record<string, { $ref?: string; value?: unknown }> }>
  }
  responses: Record<string, Answer>
}

interface RawDocument {
  paths: Record<string, Record<string, RawOperation>>
}

const FILE = new URL('../../../openapi/openapi.json', import.meta.url)
const DOCUMENT = JSON.parse(readFileSync(FILE, 'utf8')) as RawDocument

/** Every operation that the checked-in document has. */
export const OPERATIONS: readonly Operation[] = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => operationOf(path, method, operation)),
)

/** The operation of this id. */
export function operationNamed(id: string): Operation {
  const found = OPERATIONS.find((each) => each.id === id)
  if (found === undefined) throw new Error(`the document has no operation ${id}`)
  return found
}

/** The operation that answers for a method and the raw path of a request; HEAD is the GET without its body. */
export function operationAt(method: string, pathname: string): Operation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method
  return OPERATIONS.find((each) => each.method === wanted && parametersIn(each.path, pathname) !== null)
}

/** What stands where a path of the document has parameters; null where the path is another. */
export function parametersIn(template: string, pathname: string): Record<string, string> | null {
  const wanted = template.split('/')
  const given = pathname.split('/')
  if (wanted.length !== given.length) return null
  const found: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    const value = given[index] ?? ''
    if (name === undefined ? part !== value : value === '') return null
    if (name !== undefined) found[name] = value
  }
  return found
}

/** What a schema says, wherever it is written. */
export function resolved<T extends { $ref?: string }>(value: T): T {
  if (value.$ref === undefined) return value
  const parts = value.$ref.slice(2).split('/')
  return resolved(parts.reduce((at, part) => (at as Record<string, unknown>)[part], DOCUMENT as unknown) as T)
}

function operationOf(path: string, method: string, raw: RawOperation): Operation {
  const [media] = Object.values(raw.requestBody?.content ?? {})
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    parameters: (raw.parameters ?? []).map((each) => resolved(each as Parameter & { $ref?: string })),
    body:
      media === undefined
        ? null
        : {
            schema: media.schema,
            examples: Object.values(media.examples ?? {}).map((each) => resolved(each).value),
            isRequired: raw.requestBody?.required === true,
          },
    responses: raw.responses,
    scopes: (raw.security ?? [])
      .flatMap((each) => Object.values(each).flat())
      .map((each) => each.split('/').at(-1) ?? ''),
  }
}
