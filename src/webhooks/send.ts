import type { Attempt, AttemptOutcome } from '../core/webhooks/webhook.ts'
import type { StoredWebhook } from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { post } from './post.ts'
import { judgeReceiver } from './receiver.ts'
import { signedHeaders } from './signed-headers.ts'

/** Within it a receiver has to answer; Standard Webhooks advises 15 to 30 s. */
export const ANSWER_LIMIT_MS = 15_000

export interface Sent {
  attempt: Attempt
  /** The header of the answer. */
  retryAfter?: string | undefined
}

/** Makes one attempt to send a message. Never rejects: whatever happens is an outcome. */
export async function send(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  message: { id: string; body: string },
  limitMs = ANSWER_LIMIT_MS,
): Promise<Sent> {
  const at = deps.now()
  const begun = performance.now()
  const attempt = (outcome: AttemptOutcome, status: number | null = null): Attempt => ({
    at: at.toISOString(),
    outcome,
    status,
    durationMs: Math.round(performance.now() - begun),
  })
  const limit = AbortSignal.timeout(limitMs)
  const receiver = await inTime(limit, judgeReceiver(webhook.url, deps.allowedNetworks, deps.resolve))
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
    return { attempt: attempt(outcomeOf(status), status), retryAfter }
  } catch (error) {
    return { attempt: attempt(limit.aborted ? 'TIMED_OUT' : faultOf(error)) }
  }
}

/** The present secret first. */
function secretsOf({ secret, formerSecret, formerSecretValidUntil }: StoredWebhook, at: Date): string[] {
  const isFormerValid = formerSecretValidUntil !== null && at < new Date(formerSecretValidUntil)
  return formerSecret !== null && isFormerValid ? [secret, formerSecret] : [secret]
}

function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'DELIVERED'
  if (status >= 300 && status < 400) return 'REDIRECTED'
  return status === 410 ? 'GONE' : 'REFUSED'
}

/** Codes of Node and OpenSSL for certificates that do not prove whose they are. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/

function faultOf(error: unknown): AttemptOutcome {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && UNTRUSTED.test(code) ? 'NOT_TRUSTED' : 'NOT_CONNECTED'
}

/** null when the signal comes first. */
async function inTime<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const late = () => resolve(null)
  signal.addEventListener('abort', late, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', late)
  }
}
