import type { Delivery, DeliveryWithPayload, Replayed, ReplayRequest } from '../contract/delivery.ts'
import type { Webhook, WebhookWithSecret } from '../contract/webhook.ts'
import type { ClusterScope, Owner } from '../core/access/access-policy.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { DeliveryQuery } from '../database/stores/delivery-store.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { Page } from '../database/stores/list-query.ts'
import type { WebhookQuery } from '../database/stores/webhook-store.ts'

/**
 * The operations on webhooks for the routes. A webhook belongs to its creator and does not exist for other callers.
 * Every method rejects with a `DomainError` for errors that the caller can fix. The effect of a method, what `hook`
 * writes and the row of the audit log are one transaction.
 */
export interface Webhooks {
  create(
    request: WebhookRequest,
    by: Subscriber,
    origin?: Origin,
    hook?: TransactionHook<WebhookWithSecret>,
  ): Promise<WebhookWithSecret>
  get(webhookId: string, ownerId: string): Promise<Webhook>
  list(query: WebhookQuery): Promise<Page<Webhook>>
  /** Changes the members that are present. A webhook that is enabled again receives messages from then on. */
  change(webhookId: string, change: WebhookUpdate, by: Subscriber, origin?: Origin): Promise<Webhook>
  /** Also deletes its messages. */
  remove(webhookId: string, by: Subscriber, origin?: Origin): Promise<void>
  /** Signs with a new secret from now on, and also with the current secret for this number of hours. */
  rotateSecret(
    webhookId: string,
    overlapInHours: number,
    by: Subscriber,
    origin?: Origin,
    hook?: TransactionHook<WebhookWithSecret>,
  ): Promise<WebhookWithSecret>
  /** Sends a message without content, as a test. */
  ping(
    webhookId: string,
    by: Subscriber,
    origin?: Origin,
    hook?: TransactionHook<Delivery>,
  ): Promise<Delivery>
  listDeliveries(query: DeliveryQuery & { ownerId: string }): Promise<Page<Delivery>>
  getDelivery(ref: DeliveryRef): Promise<DeliveryWithPayload>
  /** Sends messages again with their IDs; returns their number. */
  replay(
    webhookId: string,
    which: ReplayRequest,
    by: Subscriber & { reach?: ClusterScope },
    origin?: Origin,
    hook?: TransactionHook<Replayed>,
  ): Promise<Replayed>
}

/** The caller: the name for readers, the rest for the access policy. */
export interface Subscriber {
  name: string
  owner: Owner
}

/** The request with its defaults; without `events`, every message type. */
export type WebhookRequest = Pick<Webhook, 'url' | 'description' | 'clusters'> &
  Partial<Pick<Webhook, 'events'>>

export type WebhookUpdate = Partial<Pick<Webhook, 'url' | 'description' | 'events' | 'clusters' | 'status'>>

export interface DeliveryRef {
  webhookId: string
  deliveryId: string
  ownerId: string
  reach?: ClusterScope | undefined
}
