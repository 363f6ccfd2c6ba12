import type { WebhookMessage } from '../contract/delivery.ts'
import type { InventoryChangeKind } from '../contract/inventory.ts'
import { type EventType, type InventoryMessageType, JOB_MESSAGE_TYPES } from '../contract/webhook.ts'
import { DomainError } from '../core/lib/errors.ts'
import { isSecret } from '../core/webhooks/delivery-rules.ts'
import {
  type AppendedEvents,
  type CampaignMessage,
  isSubscribed,
  jobMessages,
  type PlanMessage,
} from '../core/webhooks/messages.ts'
import type { Queries } from '../database/engine/database.ts'
import { insertDeliveries, type NewDelivery } from '../database/stores/delivery-store.ts'
import { insertWebhook, listReceivingWebhooks } from '../database/stores/webhook-store.ts'
import type { InventoryWebhooks } from '../inventory/deps.ts'
import type { JobWebhooks } from '../jobs/deps.ts'
import type { WebhooksDeps } from './deps.ts'
import { assertReceiverUrl } from './receiver.ts'

/**
 * Stores messages about some clusters for the webhooks that subscribe to them, and orders their first attempts. A webhook
 * receives a message if it reports one of the clusters, and its owner may read that cluster. null: no cluster.
 */
export async function orderDeliveries(
  trx: Queries,
  deps: WebhooksDeps,
  clusterKeys: readonly (string | null)[],
  jobId: string | null,
  messages: readonly (WebhookMessage & { type: EventType })[],
): Promise<void> {
  if (messages.length === 0) return
  const webhooks = await listReceivingWebhooks(trx, jobId)
  const deliveries = messages.flatMap((message) => {
    const body = JSON.stringify(message)
    const { type } = message
    return webhooks.flatMap((webhook): NewDelivery[] => {
      const clusterKey = clusterKeys.find(
        (key) => isSubscribed(webhook, type, key) && (key === null || deps.mayRead(webhook.owner, key)),
      )
      if (clusterKey === undefined) return []
      const createdAt = deps.now()
      return [{ id: deps.newId(), webhookId: webhook.id, type, jobId, clusterKey, createdAt, body }]
    })
  })
  await insertDeliveries(trx, deliveries)
  for (const { id } of deliveries) await deps.deliveries.order(trx, { deliveryId: id, tries: 0 }, null)
}

/** Orders the messages about the events appended to a job's log. */
export function publish(
  trx: Queries,
  deps: WebhooksDeps,
  clusterKey: string,
  appended: AppendedEvents,
): Promise<void> {
  return orderDeliveries(trx, deps, [clusterKey], appended.job.id, jobMessages(appended))
}

/** Orders a message about the approval of a plan. */
export function announcePlan(
  trx: Queries,
  deps: WebhooksDeps,
  clusterKey: string,
  message: PlanMessage,
): Promise<void> {
  return orderDeliveries(trx, deps, [clusterKey], null, [message])
}

/** Orders messages about a campaign on these clusters. */
export function announceCampaign(
  trx: Queries,
  deps: WebhooksDeps,
  clusterKeys: readonly string[],
  messages: readonly CampaignMessage[],
): Promise<void> {
  return orderDeliveries(trx, deps, clusterKeys, null, messages)
}

/** The webhooks module as jobs use it. */
export function createJobWebhooks(deps: WebhooksDeps): JobWebhooks {
  return {
    async check({ url, secret }) {
      if (!isSecret(secret)) throw new DomainError('WEBHOOK_SECRET_INVALID', {}, ['/webhook/secret'])
      await assertReceiverUrl(deps, url, '/webhook/url')
    },
    async add(trx, jobId, by, { url, secret, owner, events = [...JOB_MESSAGE_TYPES] }) {
      const createdAt = deps.now().toISOString()
      const webhook = { url, description: null, events, clusters: [], jobId, createdAt, createdBy: by }
      await insertWebhook(trx, { id: deps.newId(), secret, owner, ...webhook })
    },
    publish: (trx, clusterKey, appended) => publish(trx, deps, clusterKey, appended),
  }
}

/** The changes that are worth a message: a cluster that appears or is fixed needs no reaction. */
const TYPES: Partial<Record<InventoryChangeKind, InventoryMessageType>> = {
  egressChanged: 'cluster.egress.changed',
  rangesUncovered: 'cluster.egress.uncovered',
  diverged: 'cluster.egress.diverged',
}

/** The webhooks module as the inventory uses it. */
export function createInventoryWebhooks(deps: WebhooksDeps): InventoryWebhooks {
  const { azure } = deps
  return {
    async clusterChanged(trx, clusterKey, change) {
      const type = TYPES[change.kind]
      if (type === undefined) return
      const message = { type, timestamp: change.at, data: { change, azure } }
      await orderDeliveries(trx, deps, [clusterKey], null, [message])
    },
    async endpointsChanged(trx, at, endpoints) {
      const message = {
        type: 'endpoints.changed' as const,
        timestamp: at.toISOString(),
        data: { endpoints, azure },
      }
      await orderDeliveries(trx, deps, [null], null, [message])
    },
  }
}
