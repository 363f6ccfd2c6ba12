import type { InjectOptions } from 'fastify'
import { DOMAIN_ERROR_CODES, DomainError, type DomainErrorCode } from '../../../src/core/lib/errors.ts'
import { exampleProblem, Problem, type ProblemCode } from '../../../src/routes/problems/problems.ts'
import type { FakeModules } from './fakes.ts'

/** What stands in the way of requests, for an app that lives longer than one of them. */
export interface Stage {
  /** How callers are proven, where not well. */
  callerFault: Error | null
  /** What happens as soon as a request begins. */
  beginFault: Error | null
  isReady: boolean
  rooms: FakeModules
  /** What keys are answered with that come; null for what the fake rooms know of them. */
  key: { kind: 'busy' | 'other' } | null
}

/** The change that turns a valid request into a request with this problem. */
export interface Provocation {
  stage?: (stage: Stage) => void
  request?: (good: InjectOptions) => InjectOptions
  /** Asked of an app that lets everybody ask once. */
  isSecond?: boolean
}

const withHeaders = (headers: Record<string, string>) => (good: InjectOptions) => ({
  ...good,
  headers: { ...good.headers, ...headers },
})
const withText = (payload: string, type: string) => (good: InjectOptions) => ({
  ...good,
  payload,
  headers: { ...good.headers, 'content-type': type },
})
const keyed = (kind: 'busy' | 'other'): Provocation => ({
  request: withHeaders({ 'idempotency-key': 'key-1' }),
  stage: (stage) => {
    stage.key = { kind }
  },
})

/** Problems of the edge, each brought about as a caller would. */
const OF_EDGE: Partial<Record<ProblemCode, Provocation>> = {
  INVALID_REQUEST: {
    request: (good) => ({
      ...good,
      url: `${good.url}${String(good.url).includes('?') ? '&' : '?'}unknown=1`,
    }),
  },
  MALFORMED_JSON: { request: withText('{', 'application/json') },
  UNSUPPORTED_MEDIA_TYPE: { request: withText('text', 'text/plain') },
  BODY_TOO_LARGE: { request: withText(JSON.stringify('x'.repeat(2_000_000)), 'application/json') },
  NOT_ACCEPTABLE: { request: withHeaders({ accept: 'application/xml' }) },
  URI_TOO_LONG: {
    request: (good) => ({
      ...good,
      url: String(good.url).replace(/[\da-f-]{36}|plan-stale|EGRESS_IP_LOST/, 'x'.repeat(1_001)),
    }),
  },
  IDEMPOTENCY_KEY_INVALID: { request: withHeaders({ 'idempotency-key': 'x'.repeat(1_000) }) },
  IDEMPOTENCY_KEY_IN_USE: keyed('busy'),
  IDEMPOTENCY_KEY_REUSED: keyed('other'),
  PRECONDITION_FAILED: { request: withHeaders({ 'if-match': '"another version"' }) },
  TOO_MANY_REQUESTS: { isSecond: true },
  SITE_NOT_ALLOWED: { request: withHeaders({ 'sec-fetch-site': 'cross-site' }) },
  NOT_READY: {
    stage: (stage) => {
      stage.isReady = false
    },
  },
  FINDING_NOT_FOUND: { request: (good) => ({ ...good, url: '/findings/NO_SUCH_FINDING' }) },
  SHARE_LINK_INVALID: { request: withHeaders({ authorization: 'ShareLink aeps_unknown' }) },
  EVENT_TICKET_INVALID: {
    request: (good) => ({ ...good, url: `${String(good.url).split('?')[0]}?ticket=aept_unknown` }),
  },
  PROBLEM_NOT_FOUND: { request: (good) => ({ ...good, url: '/problems/nothing' }) },
}

const OF_CALLERS: readonly ProblemCode[] = [
  'AUTHENTICATION_REQUIRED',
  'TOKEN_INVALID',
  'GRANT_MISSING',
  'CLUSTER_ACCESS_DENIED',
  'TOKEN_GROUPS_OVERAGE',
  'IDENTITY_PROVIDER_UNREACHABLE',
]

/** How a documented problem comes about; what no request can bring about is thrown where the request begins. */
export function provocationOf(code: ProblemCode): Provocation {
  const { facts } = exampleProblem(code)
  const edge = OF_EDGE[code]
  if (edge !== undefined) return edge
  const isRefusal = (DOMAIN_ERROR_CODES as readonly string[]).includes(code)
  const fault = isRefusal ? new DomainError(code as DomainErrorCode, facts) : new Problem(code, { facts })
  return {
    stage: (stage) => {
      if (code === 'INTERNAL') stage.beginFault = new Error('not foreseen')
      else if (OF_CALLERS.includes(code)) stage.callerFault = fault
      else if (isRefusal) stage.rooms.fault = fault
      else stage.beginFault = fault
    },
  }
}
