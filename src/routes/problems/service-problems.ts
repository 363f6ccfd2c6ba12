import type { DomainErrorFacts } from '../../core/lib/errors.ts'
import { armContext, type ProblemRecord, withPrefix } from './problem-record.ts'

/** What this service, or Azure and the identity provider behind it, failed to do: waiting does not help with 500 and 502, and may with 503. */
export const SERVICE_PROBLEMS = {
  INTERNAL: {
    status: 500,
    title: 'Internal error',
    detail: () => 'Something went wrong inside this service.',
    remedy: 'Give the request id to an operator of this service; the log has the cause.',
    example: {},
  },
  AZURE_AUTHENTICATION_FAILED: {
    status: 502,
    title: 'Azure does not accept this service',
    detail: (facts) => `Azure does not accept the identity of this service${armContext(facts)}.`,
    remedy: 'An operator must check the credential of this service; callers cannot mend it.',
    example: { what: 'getting a token', armCode: 'InvalidAuthenticationToken', armMessage: null },
  },
  AZURE_UNEXPECTED: {
    status: 502,
    title: 'Unexpected answer from Azure',
    detail: (facts) => `Azure answered with something that this service cannot use${armContext(facts)}.`,
    remedy: 'Try again; if it stays, give the request id to an operator of this service.',
    example: { what: 'reading the managed cluster', armCode: 'InternalServerError', armMessage: null },
  },
  IDENTITY_PROVIDER_UNREACHABLE: {
    status: 503,
    title: 'Identity provider is unreachable',
    retryAfterSeconds: 10,
    detail: () => 'The keys to verify tokens with could not be fetched.',
    remedy: 'Try again after the seconds of the header Retry-After.',
    example: {},
  },
  AZURE_THROTTLED: {
    status: 503,
    title: 'Azure is throttling',
    retryAfterSeconds: 30,
    detail: (facts) => `Azure asks this service to slow down${armContext(facts)}.`,
    remedy: 'Try again after the seconds of the header Retry-After.',
    example: {
      what: 'reading the managed cluster',
      armCode: 'SubscriptionRequestsThrottled',
      armMessage: null,
      retryAfterSeconds: 17,
    },
  },
  AZURE_UNREACHABLE: {
    status: 503,
    title: 'Azure is unreachable',
    retryAfterSeconds: 10,
    // A server error of Azure is no answer either: nothing can be read from it.
    detail: (facts) => `Azure gave no usable answer${armContext(facts)}.`,
    remedy: 'Try again after the seconds of the header Retry-After; nothing was changed.',
    example: { what: 'reading the managed cluster', armCode: null, armMessage: null },
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'Database does not answer',
    retryAfterSeconds: 5,
    // A commit whose answer got lost may have happened, so no more than this is claimed.
    detail: () => 'The database of this service does not answer; what was asked for may or may not be done.',
    remedy:
      'Send the same request again after the seconds of the header Retry-After, a POST with the same Idempotency-Key so that it is done once. Jobs that are under way go on when the database is back.',
    example: {},
  },
  TOO_MANY_STREAMS: {
    status: 503,
    title: 'Too many streams',
    retryAfterSeconds: 5,
    detail: () => 'This process has as many streams open as it serves, or it is about to stop.',
    remedy: 'Try again after the seconds of the header Retry-After, or poll the job.',
    example: {},
  },
  OVERLOADED: {
    status: 503,
    title: 'Service is overloaded',
    retryAfterSeconds: 10,
    detail: () => 'The service has more to do than it can, and takes no more for the moment.',
    remedy: 'Try again after the seconds of the header Retry-After; nothing was done.',
    example: { exhausted: 'eventLoopDelay' },
  },
  NOT_READY: {
    status: 503,
    title: 'Not ready',
    retryAfterSeconds: 5,
    detail: (facts) => `The service is not ready${withPrefix(': ', failingChecks(facts))}.`,
    remedy: 'Try again after the seconds of the header Retry-After.',
    example: { checks: [{ name: 'database', ok: false, detail: 'no connection' }] },
  },
} as const satisfies Record<string, ProblemRecord>

function failingChecks(facts: DomainErrorFacts): string {
  if (!Array.isArray(facts.checks)) return ''
  const checks = facts.checks as { name?: unknown; ok?: unknown; required?: unknown }[]
  const names = checks.map(({ name, ok, required }) =>
    ok === false && required !== false ? String(name) : '',
  )
  return names.filter((name) => name !== '').join(', ')
}
