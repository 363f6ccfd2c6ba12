import type { DomainErrorFacts } from '../../core/lib/errors.ts'
import { factText, type ProblemText, withPrefix } from './fact-text.ts'

/** What Azure, or this service itself, could not do. */
export const SERVICE_TEXTS = {
  AZURE_ACCESS_DENIED: {
    detail: (facts) => `Azure does not let this service do this${armContext(facts)}.`,
    remedy:
      'Give the identity of this service the Reader role on the cluster and its network to plan, and Contributor to execute.',
    example: {
      what: 'reading the managed cluster',
      armCode: 'AuthorizationFailed',
      armMessage: 'The client does not have authorization to perform the action.',
    },
  },
  AZURE_AUTHENTICATION_FAILED: {
    detail: (facts) => `Azure does not accept the identity of this service${armContext(facts)}.`,
    remedy: 'An operator must check the credential of this service; callers cannot mend it.',
    example: { what: 'getting a token', armCode: 'InvalidAuthenticationToken', armMessage: null },
  },
  AZURE_THROTTLED: {
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
    // A server error of Azure is no answer either: nothing can be read from it.
    detail: (facts) => `Azure gave no usable answer${armContext(facts)}.`,
    remedy: 'Try again after the seconds of the header Retry-After; nothing was changed.',
    example: { what: 'reading the managed cluster', armCode: null, armMessage: null },
  },
  AZURE_UNEXPECTED: {
    detail: (facts) => `Azure answered with something that this service cannot use${armContext(facts)}.`,
    remedy: 'Try again; if it stays, give the request id to an operator of this service.',
    example: { what: 'reading the managed cluster', armCode: 'InternalServerError', armMessage: null },
  },
  DATABASE_UNAVAILABLE: {
    // A commit whose answer got lost may have happened, so no more than this is claimed.
    detail: () => 'The database of this service does not answer; what was asked for may or may not be done.',
    remedy:
      'Send the same request again after the seconds of the header Retry-After, a POST with the same Idempotency-Key so that it is done once. Jobs that are under way go on when the database is back.',
    example: {},
  },
  TOO_MANY_STREAMS: {
    detail: () => 'This process has as many streams open as it serves, or it is about to stop.',
    remedy: 'Try again after the seconds of the header Retry-After, or poll the job.',
    example: {},
  },
  OVERLOADED: {
    detail: () => 'The service has more to do than it can, and takes no more for the moment.',
    remedy: 'Try again after the seconds of the header Retry-After; nothing was done.',
    example: { exhausted: 'eventLoopDelay' },
  },
  NOT_READY: {
    detail: (facts) => `The service is not ready${withPrefix(': ', failingChecks(facts))}.`,
    remedy: 'Try again after the seconds of the header Retry-After.',
    example: { checks: [{ name: 'database', ok: false, detail: 'no connection' }] },
  },
  INTERNAL: {
    detail: () => 'Something went wrong inside this service.',
    remedy: 'Give the request id to an operator of this service; the log has the cause.',
    example: {},
  },
} as const satisfies Record<string, ProblemText>

/** While doing what, and in which words of Azure's. */
function armContext(facts: DomainErrorFacts): string {
  const said = [factText(facts.armCode), factText(facts.armMessage)].filter((each) => each !== '').join(': ')
  return `${withPrefix(' (', factText(facts.what))}${factText(facts.what) === '' ? '' : ')'}${withPrefix('; Azure says ', said.replace(/\.$/, ''))}`
}

function failingChecks(facts: DomainErrorFacts): string {
  if (!Array.isArray(facts.checks)) return ''
  const checks = facts.checks as { name?: unknown; ok?: unknown; required?: unknown }[]
  const names = checks.map(({ name, ok, required }) =>
    ok === false && required !== false ? String(name) : '',
  )
  return names.filter((name) => name !== '').join(', ')
}
