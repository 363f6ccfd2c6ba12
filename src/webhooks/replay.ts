import type { Reach } from '../core/access/reach.ts'
import { Refusal } from '../core/refusal.ts'
import type { Queries } from '../database/database.ts'
import { reviveDeliveries } from '../database/delivery-store.ts'
import type { StoredWebhook } from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { refuseDisabled } from './ping.ts'
import type { Replay, Replayed } from './webhooks.ts'

/** Messages of one replay: more are had by asking again, once these are on their way. */
export const MOST_REPLAYED = 500

/** Begins the attempts of messages anew; one that is still on its way is sent at once. */
export async function replay(
  trx: Queries,
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  which: Replay,
  reach: Reach,
): Promise<Replayed> {
  refuseDisabled(webhook)
  const { id: webhookId } = webhook
  const chosen = 'failedSince' in which ? { failedSince: new Date(which.failedSince) } : which
  const revived = await reviveDeliveries(trx, webhookId, chosen, {
    now: deps.now(),
    limit: MOST_REPLAYED,
    reach,
  })
  if ('deliveryId' in which && revived.length === 0)
    throw new Refusal('DELIVERY_NOT_FOUND', { webhookId, deliveryId: which.deliveryId })
  for (const attempt of revived) await deps.deliveries.order(trx, attempt, null)
  return { replayed: revived.length }
}
