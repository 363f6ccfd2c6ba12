import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../../contract/problem.ts'
import type { DomainErrorCode, DomainErrorFacts } from '../../core/lib/errors.ts'
import type { ProblemText } from './fact-text.ts'
import { CALLER_TEXTS, REQUEST_TEXTS } from './request-texts.ts'
import { SERVICE_TEXTS } from './service-texts.ts'
import { STATE_TEXTS, WEBHOOK_TEXTS } from './state-texts.ts'

/** Problems that only the edge knows; the refusals of the core come beside them. */
type EdgeCode =
  | 'INVALID_REQUEST'
  | 'MALFORMED_JSON'
  | 'MALFORMED_URL'
  | 'MALFORMED_HTTP'
  | 'BODY_INCOMPLETE'
  | 'BODY_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'NOT_ACCEPTABLE'
  | 'URI_TOO_LONG'
  | 'HEADERS_TOO_LARGE'
  | 'REQUEST_TIMEOUT'
  | 'EXPECTATION_FAILED'
  | 'PRECONDITION_FAILED'
  | 'ROUTE_NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'PROBLEM_NOT_FOUND'
  | 'IDEMPOTENCY_KEY_INVALID'
  | 'IDEMPOTENCY_KEY_IN_USE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'TOO_MANY_STREAMS'
  | 'DATABASE_UNAVAILABLE'
  | 'TOO_MANY_REQUESTS'
  | 'OVERLOADED'
  | 'NOT_READY'
  | 'INTERNAL'
export type ProblemCode = DomainErrorCode | EdgeCode

interface ProblemEntry {
  status: number
  title: string
  /** Seconds for the header Retry-After where the facts name none. */
  retryAfterSeconds?: number
  /** Headers that the status asks for, RFC 9110. */
  headers?: Record<string, string>
}

/**
 * Every problem with its status; the only place in the service that knows error statuses. 400: the same
 * request will be refused again. 401 and 403: somebody else may. 404: it is not there. 409: the state forbids it. 412: it is not as the caller has read it. 422: the key of the
 * request was another's. 502: Azure failed us in a
 * way that waiting does not mend. 503: waiting may.
 */
