import type { DomainErrorFacts } from '../../core/lib/errors.ts'
import { armContext, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

/** Failures of this service, of Azure and of the identity provider. Waiting may help with 503, but not with 500 and 502. */
export const SERVICE_PROBLEMS = {
  INTERNAL: {
    status: 500,
    title: 'Internal error',
    detail: () => 'The service failed with an internal error.',
    remedy:
      'Report the request ID to an operator of this service. The operator can find the cause in the log of the service.',
    example: {},
  },
  AZURE_AUTHENTICATION_FAILED: {
    status: 502,
    title: 'Azure rejects the identity of this service',
    detail: (facts) => `Azure rejected the credential${armContext(facts)}.`,
    remedy:
      'Ask an operator of this service to check the credential of the service, and to replace it if it is expired or invalid. Callers cannot fix this error.',
    example: { what: 'getting a token', armCode: 'InvalidAuthenticationToken', armMessage: null },
  },
  AZURE_UNEXPECTED: {
    status: 502,
    title: 'Unexpected response from Azure',
    detail: (facts) => `Azure returned an unexpected response${armContext(facts)}.`,
    remedy: 'Retry the request. If the error persists, report the request ID to an operator of this service.',
    example: { what: 'reading the managed cluster', armCode: 'InternalServerError', armMessage: null },
  },
  IDENTITY_PROVIDER_UNREACHABLE: {
    status: 503,
    title: 'Identity provider is unreachable',
    retryAfterSeconds: 10,
    detail: () => 'The service cannot fetch the keys for verifying tokens from the identity provider.',
    remedy: 'Retry after the number of seconds in the header `Retry-After`.',
    example: {},
  },
  AZURE_THROTTLED: {
    status: 503,
    title: 'Azure is throttling',
    retryAfterSeconds: 30,
    detail: (facts) => `Azure throttled requests${armContext(facts)}.`,
    remedy: 'Retry after the number of seconds in the header `Retry-After`.',
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
    // A server error of Azure is not usable either: nothing can be read from it.
    detail: (facts) => `Azure did not return a usable response${armContext(facts)}.`,
    remedy: 'Retry after the number of seconds in the header `Retry-After`. Nothing was changed.',
    example: { what: 'reading the managed cluster', armCode: null, armMessage: null },
  },
  PLANNING_TIMED_OUT: {
    status: 503,
    title: 'Reading the cluster took too long',
    retryAfterSeconds: 30,
    detail: (facts) =>
      `The cluster and its network could not be read${factText(facts.seconds) === '' ? ' in time' : ` within ${factText(facts.seconds)} s`}.`,
    remedy:
      'Retry after the number of seconds in the header `Retry-After`. Nothing was changed. If the error persists, ask an operator of this service to increase `PLAN_TIMEOUT_SECONDS`.',
    example: { seconds: 60 },
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'Database is unavailable',
    retryAfterSeconds: 5,
    // A commit may have succeeded although its response was lost.
    detail: () =>
      'The database of this service does not respond. The service may have executed the request before the connection was lost.',
    remedy:
      'Send the same request again after the number of seconds in the header `Retry-After`. Send a POST with the same `Idempotency-Key` so that it is executed only once. Running jobs continue when the database is available again.',
    example: {},
  },
  STORAGE_FULL: {
    status: 503,
    title: 'Storage is full',
    retryAfterSeconds: 60,
    detail: () => 'The disk of the database of this service is full. Nothing was changed.',
    remedy:
      'Ask an operator of this service to free or add disk space, then send the same request again. No stored data is lost. Running jobs continue as soon as space is available.',
    example: {},
  },
  TOO_MANY_STREAMS: {
    status: 503,
    title: 'Too many streams',
    retryAfterSeconds: 5,
    detail: () =>
      'The process of this service has reached its limit of open event streams, or is about to stop.',
    remedy: 'Retry after the number of seconds in the header `Retry-After`, or poll the job or campaign.',
    example: {},
  },
  OVERLOADED: {
    status: 503,
    title: 'Service is overloaded',
    retryAfterSeconds: 10,
    detail: () => 'The service is overloaded and rejects new requests.',
    remedy: 'Retry after the number of seconds in the header `Retry-After`. Nothing was changed.',
    example: { exhausted: 'eventLoopDelay' },
  },
  NOT_READY: {
    status: 503,
    title: 'Not ready',
    retryAfterSeconds: 5,
    detail: (facts) =>
      `The service is not ready${withPrefix(', because these checks fail: ', failingChecks(facts))}.`,
    remedy: 'Retry after the number of seconds in the header `Retry-After`.',
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
