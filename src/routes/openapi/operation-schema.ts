import type { FastifySchema, HTTPMethods } from 'fastify'
import type { TProperties, TSchema } from 'typebox'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, ifMatch, requestHeaders } from '../../contract/parameters.ts'
import { ProblemSchema } from '../../contract/problem.ts'
import type { OperationInfo } from '../operation.ts'
import { PROBLEMS, type ProblemCode } from '../problems/problems.ts'

/** An example by its name in the document. Operations that share a name share the value. */
export type ResponseExample = Record<string, object | string | ((version: string) => object)>

interface Link {
  operationId: string
  description: string
  parameters?: Record<string, string>
  requestBody?: object
}

/** A successful response of an operation. Without a schema it has no body. */
export interface DocumentedResponse {
  description: string
  schema?: TSchema
  example?: ResponseExample
  headers?: Record<string, { type: string; description: string }>
  /** Text formats of the same response, by media type. */
  others?: Record<string, ResponseExample>
  /** The operations that a client can call next. */
  links?: Record<string, Link>
}

/** An operation as the OpenAPI document describes it. */
export interface OperationDocument extends OperationInfo {
  method: HTTPMethods & ('GET' | 'POST' | 'PATCH' | 'DELETE')
  /** As Fastify writes it: `/v1/jobs/:jobId`. */
  path: string
  tag: string
  summary: string
  description: string
  params?: TSchema
  query?: TSchema
  body?: TSchema
  /** Examples of the body. Swagger UI prefills a required body with the first example. */
  examples?: Record<string, { summary: string; value: object }>
  /** Request headers that the operation reads, besides `Idempotency-Key` and `If-Match`. */
  headers?: TProperties
  /** The resource that `If-Match` applies to, such as `the job`. Default: the operation ignores `If-Match`. */
  ifMatch?: string
  responses: Record<number, DocumentedResponse>
  /** Problems specific to the operation. Problems that follow from the other members are added. */
  problems: readonly ProblemCode[]
  /** For operators; omitted from the document. */
  hidden?: boolean
}

/** Examples are added to the finished document, because the generator would read them as schemas. */
export const EXAMPLE_NAMES = 'x-example-names'

/** The schema of a route. Fastify validates requests with it, and the document is generated from it. */
export function operationSchema(operation: OperationDocument): FastifySchema {
  if (operation.hidden === true) return { hide: true }
  const { operationId, tag, summary, description, params, query = NO_QUERY, body } = operation
  const headers = {
    ...(operation.idempotent === true ? IDEMPOTENCY_KEY : {}),
    ...(operation.ifMatch === undefined ? {} : ifMatch(operation.ifMatch)),
    ...operation.headers,
  }
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    querystring: query,
    ...(params === undefined ? {} : { params }),
    ...(body === undefined ? {} : { body }),
    ...(Object.keys(headers).length === 0 ? {} : { headers: requestHeaders(headers) }),
    response: { ...successResponses(operation), ...problemResponses(documentedProblems(operation)) },
  }
}

/** Problems of reading a body. */
const BODY_PROBLEMS = [
  'MALFORMED_JSON',
  'BODY_INCOMPLETE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const

const KEY_PROBLEMS = ['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED'] as const

/** Problems of reading a cluster. */
const AZURE_PROBLEMS = [
  'CLUSTER_NOT_FOUND',
  'SUBSCRIPTION_NOT_FOUND',
  'AZURE_ACCESS_DENIED',
  'AZURE_AUTHENTICATION_FAILED',
  'AZURE_THROTTLED',
  'AZURE_UNREACHABLE',
  'AZURE_UNEXPECTED',
  'PLANNING_TIMED_OUT',
] as const

const CALLER_PROBLEMS = [
  'AUTHENTICATION_REQUIRED',
  'TOKEN_INVALID',
  'GRANT_MISSING',
  'CLUSTER_ACCESS_DENIED',
  'TOKEN_GROUPS_OVERAGE',
  'IDENTITY_PROVIDER_UNREACHABLE',
] as const

/** Every authenticated caller is allowed. */
const SIGN_IN_PROBLEMS = [
  'AUTHENTICATION_REQUIRED',
  'TOKEN_INVALID',
  'IDENTITY_PROVIDER_UNREACHABLE',
] as const

/** All problems that an operation can return, in the order of the document. */
function documentedProblems(operation: OperationDocument): ProblemCode[] {
  const {
    method,
    params,
    idempotent,
    ifMatch,
    asksAzure,
    grant,
    quiet,
    evenUnderPressure,
    openedBy = [],
  } = operation
  const isPublic = grant === 'public'
  const when = (condition: boolean, codes: readonly ProblemCode[]) => (condition ? codes : [])
  return [
    'INVALID_REQUEST',
    ...when(method !== 'GET', ['SITE_NOT_ALLOWED', ...BODY_PROBLEMS]),
    ...when(idempotent === true, KEY_PROBLEMS),
    ...when(params !== undefined, ['URI_TOO_LONG']),
    ...operation.problems,
    ...when(ifMatch !== undefined, ['PRECONDITION_FAILED']),
    ...when(asksAzure === true, AZURE_PROBLEMS),
    ...when(!isPublic, grant === 'signedIn' ? SIGN_IN_PROBLEMS : CALLER_PROBLEMS),
    ...when(openedBy.includes('shareLink'), ['SHARE_LINK_INVALID']),
    ...when(openedBy.includes('eventTicket'), ['EVENT_TICKET_INVALID']),
    ...when(quiet !== true, ['TOO_MANY_REQUESTS']),
    ...when(evenUnderPressure !== true, ['OVERLOADED']),
    ...when(!isPublic, ['DATABASE_UNAVAILABLE']),
    ...when(method !== 'GET', ['STORAGE_FULL']),
    'INTERNAL',
  ]
}

const REQUEST_ID = {
  'x-request-id': {
    type: 'string',
    description: 'The request ID. Report it when you ask about this request.',
  },
}
const ERROR_CODE = {
  'x-ms-error-code': { type: 'string', description: 'The problem code, identical to `code` in the body.' },
}
const RETRY_AFTER = {
  'retry-after': { type: 'integer', description: 'The number of seconds to wait before the next request.' },
}

function successResponses({ responses, idempotent }: OperationDocument): Record<string, object> {
  const replayed = idempotent === true ? IDEMPOTENCY_REPLAYED : {}
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [status, successResponse(response, replayed)]),
  )
}

function successResponse(response: DocumentedResponse, replayed: object): object {
  const { description, schema, example = {}, headers, others = {} } = response
  const common = { description, headers: { ...REQUEST_ID, ...headers, ...replayed } }
  if (schema === undefined) return { ...common, type: 'null' }
  const media = (schema: object, example: ResponseExample) => ({
    schema,
    [EXAMPLE_NAMES]: Object.keys(example),
  })
  const texts = Object.entries(others).map(([type, example]) => [type, media({ type: 'string' }, example)])
  return { ...common, content: { 'application/json': media(schema, example), ...Object.fromEntries(texts) } }
}

function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Object.groupBy(codes, (code) => String(PROBLEMS[code].status))
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group]) => [status, problemResponse(group ?? [])]),
  )
}

function problemResponse(codes: readonly ProblemCode[]): object {
  const waits = codes.some((code) => PROBLEMS[code].retryAfterSeconds !== undefined)
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    headers: { ...REQUEST_ID, ...ERROR_CODE, ...(waits ? RETRY_AFTER : {}) },
    content: { 'application/problem+json': { schema: ref(ProblemSchema), [EXAMPLE_NAMES]: codes } },
  }
}
