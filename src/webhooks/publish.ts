import { type Appended, jobMessages } from '../core/webhooks/job-messages.ts'
import { wants } from '../core/webhooks/wants.ts'
import type { Queries } from '../database/database.ts'
import { insertDeliveries, type NewDelivery } from '../database/delivery-store.ts'
import { webhooksFor } from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'

/** Stores the messages that follow from what was appended to a job's log, and orders their first attempts. */
export async function publish(
  trx: Queries,
  deps: WebhooksDeps,
  clusterKey: string,
  appended: Appended,
): Promise<void> {
  const messages = jobMessages(appended)
  if (messages.length === 0) return
  const jobId = appended.job.id
  const webhooks = (await webhooksFor(trx, jobId)).filter(({ owner }) => deps.mayRead(owner, clusterKey))
  const deliveries = messages.flatMap((message) => {
    const body = JSON.stringify(message)
    return webhooks
      .filter((webhook) => wants(webhook, message.type, clusterKey))
      .map(
        ({ id: webhookId }): NewDelivery => ({
          id: deps.newId(),
          webhookId,
          type: message.type,
          jobId,
          clusterKey,
          createdAt: deps.now(),
          body,
        }),
      )
  })
  await insertDeliveries(trx, deliveries)
  for (const { id } of deliveries) await deps.deliveries.order(trx, { deliveryId: id, tries: 0 }, null)
}
