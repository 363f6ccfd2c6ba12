import type { Fault } from '../../contract/problem.ts'
import type { DomainErrorCode, DomainErrorFacts } from '../../core/lib/errors.ts'
import { ACCESS_PROBLEMS } from './access-problems.ts'
import { CAMPAIGN_PROBLEMS } from './campaign-problems.ts'
import { NOT_FOUND_PROBLEMS } from './not-found-problems.ts'
import type { ProblemRecord } from './problem-record.ts'
import { REQUEST_PROBLEMS } from './request-problems.ts'
import { SERVICE_PROBLEMS } from './service-problems.ts'
import { STATE_PROBLEMS } from './state-problems.ts'

const RECORDS = {
  ...REQUEST_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...NOT_FOUND_PROBLEMS,
  ...STATE_PROBLEMS,
  ...CAMPAIGN_PROBLEMS,
  ...SERVICE_PROBLEMS,
}
export type ProblemCode = keyof typeof RECORDS | DomainErrorCode

/** Every problem; the only place that defines error statuses. A domain error without a record does not compile. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemRecord>> = RECORDS

/** All codes in the order of `GET /problems`: by status. */
export const PROBLEM_CODES = (Object.keys(PROBLEMS) as ProblemCode[]).toSorted(
  (a, b) => PROBLEMS[a].status - PROBLEMS[b].status,
)

/** A problem that the HTTP layer itself reports, before any module is called. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly facts: DomainErrorFacts
  readonly errors: Fault[]
  /** Further headers of the response, such as Allow. */
  readonly headers: Record<string, string>

  constructor(
    code: ProblemCode,
    options: {
      facts?: DomainErrorFacts
      errors?: Fault[]
      headers?: Record<string, string>
      cause?: unknown
    } = {},
  ) {
    super(code, { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.facts = options.facts ?? {}
    this.errors = options.errors ?? []
    this.headers = options.headers ?? {}
  }
}

/** The wire form of a problem, RFC 9457. */
export function problemBody(problem: {
  code: ProblemCode
  facts: DomainErrorFacts
  errors: readonly Fault[]
  instance: string | undefined
  requestId: string
}) {
  const { code, facts, errors, instance, requestId } = problem
  const { status, title, detail, remedy, remedyFor } = PROBLEMS[code]
  // The message of a single error is more precise than the general sentence.
  const only = errors.length === 1 ? errors[0] : undefined
  return {
    type: problemType(code),
    title,
    status,
    detail: only?.message ?? detail(facts),
    instance,
    code,
    remedy: remedyFor?.(facts) ?? remedy,
    facts,
    errors,
    requestId,
  }
}

/** The detail of a problem; used for an error of one field if a module reports only the code and the field. */
export function problemDetail(code: ProblemCode, facts: DomainErrorFacts): string {
  return PROBLEMS[code].detail(facts)
}

/** The general description of a code; served at the `type` of the problem. */
export function problemKind(code: ProblemCode) {
  const { status, title, remedy } = PROBLEMS[code]
  return { type: problemType(code), code, status, title, remedy }
}

export function findProblemBySlug(slug: string): ProblemCode | undefined {
  return PROBLEM_CODES.find((code) => toSlug(code) === slug)
}

/** A problem as the OpenAPI document shows it. */
export function exampleProblem(code: ProblemCode) {
  const requestId = '5d0f3c1e-6c0b-4f43-9a53-0b2a5a0f7c11'
  const { example: facts, exampleErrors: errors = [] } = PROBLEMS[code]
  return problemBody({ code, facts, errors, instance: '/v1/plans', requestId })
}

function problemType(code: ProblemCode): string {
  return `/problems/${toSlug(code)}`
}

function toSlug(code: ProblemCode): string {
  return code.toLowerCase().replaceAll('_', '-')
}

/** The path without the query, which may contain data that a log or a response must not repeat. */
export function pathWithoutQuery(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
