import { given, type ProblemText, word } from './text.ts'

/** What callers must prove and be granted. */
export const CALLER_TEXTS = {
  AUTHENTICATION_REQUIRED: {
    detail: () => 'This operation needs to know who calls, and the request has no bearer token.',
    remedy: 'Send an access token of the tenant for this service as Authorization: Bearer ….',
    example: {},
  },
  TOKEN_INVALID: {
    detail: (facts) => `The bearer token is not accepted${given(': ', word(facts.reason))}.`,
    remedy: 'Get a new access token for this service and send the request again.',
    example: { reason: 'expired' },
  },
  GRANT_MISSING: {
    detail: (facts) => `The caller is not granted ${word(facts.grant) || 'what this operation asks for'}.`,
    remedy: 'Ask an administrator of the tenant for the app role or scope.',
    example: { grant: 'Egress.Execute' },
  },
  CLUSTER_ACCESS_DENIED: {
    detail: (facts) =>
      `The access policy lets the caller see this cluster, and not ${word(facts.action) || 'do this'} on it.`,
    remedy: 'Ask whoever keeps the access policy file of this service to grant the action on this cluster.',
    example: { action: 'execute' },
  },
  TOKEN_GROUPS_OVERAGE: {
    detail: () =>
      'The caller is in more groups than a token holds, so the groups that the access policy names cannot be checked.',
    remedy:
      'Let an administrator set the groups claim of the registration to "Groups assigned to the application", or name the caller in the access policy by object id and grant no group in it.',
    example: {},
  },
  APPROVAL_NOT_INDEPENDENT: {
    detail: (facts) =>
      `An approval must come from a second person, and the caller made the plan${given(': ', word(facts.createdBy))}.`,
    remedy: 'Let somebody else who may approve on this cluster read the plan and approve it.',
    example: { createdBy: 'first.person@example.com' },
  },
  TOO_MANY_REQUESTS: {
    detail: (facts) =>
      `The caller has made more requests than this service takes${given(': ', word(facts.limit))}${facts.limit === undefined ? '' : ` ${word(facts.policy)} in ${word(facts.windowSeconds)} seconds`}.`,
    remedy: 'Wait for the seconds of the header Retry-After, and poll no faster than Retry-After says.',
    example: { policy: 'writes', limit: 600, windowSeconds: 60, retryAfterSeconds: 17 },
  },
  IDENTITY_PROVIDER_UNREACHABLE: {
    detail: () => 'The keys to verify tokens with could not be fetched.',
    remedy: 'Try again after the seconds of the header Retry-After.',
    example: {},
  },
} as const satisfies Record<string, ProblemText>
