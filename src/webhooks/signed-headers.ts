import { Webhook as Signer } from 'standardwebhooks'

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
