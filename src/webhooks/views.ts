import type { Delivery, Webhook } from '../core/webhooks/webhook.ts'
import type { StoredDelivery } from '../database/delivery-store.ts'
import type { StoredWebhook } from '../database/webhook-store.ts'

/** A webhook as its owner sees it. A former secret whose time is over is not spoken of. */
export function asWebhook(stored: StoredWebhook, now: Date): Webhook {
  const {
    owner: _owner,
    secret: _secret,
    formerSecret: _former,
    deliveredAt: _deliveredAt,
    ...webhook
  } = stored
  const { formerSecretValidUntil: until } = webhook
  return { ...webhook, formerSecretValidUntil: until !== null && new Date(until) > now ? until : null }
}

/** A message as the owner of its webhook sees it. */
export function asDelivery(stored: StoredDelivery): Delivery {
  const { clusterKey: _cluster, tries: _tries, round: _round, body: _body, ...delivery } = stored
  return delivery
}