export const PROBLEMS: Record<ProblemCode, ProblemEntry> = {
  INVALID_REQUEST: { status: 400, title: 'Invalid request' },
  PARAMETER_NOT_FOR_TARGET: { status: 400, title: 'Parameter not for this target' },
  PARAMETERS_EXCLUDE_EACH_OTHER: { status: 400, title: 'Parameters exclude each other' },
  PARAMETER_OUT_OF_RANGE: { status: 400, title: 'Parameter out of range' },
  SCHEDULE_IMPOSSIBLE: { status: 400, title: 'Impossible schedule' },
  RESOURCE_ID_INVALID: { status: 400, title: 'Invalid resource id' },
  CURSOR_INVALID: { status: 400, title: 'Invalid cursor' },
  ACKNOWLEDGEMENT_UNKNOWN: { status: 400, title: 'Unknown acknowledgement' },
  WEBHOOK_URL_REFUSED: { status: 400, title: 'Webhook URL refused' },
  WEBHOOK_SECRET_INVALID: { status: 400, title: 'Invalid webhook secret' },
  IDEMPOTENCY_KEY_INVALID: { status: 400, title: 'Invalid idempotency key' },
  MALFORMED_JSON: { status: 400, title: 'Malformed JSON' },
  MALFORMED_URL: { status: 400, title: 'Malformed URL' },
  MALFORMED_HTTP: { status: 400, title: 'Malformed HTTP' },
  BODY_INCOMPLETE: { status: 400, title: 'Incomplete body' },
  AUTHENTICATION_REQUIRED: {
    status: 401,
    title: 'Authentication required',
    headers: { 'www-authenticate': 'Bearer' },
  },
  TOKEN_INVALID: {
    status: 401,
    title: 'Token not accepted',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  },
  GRANT_MISSING: { status: 403, title: 'Not granted' },
  CLUSTER_ACCESS_DENIED: { status: 403, title: 'Not allowed on this cluster' },
  TOKEN_GROUPS_OVERAGE: { status: 403, title: 'Groups missing in the token' },
  APPROVAL_NOT_INDEPENDENT: { status: 403, title: 'Approval not independent' },
  AZURE_ACCESS_DENIED: { status: 403, title: 'Azure denies access' },
  CLUSTER_NOT_FOUND: { status: 404, title: 'Cluster not found' },
  SUBSCRIPTION_NOT_FOUND: { status: 404, title: 'Subscription not found' },
  PLAN_NOT_FOUND: { status: 404, title: 'Plan not found' },
  JOB_NOT_FOUND: { status: 404, title: 'Job not found' },
  APPROVAL_NOT_FOUND: { status: 404, title: 'Approval not found' },
  WEBHOOK_NOT_FOUND: { status: 404, title: 'Webhook not found' },
  DELIVERY_NOT_FOUND: { status: 404, title: 'Delivery not found' },
  PROBLEM_NOT_FOUND: { status: 404, title: 'Problem not found' },
  ROUTE_NOT_FOUND: { status: 404, title: 'Nothing here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  NOT_ACCEPTABLE: { status: 406, title: 'No acceptable form' },
  REQUEST_TIMEOUT: { status: 408, title: 'Request not received in time' },
  PLAN_BLOCKED: { status: 409, title: 'Plan is blocked' },
  PLAN_NO_CHANGE: { status: 409, title: 'Plan changes nothing' },
  PLAN_STALE: { status: 409, title: 'Plan is stale' },
  PLAN_EXPIRED: { status: 409, title: 'Plan has expired' },
  PLAN_ALREADY_EXECUTED: { status: 409, title: 'Plan is already executed' },
  PLAN_DISCARDED: { status: 409, title: 'Plan is discarded' },
  PLAN_IN_USE: { status: 409, title: 'Plan is in use' },
  PLAN_FOR_OTHER_AZURE: { status: 409, title: 'Plan is for another Azure' },
  ACKNOWLEDGEMENT_MISSING: { status: 409, title: 'Acknowledgement missing' },
  APPROVAL_MISSING: { status: 409, title: 'Approval missing' },
  CLUSTER_LOCKED: { status: 409, title: 'Cluster is locked' },
  JOB_ALREADY_FINISHED: { status: 409, title: 'Job has already ended' },
  JOB_NOT_HELD: { status: 409, title: 'Job cannot be released' },
  HOLD_NOT_POSSIBLE: { status: 409, title: 'Nothing to hold before' },
  ROLLBACK_NOT_AVAILABLE: { status: 409, title: 'No way back' },
  CLEAN_UP_NOT_AVAILABLE: { status: 409, title: 'Nothing to clean up now' },
  WEBHOOK_DISABLED: { status: 409, title: 'Webhook is disabled' },
  WEBHOOK_LIMIT_REACHED: { status: 409, title: 'Too many webhooks' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, title: 'Same request under way', retryAfterSeconds: 2 },
  PRECONDITION_FAILED: { status: 412, title: 'Changed since it was read' },
  BODY_TOO_LARGE: { status: 413, title: 'Body too large' },
  URI_TOO_LONG: { status: 414, title: 'URL too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  EXPECTATION_FAILED: { status: 417, title: 'Expectation failed' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency key of another request' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests', retryAfterSeconds: 60 },
  HEADERS_TOO_LARGE: { status: 431, title: 'Headers too large' },
  INTERNAL: { status: 500, title: 'Internal error' },
  AZURE_AUTHENTICATION_FAILED: { status: 502, title: 'Azure does not accept this service' },
  AZURE_UNEXPECTED: { status: 502, title: 'Unexpected answer from Azure' },
  IDENTITY_PROVIDER_UNREACHABLE: {
    status: 503,
    title: 'Identity provider is unreachable',
    retryAfterSeconds: 10,
  },
  AZURE_THROTTLED: { status: 503, title: 'Azure is throttling', retryAfterSeconds: 30 },
  AZURE_UNREACHABLE: { status: 503, title: 'Azure is unreachable', retryAfterSeconds: 10 },
  DATABASE_UNAVAILABLE: { status: 503, title: 'Database does not answer', retryAfterSeconds: 5 },
  TOO_MANY_STREAMS: { status: 503, title: 'Too many streams', retryAfterSeconds: 5 },
  OVERLOADED: { status: 503, title: 'Service is overloaded', retryAfterSeconds: 10 },
  NOT_READY: { status: 503, title: 'Not ready', retryAfterSeconds: 5 },
}

export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[]

const TEXTS: Record<ProblemCode, ProblemText> = {
  ...REQUEST_TEXTS,
  ...CALLER_TEXTS,
  ...STATE_TEXTS,
  ...SERVICE_TEXTS,
  ...WEBHOOK_TEXTS,
}

/** A refusal of the edge itself, before any room is asked. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly facts: DomainErrorFacts
  readonly faults: Fault[]
  /** Headers that belong to the answer, such as Allow. */
  readonly headers: Record<string, string>

  constructor(
    code: ProblemCode,
    given: {
      facts?: DomainErrorFacts
      faults?: Fault[]
      headers?: Record<string, string>
      cause?: unknown
    } = {},
  ) {
    super(code, { cause: given.cause })
    this.name = 'Problem'
    this.code = code
    this.facts = given.facts ?? {}
    this.faults = given.faults ?? []
    this.headers = given.headers ?? {}
  }
}

/** The wire form of a problem, RFC 9457. */
export function problemBody(problem: {
  code: ProblemCode
  facts: DomainErrorFacts
  faults: Fault[]
  instance: string | undefined
  requestId: string
}) {
  const { code, facts, faults, instance, requestId } = problem
  const { status, title } = PROBLEMS[code]
  const { detail, remedy } = TEXTS[code]
  // A single fault says more than the sentence of its kind.
  const only = faults.length === 1 ? faults[0] : undefined
  return {
    type: problemType(code),
    title,
    status,
    detail: only?.message ?? detail(facts),
    instance,
    code,
    remedy,
    facts,
    errors: faults,
    requestId,
  }
}

/** A fault of one field has the sentence of its problem; used where a room names only the code and the field. */
export function problemDetail(code: ProblemCode, facts: DomainErrorFacts): string {
  return TEXTS[code].detail(facts)
}

/** What a code means, whoever runs into it; served at the problem's `type`. */
export function problemKind(code: ProblemCode) {
  const { status, title } = PROBLEMS[code]
  return { type: problemType(code), code, status, title, remedy: TEXTS[code].remedy }
}

export function findProblemBySlug(slug: string): ProblemCode | undefined {
  return PROBLEM_CODES.find((code) => toSlug(code) === slug)
}

/** A problem as the OpenAPI document shows it. */
export function exampleProblem(code: ProblemCode) {
  const requestId = '5d0f3c1e-6c0b-4f43-9a53-0b2a5a0f7c11'
  const faults = EXAMPLE_FAULTS[code] ?? []
  return problemBody({ code, facts: TEXTS[code].example, faults, instance: '/v1/plans', requestId })
}

const EXAMPLE_FAULTS: Partial<Record<ProblemCode, Fault[]>> = {
  INVALID_REQUEST: [
    {
      in: 'body',
      pointer: '/target/outbound',
      code: 'FIELD_UNKNOWN',
      message: 'outbound is not a field of this request.',
    },
  ],
  PARAMETER_NOT_FOR_TARGET: [
    {
      in: 'body',
      pointer: '/target/natGateway',
      code: 'PARAMETER_NOT_FOR_TARGET',
      message: 'natGateway is for managedNATGateway only, not for userDefinedRouting.',
    },
  ],
}

function problemType(code: ProblemCode): string {
  return `/problems/${toSlug(code)}`
}

function toSlug(code: ProblemCode): string {
  return code.toLowerCase().replaceAll('_', '-')
}

const MAX_INSTANCE_LENGTH = 500

/** Answers with a problem; the one way in which this service says no. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, retryAfterSeconds, headers } = PROBLEMS[problem.code]
  const path = pathWithoutQuery(request.url)
  const instance = path.length > MAX_INSTANCE_LENGTH ? undefined : path
  const body = problemBody({
    code: problem.code,
    facts: problem.facts,
    faults: problem.faults,
    instance,
    requestId: request.id,
  })
  const asked = problem.facts.retryAfterSeconds
  const wait = typeof asked === 'number' && asked > 0 ? Math.ceil(asked) : retryAfterSeconds
  if (wait !== undefined) reply.header('retry-after', String(wait))
  return reply
    .code(status)
    .headers({ ...headers, ...problem.headers, 'x-request-id': request.id, 'x-ms-error-code': problem.code })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(body))
}

/** The path without the query, which may hold what a log or an answer should not repeat. */
export function pathWithoutQuery(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
