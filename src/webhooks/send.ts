import { Webhook as Signer } from 'standardwebhooks'
import type { Attempt, AttemptOutcome } from '../contract/delivery.ts'
import type { StoredWebhook } from '../database/stores/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { post, resolveReceiver } from './receiver.ts'

/**
 * The headers of Standard Webhooks: the message's id, the time of this attempt, and a signature over both and the body
 * with each secret in use, so that a receiver can change over from one to the next at its leisure.
 */
export function signedHeaders(
  messageId: string,
  at: Date,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => new Signer(secret).sign(messageId, at, body))
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signatures.join(' '),
  }
}

/** Within it a receiver has to answer; Standard Webhooks advises 15 to 30 s. */
const RESPONSE_TIMEOUT_MS = 15_000

export interface SendResult {
  attempt: Attempt
  /** The header of the answer. */
  retryAfter?: string | undefined
}

/** Makes one attempt to send a message. Never rejects: whatever happens is an outcome. */
export async function send(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  message: { id: string; body: string },
  limitMs = RESPONSE_TIMEOUT_MS,
): Promise<SendResult> {
  const at = deps.now()
  const begun = performance.now()
  const attempt = (outcome: AttemptOutcome, status: number | null = null): Attempt => ({
    at: at.toISOString(),
    outcome,
    status,
    durationMs: Math.round(performance.now() - begun),
  })
  const limit = AbortSignal.timeout(limitMs)
  const receiver = await withDeadline(limit, resolveReceiver(webhook.url, deps.allowedNetworks, deps.resolve))
  if (receiver === null) return { attempt: attempt('TIMED_OUT') }
  if (receiver === 'NAME_UNKNOWN') return { attempt: attempt('NAME_UNKNOWN') }
  if (typeof receiver === 'string') return { attempt: attempt('ADDRESS_REFUSED') }
  const headers = {
    'content-type': 'application/json',
    'user-agent': `aks-egress-planner/${deps.version}`,
    ...signedHeaders(message.id, at, message.body, secretsOf(webhook, at)),
  }
  try {
    const { status, retryAfter } = await post(receiver, headers, message.body, limit)
    return { attempt: attempt(toOutcome(status), status), retryAfter }
  } catch (error) {
    return { attempt: attempt(limit.aborted ? 'TIMED_OUT' : toFailedOutcome(error)) }
  }
}

/** The present secret first. */
function secretsOf({ secret, formerSecret, formerSecretValidUntil }: StoredWebhook, at: Date): string[] {
  const isFormerValid = formerSecretValidUntil !== null && at < new Date(formerSecretValidUntil)
  return formerSecret !== null && isFormerValid ? [secret, formerSecret] : [secret]
}

function toOutcome(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'DELIVERED'
  if (status >= 300 && status < 400) return 'REDIRECTED'
  return status === 410 ? 'GONE' : 'REFUSED'
}

/** Codes of Node and OpenSSL for certificates that do not prove whose they are. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/

function toFailedOutcome(error: unknown): AttemptOutcome {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && UNTRUSTED.test(code) ? 'NOT_TRUSTED' : 'NOT_CONNECTED'
}

/** null when the signal comes first. */
async function withDeadline<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const late = () => resolve(null)
  signal.addEventListener('abort', late, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', late)
  }
}
