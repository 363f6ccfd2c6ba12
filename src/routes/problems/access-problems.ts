import { armContext, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

/** What callers must prove (401) and be allowed (403), by this service or by Azure. */
export const ACCESS_PROBLEMS = {
  AUTHENTICATION_REQUIRED: {
    status: 401,
    title: 'Authentication required',
    headers: { 'www-authenticate': 'Bearer' },
    detail: () => 'This operation needs to know who calls, and the request has no bearer token.',
    remedy: 'Send an access token of the tenant for this service as Authorization: Bearer ….',
    example: {},
  },
  TOKEN_INVALID: {
    status: 401,
    title: 'Token not accepted',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    detail: (facts) => `The bearer token is not accepted${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Get a new access token for this service and send the request again.',
    example: { reason: 'expired' },
  },
  GRANT_MISSING: {
    status: 403,
    title: 'Not granted',
    detail: (facts) =>
      `The caller is not granted ${factText(facts.grant) || 'what this operation asks for'}.`,
    remedy: 'Ask an administrator of the tenant for the app role or scope.',
    example: { grant: 'Egress.Execute' },
  },
  CLUSTER_ACCESS_DENIED: {
    status: 403,
    title: 'Not allowed on this cluster',
    detail: (facts) =>
      `The access policy lets the caller see this cluster, and not ${factText(facts.action) || 'do this'} on it.`,
    remedy: 'Ask whoever keeps the access policy file of this service to grant the action on this cluster.',
    example: { action: 'execute' },
  },
  TOKEN_GROUPS_OVERAGE: {
    status: 403,
    title: 'Groups missing in the token',
    detail: () =>
      'The caller is in more groups than a token holds, so the groups that the access policy names cannot be checked.',
    remedy:
      'Let an administrator set the groups claim of the registration to "Groups assigned to the application", or name the caller in the access policy by object id and grant no group in it.',
    example: {},
  },
  APPROVAL_NOT_INDEPENDENT: {
    status: 403,
    title: 'Approval not independent',
    detail: (facts) =>
      `An approval must come from a second person, and the caller made the plan${withPrefix(': ', factText(facts.createdBy))}.`,
    remedy: 'Let somebody else who may approve on this cluster read the plan and approve it.',
    example: { createdBy: 'first.person@example.com' },
  },
  AZURE_ACCESS_DENIED: {
    status: 403,
    title: 'Azure denies access',
    detail: (facts) => `Azure does not let this service do this${armContext(facts)}.`,
    remedy:
      'Give the identity of this service the Reader role on the cluster and its network to plan, and Contributor to execute.',
    example: {
      what: 'reading the managed cluster',
      armCode: 'AuthorizationFailed',
      armMessage: 'The client does not have authorization to perform the action.',
    },
  },
} as const satisfies Record<string, ProblemRecord>
