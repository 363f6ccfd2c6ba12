import { randomBytes } from 'node:crypto'
import { Webhook as Signer } from 'standardwebhooks'
import type { Attempt, AttemptOutcome } from '../contract/delivery.ts'
import { SECRET_PREFIX } from '../core/webhooks/delivery-rules.ts'
import type { StoredWebhook } from '../database/stores/webhook-store.ts'
import { withTimeout } from '../lib/promises.ts'
import type { WebhooksDeps } from './deps.ts'
import { post, resolveReceiver } from './receiver.ts'

/** A random signing secret. */
export function generateSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
}

/**
 * The headers of Standard Webhooks: the message's id, the time of this attempt, and a signature over both and the
 * body with each secret in use. So a receiver can change its secret at any time during the overlap.
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

const SECRET_BYTES = 32
/** A receiver must respond in this time; Standard Webhooks recommends 15 to 30 s. */
const RESPONSE_TIMEOUT_MS = 15_000

export interface SendResult {
  attempt: Attempt
  /** The header of the answer. */
  retryAfter?: string | undefined
}

/** Makes one attempt to send a message. Never rejects: a failure is an outcome. */
export async function send(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  message: { id: string; body: string },
  limitMs = RESPONSE_TIMEOUT_MS,
): Promise<SendResult> {
  const at = deps.now()
  const start = performance.now()
  const attempt = (outcome: AttemptOutcome, status: number | null = null): Attempt => ({
    at: at.toISOString(),
    outcome,
    status,
    durationMs: Math.round(performance.now() - start),
  })
  const limit = AbortSignal.timeout(limitMs)
  const headers = {
    'content-type': 'application/json',
    'user-agent': `aks-egress-planner/${deps.version}`,
    ...signedHeaders(message.id, at, message.body, secretsOf(webhook, at)),
  }
  try {
    const resolving = resolveReceiver(webhook.url, deps.allowedNetworks, deps.resolve)
    const receiver = await withTimeout(resolving, limitMs)
    if (receiver === 'NAME_UNKNOWN') return { attempt: attempt('NAME_UNKNOWN') }
    if (typeof receiver === 'string') return { attempt: attempt('ADDRESS_REFUSED') }
    const { status, retryAfter } = await post(receiver, headers, message.body, limit)
    return { attempt: attempt(toOutcome(status), status), retryAfter }
  } catch (error) {
    return { attempt: attempt(toFailedOutcome(error)) }
  }
}

/** The current secret is first. */
function secretsOf({ secret, formerSecret, formerSecretValidUntil }: StoredWebhook, at: Date): string[] {
  const isFormerValid = formerSecretValidUntil !== null && at < new Date(formerSecretValidUntil)
  return formerSecret !== null && isFormerValid ? [secret, formerSecret] : [secret]
}

function toOutcome(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'DELIVERED'
  if (status >= 300 && status < 400) return 'REDIRECTED'
  return status === 410 ? 'GONE' : 'REFUSED'
}

/** Codes of Node and OpenSSL for certificates that do not prove the identity of the receiver. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/

function toFailedOutcome(error: unknown): AttemptOutcome {
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (name === 'TimeoutError') return 'TIMED_OUT'
  return typeof code === 'string' && UNTRUSTED.test(code) ? 'NOT_TRUSTED' : 'NOT_CONNECTED'
}
