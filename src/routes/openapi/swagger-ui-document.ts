import { PROBLEMS, type ProblemCode } from '../problems/problems.ts'
import type { OperationDocument } from './operation-schema.ts'

interface UiDocument {
  components: { examples?: Record<string, unknown>; securitySchemes?: object; [member: string]: unknown }
  paths: Record<string, Record<string, UiOperation>>
  [member: string]: unknown
}
interface UiOperation {
  operationId: string
  security?: object
  responses: Record<string, UiResponse>
}
interface UiResponse {
  description: string
  headers?: object
  content?: Record<string, { examples?: Record<string, object> }>
}

/**
 * The document as Swagger UI shows it. Most errors are the same for all operations and would take most of the page, and of
 * the time to draw it: they become one response `default`, which names them all. The contract is `/openapi.json`.
 * Without `hasCallers`, callers are not authenticated, so no operation shows a lock.
 *
 * It is a document of OpenAPI 3.0, which Swagger UI draws in a third of the time. It lacks the section of webhook messages.
 */
export function toSwaggerUiDocument(
  document: object,
  operations: readonly OperationDocument[],
  hasCallers: boolean,
): object {
  const full = document as UiDocument
  const ownProblems = new Map(operations.map(({ operationId, problems }) => [operationId, problems]))
  const toOperation = ({ security, ...operation }: UiOperation): UiOperation => ({
    ...operation,
    ...(hasCallers && security !== undefined ? { security } : {}),
    responses: foldResponses(operation.responses, ownProblems.get(operation.operationId) ?? []),
  })
  const paths = mapValues(full.paths, (methods) => mapValues(methods, toOperation))
  const { securitySchemes, examples = {}, ...components } = full.components
  const text = JSON.stringify(paths)
  const used = Object.entries(examples).filter(([name]) => text.includes(`#/components/examples/${name}"`))
  const shown = {
    ...full,
    openapi: '3.0.3',
    webhooks: undefined,
    // Swagger UI does not need it for requests, and its form takes a part of the page.
    servers: undefined,
    paths,
    components: {
      ...components,
      examples: Object.fromEntries(used),
      ...(hasCallers ? { securitySchemes } : {}),
    },
  }
  return { ...shown, paths: withNullable(shown.paths), components: withNullable(shown.components) }
}

/** `null` as OpenAPI 3.0 writes it: as a member of the other choice, which may be a reference. */
function withNullable<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withNullable) as T
  if (typeof value !== 'object' || value === null) return value
  const { anyOf, ...rest } = mapValues(value as Record<string, unknown>, withNullable)
  if (!Array.isArray(anyOf)) return (anyOf === undefined ? rest : { ...rest, anyOf }) as T
  const others = anyOf.filter((choice) => choice?.type !== 'null')
  if (others.length === anyOf.length) return { ...rest, anyOf } as T
  const [only] = others
  if (others.length > 1) return { ...rest, anyOf: others, nullable: true } as T
  return (
    '$ref' in only ? { ...rest, allOf: [only], nullable: true } : { ...only, ...rest, nullable: true }
  ) as T
}

/** Responses with an own problem stay, with these problems as examples; the others are named in `default`. */
function foldResponses(
  responses: Record<string, UiResponse>,
  own: readonly ProblemCode[],
): Record<string, UiResponse> {
  const kept: Record<string, UiResponse> = {}
  const common: [status: string, codes: string[]][] = []
  for (const [status, response] of Object.entries(responses)) {
    const media = response.content?.['application/problem+json']
    if (media === undefined) {
      kept[status] = withoutCommonHeaders(response)
      continue
    }
    const codes = Object.keys(media.examples ?? {})
    const ownCodes = codes.filter((code) => own.includes(code as ProblemCode))
    if (ownCodes.length > 0) kept[status] = problemResponse(response.description, ownCodes)
    else common.push([status, codes])
  }
  const [first] = common
  if (first === undefined) return kept
  const list = common.map(([status, codes]) => `- ${status}: ${codes.map(describe).join(', ')}`)
  return { ...kept, default: problemResponse(`Common problems.\n\n${list.join('\n')}`, first[1].slice(0, 1)) }
}

/** Headers of every response, which the text at the top describes. */
const COMMON_HEADERS = ['X-Request-Id', 'Access-Control-Allow-Origin', 'RateLimit-Policy', 'RateLimit']

function withoutCommonHeaders({ headers = {}, ...response }: UiResponse): UiResponse {
  const own = Object.entries(headers).filter(([name]) => !COMMON_HEADERS.includes(name))
  return { ...response, ...(own.length === 0 ? {} : { headers: Object.fromEntries(own) }) }
}

const describe = (code: string) => `\`${code}\` (${PROBLEMS[code as ProblemCode].title})`

function problemResponse(description: string, codes: readonly string[]): UiResponse {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }] as const)
  // A link to the schema would be drawn once for each response.
  return { description, content: { 'application/problem+json': { examples: Object.fromEntries(examples) } } }
}

function mapValues<T, R>(record: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
