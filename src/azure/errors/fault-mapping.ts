import type { Json, JsonObject } from '../../contract/json.ts'
import { isObject } from '../../core/lib/json.ts'
import { redactTokens } from '../../core/lib/redact.ts'
import type { ArmError } from '../arm.ts'
import { ANSWER_TOO_LARGE, ArmFault, type ArmFaultKind, SENT_TOO_LATE } from './arm-fault.ts'
import { parseRetryAfter, requestIdOf } from './arm-response.ts'

/** The longest message that is passed on; ARM quotes whole templates at times. */
const MAX_MESSAGE_CHARS = 2_000

/**
 * What an answer outside 2xx means. `text` is the body as it came: wrapped (`{error: {…}}`, the
 * gateway's dialect), unwrapped (`{code, message, …}`, the container service's own), or no JSON at all
 * (recordings/README, errors-from-public-issues.json).
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

/** ARM's words in a body or in an operation's `error`, whichever dialect they are in; null when there are none. */
export function readArmError(body: Json | undefined): (ArmError & { target: string | null }) | null {
  if (!isObject(body)) return null
  const inner = body.error
  if (isObject(inner)) return readArmError(inner)
  // Entra's dialect on some 401s: {"error": "invalid_token", "error_description": "…"}
  const code = textOf(body.code) ?? textOf(inner)
  const message = textOf(body.message) ?? textOf(body.error_description) ?? firstDetail(body)
  if (code === null && message === null) return null
  return { code: code ?? '', message: safeMessage(message ?? ''), target: textOf(body.target) }
}

/** What a status means to a caller; 3xx is never followed, so it is an answer that cannot be read. */
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

/** No response came: a reset connection, an unknown host, an invalid certificate. The request may have taken effect. */
export function faultOfConnection(error: unknown): ArmFault {
  const { code, message } = describeError(error)
  return new ArmFault({
    kind: 'transient',
    code: code ?? 'ConnectionFailed',
    message: `The connection to Azure Resource Manager failed: ${message}`,
  })
}

/** The time for one attempt ran out. It may have taken effect. */
export function faultOfTimeout(timeoutMs: number): ArmFault {
  return new ArmFault({
    kind: 'transient',
    code: 'RequestTimeout',
    message: `Azure Resource Manager did not respond within ${timeoutMs} ms.`,
  })
}

/** The caller gave up. A write may have taken effect, so it counts as any other lost answer. */
export function faultOfAbort(): ArmFault {
  return new ArmFault({
    kind: 'transient',
    code: 'RequestAborted',
    message: 'The caller aborted the request.',
  })
}

/** The write was not to leave any more. Nothing was sent, which no other fault without an answer says. */
export function faultOfLateSend(): ArmFault {
  return new ArmFault({
    kind: 'transient',
    code: SENT_TOO_LATE,
    message: 'The write was not sent because its time limit has passed.',
  })
}

/** No token could be had; where Entra or the metadata endpoint was not reachable, that may pass. */
export function faultOfCredential(error: unknown): ArmFault {
  const { name, code, message, status } = describeError(error)
  const unreachable = name === 'RestError' && status === null
  return new ArmFault({
    kind: unreachable || (status !== null && status >= 500) ? 'transient' : 'unauthenticated',
    code: code ?? name ?? 'CredentialUnavailable',
    message: `No token for Azure Resource Manager could be acquired: ${message}`,
  })
}

/** A 2xx whose body is not what it should be. */
export function faultOfBody(problem: string, requestId: string | null = null): ArmFault {
  return new ArmFault({
    kind: 'unknown',
    code: 'UnreadableAnswer',
    message: `The response of Azure Resource Manager is unreadable: ${problem}.`,
    requestId,
  })
}

/** A 2xx that has more than this service reads. Retrying would return it again. */
export function faultOfSize(problem: string): ArmFault {
  return new ArmFault({
    kind: 'unknown',
    code: ANSWER_TOO_LARGE,
    message: `The response of Azure Resource Manager exceeds the limits of this service: ${problem}.`,
  })
}

/** Anything that the SDK throws on its own account. */
export function faultOfSdkError(error: unknown): ArmFault {
  const { message } = describeError(error)
  // A RestError carries the request with its headers, so it must not be kept as the cause.
  const cause = error instanceof Error && error.name !== 'RestError' ? error : undefined
  return new ArmFault({ kind: 'unknown', code: 'UnexpectedError', message, cause })
}

/** Takes out what looks like a credential; none should be there, and a log is for ever. */
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
