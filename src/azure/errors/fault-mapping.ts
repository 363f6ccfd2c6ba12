import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import { redactTokens } from '../../core/lib/logger.ts'
import type { ArmError } from '../arm.ts'
import {
  ANSWER_TOO_LARGE,
  ArmFault,
  type ArmFaultKind,
  parseRetryAfter,
  requestIdOf,
  SENT_TOO_LATE,
} from './arm-fault.ts'

/** The maximum length of a message, because ARM sometimes quotes whole templates. */
const MAX_MESSAGE_CHARS = 2_000

/**
 * The error for a response outside 2xx. `text` is the unchanged body: wrapped (`{error: {…}}`, from the gateway),
 * unwrapped (`{code, message, …}`, from the container service), or no JSON (recordings/README,
 * errors-from-public-issues.json).
 */
export function faultOfResponse(
  answer: { status: number; headers: Record<string, string>; text: string },
  nowMs: number,
): ArmFault {
  const error = readArmError(parseJson(answer.text))
  return new ArmFault({
    kind: kindOfStatus(answer.status),
    status: answer.status,
    code: error?.code || `HttpStatus${answer.status}`,
    message: error?.message || `Azure Resource Manager returned HTTP status ${answer.status}.`,
    target: error?.target ?? null,
    retryAfterMs: parseRetryAfter(answer.headers['retry-after'], nowMs),
    requestId: requestIdOf(answer.headers),
  })
}

/**
 * The code and message of ARM in a body or in the `error` of an operation, in any of the known forms; null if there are
 * none.
 */
export function readArmError(body: Json | undefined): (ArmError & { target: string | null }) | null {
  if (!isObject(body)) return null
  const inner = body.error
  if (isObject(inner)) return readArmError(inner)
  // The form of Microsoft Entra ID in some 401 responses: {"error": "invalid_token", "error_description": "…"}
  const code = textOf(body.code) ?? textOf(inner)
  const message = textOf(body.message) ?? textOf(body.error_description) ?? firstDetail(body)
  if (code === null && message === null) return null
  return { code: code ?? '', message: safeMessage(message ?? ''), target: textOf(body.target) }
}

/** The kind of error for a status. Redirects are not followed, so 3xx is an unreadable response. */
export function kindOfStatus(status: number): ArmFaultKind {
  const known: Record<number, ArmFaultKind> = {
    401: 'unauthenticated',
    403: 'denied',
    404: 'not-found',
    408: 'transient',
    409: 'conflict',
    410: 'not-found',
    412: 'precondition-failed',
    429: 'throttled',
  }
  if (status >= 500) return 'transient'
  return known[status] ?? (status >= 400 ? 'refused' : 'unknown')
}

/**
 * The error if there was no response: a reset connection, an unknown host, an invalid certificate. The request may have
 * taken effect.
 */
export function faultOfConnection(error: unknown): ArmFault {
  const { code, message } = describeError(error)
  return new ArmFault({
    kind: 'transient',
    code: code ?? 'ConnectionFailed',
    message: `The connection to Azure Resource Manager failed: ${message}`,
  })
}

/** The error if an attempt exceeded its time limit. The request may have taken effect. */
export function faultOfTimeout(timeoutMs: number): ArmFault {
  return new ArmFault({
    kind: 'transient',
    code: 'RequestTimeout',
    message: `Azure Resource Manager did not respond within ${timeoutMs} ms.`,
  })
}

/** The error if the caller aborted the request. A write may have taken effect, so this counts as a lost response. */
export function faultOfAbort(): ArmFault {
  return new ArmFault({
    kind: 'transient',
    code: 'RequestAborted',
    message: 'The caller aborted the request.',
  })
}

/** The error if it was too late to send the write. Unlike all other errors without a response, nothing was sent. */
export function faultOfLateSend(): ArmFault {
  return new ArmFault({
    kind: 'transient',
    code: SENT_TOO_LATE,
    message: 'The write was not sent because its time limit has passed.',
  })
}

/**
 * The error if no token could be acquired. It may be temporary if Microsoft Entra ID or the metadata endpoint was
 * unreachable.
 */
export function faultOfCredential(error: unknown): ArmFault {
  const { name, code, message, status } = describeError(error)
  const unreachable = name === 'RestError' && status === null
  return new ArmFault({
    kind: unreachable || (status !== null && status >= 500) ? 'transient' : 'unauthenticated',
    code: code ?? name ?? 'CredentialUnavailable',
    message: `No token for Azure Resource Manager could be acquired: ${message}`,
  })
}

/** The error for a 2xx response with an unexpected body. */
export function faultOfBody(problem: string, requestId: string | null = null): ArmFault {
  return new ArmFault({
    kind: 'unknown',
    code: 'UnreadableAnswer',
    message: `The response of Azure Resource Manager is unreadable: ${problem}.`,
    requestId,
  })
}

/** The error for a 2xx response that exceeds the limits of this service. A retry would return the same response. */
export function faultOfSize(problem: string): ArmFault {
  return new ArmFault({
    kind: 'unknown',
    code: ANSWER_TOO_LARGE,
    message: `The response of Azure Resource Manager exceeds the limits of this service: ${problem}.`,
  })
}

/** The error for any other exception of the SDK. */
export function faultOfSdkError(error: unknown): ArmFault {
  const { message } = describeError(error)
  // A RestError contains the request with its headers, so it must not become the cause.
  const cause = error instanceof Error && error.name !== 'RestError' ? error : undefined
  return new ArmFault({ kind: 'unknown', code: 'UnexpectedError', message, cause })
}

/** Masks text that looks like a credential. Errors should contain none, but logs are kept for long. */
export function safeMessage(message: string): string {
  return redactTokens(message, '…').slice(0, MAX_MESSAGE_CHARS)
}

function describeError(error: unknown) {
  const seen = error as { name?: unknown; code?: unknown; message?: unknown; statusCode?: unknown } | null
  return {
    name: textOf(seen?.name),
    code: textOf(seen?.code),
    message: safeMessage(textOf(seen?.message) ?? String(error)),
    status: typeof seen?.statusCode === 'number' ? seen.statusCode : null,
  }
}

function firstDetail(body: JsonObject): string | null {
  const details = Array.isArray(body.details) ? body.details : []
  const found = details.map((detail) => readArmError(detail)?.message).find((message) => message)
  return found ?? null
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
