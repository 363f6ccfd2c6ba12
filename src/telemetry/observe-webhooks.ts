import type { WebhooksObserver } from '../webhooks/deps.ts'
import type { Metrics } from './metrics.ts'

/** Counts what becomes of messages. */
export function observeWebhooks(metrics: Metrics): WebhooksObserver {
  return {
    attempted: (outcome) => metrics.webhookAttempts.inc({ outcome }),
    disabled: (because) => metrics.webhooksDisabled.inc({ because }),
  }
}
