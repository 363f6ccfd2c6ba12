/**
 * Everything that can go wrong between us and Resource Manager, as a closed set. `kind` is what the
 * caller decides on; `code` and `message` are ARM's own words, for people.
 */
export type ArmFaultKind =
  | 'not-found'
  /** 412: the `If-Match` did not hold. */
  | 'precondition-failed'
  /** 409: another operation is in progress, or an ETag mismatch inside the service. */
  | 'conflict'
  /** 429, with ARM's `Retry-After` in `retryAfterMs`. */
  | 'throttled'
  /** 403. */
  | 'denied'
  /** 401, or no token could be had. */
  | 'unauthenticated'
  /** 5xx, a reset connection, a time-out: the request may or may not have taken effect. */
  | 'transient'
  /** Any other 4xx: ARM understood and refused. */
  | 'refused'
  /** An answer that cannot be read. */
  | 'unknown'

export class ArmFault extends Error {
  readonly kind: ArmFaultKind
  readonly status: number | null
  readonly code: string
  readonly target: string | null
  readonly retryAfterMs: number | null
  readonly requestId: string | null

  constructor(fault: {
    kind: ArmFaultKind
    code: string
    message: string
    status?: number | null
    target?: string | null
    retryAfterMs?: number | null
    requestId?: string | null
    cause?: unknown
  }) {
    super(fault.message, { cause: fault.cause })
    this.name = 'ArmFault'
    this.kind = fault.kind
    this.status = fault.status ?? null
    this.code = fault.code
    this.target = fault.target ?? null
    this.retryAfterMs = fault.retryAfterMs ?? null
    this.requestId = fault.requestId ?? null
  }
}

/** The code of a fault that tells from Azure's own 429: the budget of this process was spent, and nothing was sent. */
export const BUDGET_SPENT = 'CallBudgetSpent'

/** The code of a fault that tells from silence: the write was not to leave any more, and did not. */
export const SENT_TOO_LATE = 'SentTooLate'
