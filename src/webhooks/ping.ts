import { Refusal } from '../core/refusal.ts'
import type { Delivery } from '../core/webhooks/webhook.ts'
import type { Queries } from '../database/database.ts'
import { deliveryRow, insertDeliveries } from '../database/delivery-store.ts'
import type { StoredWebhook } from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { asDelivery } from './views.ts'

/** Orders a message that tells nothing. */
export async function ping(trx: Queries, deps: WebhooksDeps, webhook: StoredWebhook): Promise<Delivery> {
  refuseDisabled(webhook)
  const id = deps.newId()
  const createdAt = deps.now()
  const type = 'webhook.ping' as const
  const data = { webhookId: webhook.id, azure: deps.azure }
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data })
  const { id: webhookId, jobId } = webhook
  await insertDeliveries(trx, [{ id, webhookId, type, jobId, clusterKey: null, createdAt, body }])
  await deps.deliveries.order(trx, { deliveryId: id, tries: 0 }, null)
  const stored = await deliveryRow(trx, id)
  if (stored === null) throw new Error(`delivery ${id} is gone`)
  return asDelivery(stored)
}

/** Nothing is sent to a webhook that is disabled, whoever asks. */
export function refuseDisabled({ id: webhookId, status, disabledBecause: because }: StoredWebhook): void {
  if (status === 'disabled') throw new Refusal('WEBHOOK_DISABLED', { webhookId, because })
}
