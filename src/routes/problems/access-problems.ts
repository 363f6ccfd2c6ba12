import { armContext, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

/** Problems of authentication (401) and authorization (403), by this service or by Azure. */
export const ACCESS_PROBLEMS = {
  AUTHENTICATION_REQUIRED: {
    status: 401,
    title: 'Authentication required',
    headers: { 'www-authenticate': 'Bearer' },
    detail: () => 'This operation requires a bearer token, but the request has none.',
    remedy:
      'Get an access token for this service from Microsoft Entra ID, and send the token in the header `Authorization: Bearer <token>`.',
    example: {},
  },
  TOKEN_INVALID: {
    status: 401,
    title: 'Invalid token',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    detail: (facts) => `The bearer token is invalid${withPrefix('; reason: ', factText(facts.reason))}.`,
    remedy: 'Get a new access token for this service and retry the request.',
    example: { reason: 'expired' },
  },
  GRANT_MISSING: {
    status: 403,
    title: 'App role or scope missing',
    detail: (facts) =>
      `This operation requires ${isNamed(facts.grant) ? `the app role or scope \`${factText(facts.grant)}\`, which` : 'an app role or scope that'} the caller does not have.`,
    remedy:
      'Ask an administrator of the Microsoft Entra tenant to assign you the app role, or to grant your client the scope.',
    example: { grant: 'Egress.Execute' },
  },
  SHARE_LINK_INVALID: {
    status: 403,
    title: 'Share link does not permit this request',
    detail: () =>
      'The share link is unknown, expired, or revoked, or it does not permit this request. A share link permits only GET requests for the plan or job that it was created for.',
    remedy: 'Ask the person who sent the link for a new link, or sign in.',
    example: {},
  },
  SHARE_LINKS_DISABLED: {
    status: 403,
    title: 'Share links are disabled',
    detail: () => 'The operator of this service does not allow share links.',
    remedy:
      'Ask readers to sign in, or ask the operator to set `SHARE_LINK_MAX_MINUTES` to a number above 0.',
    example: {},
  },
  EVENT_TICKET_INVALID: {
    status: 403,
    title: 'Event ticket does not permit this request',
    detail: () =>
      'The ticket is unknown, expired, or already used, or it is for another job or campaign. A ticket opens one event stream, once, within 60 s after it was issued.',
    remedy:
      'Get a new ticket with `POST /v1/jobs/{jobId}/event-tickets` or `POST /v1/campaigns/{campaignId}/event-tickets`, and open the `url` of the response. If you have already received events, add `&after=` and the ID of the last event to this URL.',
    example: {},
  },
  CLUSTER_ACCESS_DENIED: {
    status: 403,
    title: 'Action denied on this cluster',
    detail: (facts) =>
      `The access policy allows the caller to see this cluster, but denies ${facts.action === undefined ? 'this action' : `the action \`${factText(facts.action)}\``}.`,
    remedy: 'Ask the owner of the access policy of this service to grant you this action on the cluster.',
    example: { action: 'execute' },
  },
  TOKEN_GROUPS_OVERAGE: {
    status: 403,
    title: 'Groups missing in the token',
    detail: () =>
      'The caller is a member of more groups than a token can contain. The service therefore cannot compare the groups of the caller with the access policy.',
    remedy:
      'Ask an administrator to set the groups claim of the app registration to "Groups assigned to the application". Alternatively, list the caller in the access policy by object ID and use no groups in the policy.',
    example: {},
  },
  SITE_NOT_ALLOWED: {
    status: 403,
    title: 'Request from another site',
    detail: (facts) =>
      `The request can change data and comes from a page of another site${withPrefix(': ', factText(facts.origin))}.`,
    remedy:
      'Send the request from a page of this service or from a program. To allow the origin of the page, ask the operator to add the origin to `CORS_ORIGINS`.',
    example: { origin: 'https://other.example' },
  },
  APPROVAL_NOT_INDEPENDENT: {
    status: 403,
    title: 'Approval not independent',
    detail: (facts) =>
      `An approval must come from a person who did not create the plan, but the caller${withPrefix(' (', factText(facts.createdBy))}${facts.createdBy === undefined ? '' : ')'} created the plan.`,
    remedy:
      'Ask another person for an approval. That person needs permission to approve plans for this cluster.',
    example: { createdBy: 'first.person@example.com' },
  },
  AZURE_ACCESS_DENIED: {
    status: 403,
    title: 'Access denied by Azure',
    detail: (facts) => `Azure denied access${armContext(facts)}.`,
    remedy:
      'Ask an administrator to assign the missing Azure role to the identity of this service. Planning requires Reader on the subscription of the cluster. Executing a job also requires Azure Kubernetes Service Contributor on the cluster, and Network Contributor on network resources that the job changes.',
    example: {
      what: 'reading the managed cluster',
      armCode: 'AuthorizationFailed',
      armMessage: 'The client does not have authorization to perform the action.',
    },
  },
} as const satisfies Record<string, ProblemRecord>

/** An operation that no app role or scope permits reports the grant `nobody`. */
function isNamed(grant: Parameters<typeof factText>[0]): boolean {
  return grant !== undefined && grant !== 'nobody'
}
