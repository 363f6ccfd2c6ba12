/**
 * Compares the version that a caller has read with the version that a change starts from. Called in the transaction
 * of the change, or fenced with it. Throws if the versions differ.
 */
export type Precondition = (version: string) => void

/**
 * The rejection of a request, for a reason that the caller can act on. The core and the modules state only the code and
 * the facts. The sentence, the remedy and the HTTP status are written in routes/problems.
 */
export const DOMAIN_ERROR_CODES = [
  'CLUSTER_NOT_FOUND',
  'SUBSCRIPTION_NOT_FOUND',
  'PLAN_NOT_FOUND',
  'JOB_NOT_FOUND',
  'PROBE_NOT_FOUND',
  'PLAN_BLOCKED',
  'PLAN_NO_CHANGE',
  'PLAN_STALE',
  'PLAN_EXPIRED',
  'PLAN_ALREADY_EXECUTED',
  'PLAN_DISCARDED',
  'PLAN_IN_USE',
  'PLAN_FOR_OTHER_AZURE',
  'ACKNOWLEDGEMENT_MISSING',
  'ACKNOWLEDGEMENT_UNKNOWN',
  'APPROVAL_MISSING',
  'APPROVAL_NOT_FOUND',
  'APPROVAL_WINDOW_CLOSED',
  'APPROVAL_NOT_INDEPENDENT',
  'SHARE_LINK_NOT_FOUND',
  'SHARE_LINK_INVALID',
  'SHARE_LINK_TOO_LONG',
  'SHARE_LINK_LIMIT_REACHED',
  'SHARE_LINKS_DISABLED',
  'EVENT_TICKET_INVALID',
  'WEBHOOK_NOT_FOUND',
  'DELIVERY_NOT_FOUND',
  'WEBHOOK_URL_REFUSED',
  'WEBHOOK_SECRET_INVALID',
  'WEBHOOK_LIMIT_REACHED',
  'WEBHOOK_DISABLED',
  'CAMPAIGN_NOT_FOUND',
  'CAMPAIGN_WAVES_INVALID',
  'CAMPAIGN_TARGET_UNMATCHED',
  'CAMPAIGN_TARGET_MISSING',
  'CAMPAIGN_TARGET_UNSUPPORTED',
  'CAMPAIGN_MEMBERS_UNKNOWN',
  'CAMPAIGN_SELECTION_EMPTY',
  'CAMPAIGN_SELECTION_TOO_LARGE',
  'CAMPAIGN_MEMBERS_DENIED',
  'CAMPAIGN_MEMBERS_BUSY',
  'CAMPAIGN_ACTION_NOT_POSSIBLE',
  'CAMPAIGN_GATE_NOT_INDEPENDENT',
  'CLUSTER_LOCKED',
  'JOB_ALREADY_FINISHED',
  'JOB_ALREADY_BEGUN',
  'JOB_NOT_HELD',
  'HOLD_NOT_POSSIBLE',
  'ROLLBACK_NOT_AVAILABLE',
  'CLEAN_UP_NOT_AVAILABLE',
  'RECONCILE_NOT_AVAILABLE',
  'PARAMETER_NOT_FOR_TARGET',
  'PARAMETERS_EXCLUDE_EACH_OTHER',
  'PARAMETER_OUT_OF_RANGE',
  'SCHEDULE_IMPOSSIBLE',
  'RESOURCE_ID_INVALID',
  'CURSOR_INVALID',
  'REFRESH_NOT_FOUND',
  'AUTHENTICATION_REQUIRED',
  'TOKEN_INVALID',
  'GRANT_MISSING',
  'CLUSTER_ACCESS_DENIED',
  'TOKEN_GROUPS_OVERAGE',
  'IDENTITY_PROVIDER_UNREACHABLE',
  'AZURE_ACCESS_DENIED',
  'AZURE_AUTHENTICATION_FAILED',
  'AZURE_THROTTLED',
  'AZURE_UNREACHABLE',
  'AZURE_UNEXPECTED',
  'PLANNING_TIMED_OUT',
] as const
export type DomainErrorCode = (typeof DOMAIN_ERROR_CODES)[number]

/** Numbers, names and lists for the sentence. They must not be secret, because the caller sees them. */
export type DomainErrorFacts = Record<string, string | number | boolean | null | string[] | object[]>

export class DomainError extends Error {
  readonly code: DomainErrorCode
  readonly facts: DomainErrorFacts
  /** JSON pointers to the invalid fields of the request. */
  readonly pointers: string[]

  constructor(code: DomainErrorCode, facts: DomainErrorFacts = {}, pointers: string[] = [], cause?: unknown) {
    super(code, { cause })
    this.name = 'DomainError'
    this.code = code
    this.facts = facts
    this.pointers = pointers
  }
}
