import type { TSchema } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { ProblemSchema } from '../../contract/problem.ts'
import type { ResponseExample } from '../examples/all-examples.ts'
import { PROBLEMS, type ProblemCode } from '../problems/problems.ts'

/** A good answer of an operation; without a schema it has no body. */
export interface DocumentedResponse {
  description: string
  schema?: TSchema
  example?: ResponseExample
  headers?: Record<string, { type: string; description: string }>
  /** Other forms of the same answer, which are text, by media type. */
  others?: Record<string, ResponseExample>
}

/** Examples are put into the finished document by name; the generator would read them as schemas. */
export const EXAMPLE_NAMES = 'x-example-names'

const REQUEST_ID = {
  'x-request-id': { type: 'string', description: 'The id to name when asking about this request.' },
}
const ERROR_CODE = { 'x-ms-error-code': { type: 'string', description: 'The same as `code`.' } }
const RETRY_AFTER = {
  'retry-after': { type: 'integer', description: 'Seconds to wait before asking again.' },
}

const TEXT = { type: 'string' }

/** What may be wrong with whoever calls. */
const CALLER_PROBLEMS: ProblemCode[] = [
  'AUTHENTICATION_REQUIRED',
  'TOKEN_INVALID',
  'GRANT_MISSING',
  'CLUSTER_ACCESS_DENIED',
  'TOKEN_GROUPS_OVERAGE',
  'IDENTITY_PROVIDER_UNREACHABLE',
]

/** What may be wrong with any request to a busy service. */
export const BUSY_PROBLEMS: ProblemCode[] = ['TOO_MANY_REQUESTS', 'OVERLOADED']

/** Azure may fail whatever has to look at a cluster. */
export const AZURE_PROBLEMS: ProblemCode[] = [
  'AZURE_ACCESS_DENIED',
  'AZURE_AUTHENTICATION_FAILED',
  'AZURE_THROTTLED',
  'AZURE_UNREACHABLE',
  'AZURE_UNEXPECTED',
]

/** What reading a body can come to. */
export const BODY_PROBLEMS: ProblemCode[] = [
  'INVALID_REQUEST',
  'MALFORMED_JSON',
  'BODY_INCOMPLETE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
]

/** What a key that names the request can come to. */
export const KEY_PROBLEMS: ProblemCode[] = [
  'IDEMPOTENCY_KEY_INVALID',
  'IDEMPOTENCY_KEY_IN_USE',
  'IDEMPOTENCY_KEY_REUSED',
]

/** Every status that an operation answers, with an example for every problem code. */
export function documentedResponses(
  good: Record<number, DocumentedResponse>,
  problems: readonly ProblemCode[],
): Record<string, object> {
  return publicResponses(good, [...problems, ...CALLER_PROBLEMS, ...BUSY_PROBLEMS, 'DATABASE_UNAVAILABLE'])
}

/** For what is open to everybody. */
export function publicResponses(
  good: Record<number, DocumentedResponse>,
  problems: readonly ProblemCode[],
): Record<string, object> {
  const successes = Object.entries(good).map(([status, answer]) => [status, successResponse(answer)])
  return Object.fromEntries([...successes, ...problemResponses([...problems, 'INTERNAL'])])
}

function successResponse({ description, schema, example, headers, others = {} }: DocumentedResponse): object {
  const common = { description, headers: { ...REQUEST_ID, ...headers } }
  if (schema === undefined) return { ...common, type: 'null' }
  const shown = example === undefined ? [] : [example]
  const texts = Object.entries(others).map(([type, name]) => [
    type,
    { schema: TEXT, [EXAMPLE_NAMES]: [name] },
  ])
  return {
    ...common,
    content: { 'application/json': { schema, [EXAMPLE_NAMES]: shown }, ...Object.fromEntries(texts) },
  }
}

function problemResponses(codes: readonly ProblemCode[]): [string, object][] {
  const byStatus = Object.groupBy(new Set(codes), (code) => String(PROBLEMS[code].status))
  return Object.entries(byStatus).map(([status, group]) => [status, problemResponse(group ?? [])])
}

function problemResponse(codes: readonly ProblemCode[]): object {
  const waits = codes.some((code) => PROBLEMS[code].retryAfterSeconds !== undefined)
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    headers: { ...REQUEST_ID, ...ERROR_CODE, ...(waits ? RETRY_AFTER : {}) },
    content: {
      'application/problem+json': {
        schema: ref(ProblemSchema),
        [EXAMPLE_NAMES]: codes,
      },
    },
  }
}
