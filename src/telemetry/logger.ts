import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { redactCredentials } from '../core/lib/logger.ts'

/** Members that contain secrets in every object. No call should log them; this list is a second protection. */
const SECRETS = [
  'authorization',
  'cookie',
  'headers',
  'password',
  'clientSecret',
  'accessToken',
  'token',
  'idempotencyKey',
  'secret',
  'formerSecret',
]
/** The maximum depth of logged causes: deeper causes add no information. */
const MAX_CAUSE_DEPTH = 3
const MAX_TEXT_CHARS = 8_000

/**
 * JSON lines. An error is logged with its name, code, message and stack only. Other members are dropped, because an
 * SDK's error carries the request with its token.
 */
export function createLogger(options: {
  level: string
  /** `readable`: the time in RFC 3339 and the level as a word. */
  format?: 'pino' | 'readable'
  /** The current trace, if there is one. */
  traceId?: () => string | null
  stream?: DestinationStream
}): Logger {
  const { level, format = 'pino', traceId = () => null, stream } = options
  const settings = {
    level,
    ...(format === 'readable'
      ? { timestamp: stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } }
      : {}),
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    serializers: { err: (error: unknown) => serializeError(error, MAX_CAUSE_DEPTH) },
    mixin() {
      const id = traceId()
      return id === null ? {} : { traceId: id }
    },
  }
  // Written synchronously, as Node writes to its own stdout if that is a pipe. Asynchronous output is lost when the
  // process ends, or appears out of order. The last lines matter most.
  return pino(settings, stream ?? pino.destination({ dest: process.stdout.fd, sync: true }))
}

function serializeError(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return redactSecrets(String(error))
  const { name, message, stack, cause } = error
  const { code, status, statusCode, requestId } = error as Error & Record<string, unknown>
  // An error with a request ID is from Azure. The ID of the caller's request is logged separately.
  const plain = { code, status, statusCode, armRequestId: requestId }
  const facts = Object.entries(plain).filter(([, value]) => ['string', 'number'].includes(typeof value))
  return {
    type: name,
    message: redactSecrets(message),
    stack: redactSecrets(stack ?? ''),
    ...Object.fromEntries(facts),
    ...(cause === undefined || depth === 0 ? {} : { cause: serializeError(cause, depth - 1) }),
  }
}

function redactSecrets(text: string): string {
  const clean = redactCredentials(text, '[secret]')
  // The text is cut after the replacement, because a part of a token would match no pattern.
  return clean.length > MAX_TEXT_CHARS ? `${clean.slice(0, MAX_TEXT_CHARS)}…` : clean
}
