import type { ClusterRef } from '../../contract/cluster.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Unread } from '../../contract/preflight.ts'
import { DomainError, type DomainErrorCode } from '../../core/lib/errors.ts'

/**
 * All kinds of errors between this service and Resource Manager. The caller decides by `kind`; `code` and `message` are
 * the texts of ARM, for people.
 */
export type ArmFaultKind =
  | 'not-found'
  /** 412: the ETag in `If-Match` is stale. */
  | 'precondition-failed'
  /** 409: another operation is in progress, or an ETag mismatch inside the service. */
  | 'conflict'
  /** 429, with ARM's `Retry-After` in `retryAfterMs`. */
  | 'throttled'
  /** 403. */
  | 'denied'
  /** 401, or no token is available. */
  | 'unauthenticated'
  /** 5xx, a reset connection, a time-out: the request may or may not have taken effect. */
  | 'transient'
  /** Any other 4xx: ARM rejected the request. */
  | 'refused'
  /** A response that cannot be read. */
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

/** An id that names no resource, or not one of the expected type. Nothing was sent. */
export function invalidResourceId(message: string): ArmFault {
  return new ArmFault({ kind: 'refused', code: 'InvalidResourceId', message })
}

/** A read that failed, as a plan reports it. */
export function toUnread(what: string, { kind, code, message }: ArmFault): Unread {
  return { what, reason: kind === 'denied' || kind === 'not-found' ? kind : 'failed', code, message }
}

/** The budget of this process was used up, and nothing was sent. This distinguishes the error from a 429 response of Azure. */
export const BUDGET_SPENT = 'CallBudgetSpent'

/** It was too late to send the write, and it was not sent. This distinguishes the error from a lost response. */
export const SENT_TOO_LATE = 'SentTooLate'

/** An answer or a list beyond the limits of this service. */
export const ANSWER_TOO_LARGE = 'AnswerTooLarge'

const REFUSAL_CODES: Record<ArmFaultKind, DomainErrorCode> = {
  'not-found': 'CLUSTER_NOT_FOUND',
  denied: 'AZURE_ACCESS_DENIED',
  unauthenticated: 'AZURE_AUTHENTICATION_FAILED',
  throttled: 'AZURE_THROTTLED',
  transient: 'AZURE_UNREACHABLE',
  conflict: 'AZURE_UNEXPECTED',
  'precondition-failed': 'AZURE_UNEXPECTED',
  refused: 'AZURE_UNEXPECTED',
  unknown: 'AZURE_UNEXPECTED',
}

/**
 * The error for the caller when reading a cluster failed, with ARM's code and message. Any other error is an error of
 * this service and is returned unchanged.
 */
export function toRefusal(error: unknown, ref: ClusterRef): unknown {
  if (!(error instanceof ArmFault)) return error
  const code = error.code === 'SubscriptionNotFound' ? 'SUBSCRIPTION_NOT_FOUND' : REFUSAL_CODES[error.kind]
  const { subscriptionId, resourceGroup, name } = ref
  // This must be the same response as for a cluster that the caller may not see.
  if (error.kind === 'not-found')
    return new DomainError(code, { subscriptionId, resourceGroup, name }, [], error)
  return new DomainError(
    code,
    {
      subscriptionId,
      resourceGroup,
      name,
      armCode: error.code,
      armMessage: error.message,
      what: 'reading the managed cluster',
      ...(error.retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(error.retryAfterMs / 1_000) }),
    },
    [],
    error,
  )
}

/** One unchanged response of Resource Manager, after retries. */
export interface ArmResponse {
  status: number
  /** Keyed in lower case. */
  headers: Record<string, string>
  /** The body of a GET; null if it was empty, and for a PUT, whose body is not used. */
  body: JsonObject | null
  /** The size of the decompressed body. */
  bytes: number
}

/** ARM's own id of a request, for its support; null when it sent none. */
export function requestIdOf(headers: Record<string, string>): string | null {
  return headers['x-ms-request-id'] ?? headers['x-ms-correlation-request-id'] ?? null
}

/**
 * The wait that a `Retry-After` header requests, in milliseconds: a number of seconds or an HTTP date (RFC 9110
 * 10.2.3). 0 for a date in the past; null without a valid header.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return seconds < 0 ? null : Math.round(seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}
