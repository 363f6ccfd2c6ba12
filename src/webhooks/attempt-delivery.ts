import type { Attempt, AttemptOutcome } from '../contract/delivery.ts'
import type { DisabledReason } from '../contract/webhook.ts'
import { FINAL_OUTCOMES, nextAttemptAt, parseRetryAfter } from '../core/webhooks/delivery-rules.ts'
import type { Queries } from '../database/engine/database.ts'
import {
  type AttemptRef,
  deliveryRow,
  recordAttempt,
  type StoredDelivery,
} from '../database/stores/delivery-store.ts'
import {
  disableWebhook,
  markDelivered,
  type StoredWebhook,
  webhookRow,
} from '../database/stores/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { type SendResult, send } from './send.ts'

/**
 * Makes the attempt that the queue has ordered, unless it was already made. Records the outcome together with the order
 * of the next attempt. Holds no database connection during the request to the receiver.
 */
export async function attemptDelivery(deps: WebhooksDeps, { deliveryId, tries }: AttemptRef): Promise<void> {
  const db = deps.database.kysely
  const delivery = await deliveryRow(db, deliveryId)
  // The delivery was deleted with its webhook, or the attempt was already made: an order can arrive twice.
  if (delivery === null || delivery.status !== 'pending' || delivery.tries !== tries) return
  const webhook = await webhookRow(db, delivery.webhookId)
  if (webhook === null) return
  const sent = await sendIfAllowed(deps, webhook, delivery)
  const next = scheduleNext(deps, delivery, sent)
  const recorded = await db.transaction().execute(async (trx) => {
    // Locked first, in the same order as for a deletion or a replay; another order could deadlock.
    if ((await webhookRow(trx, webhook.id, { forUpdate: true })) === null) return null
    if (!(await recordAttempt(trx, delivery, sent.attempt, next))) return null
    if (next !== null) await deps.deliveries.order(trx, { deliveryId, tries: tries + 1 }, next)
    return { disabled: await applyOutcome(trx, deps, webhook, delivery, sent.attempt, next) }
  })
  if (recorded !== null) logAttempt(deps, webhook, delivery, sent.attempt, next, recorded.disabled)
}

async function sendIfAllowed(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  { id, body, clusterKey }: StoredDelivery,
): Promise<SendResult> {
  const unsent = (outcome: AttemptOutcome): SendResult => ({
    attempt: { at: deps.now().toISOString(), outcome, status: null, durationMs: 0 },
  })
  if (webhook.status === 'disabled') return unsent('DISABLED')
  if (clusterKey !== null && !deps.mayRead(webhook.owner, clusterKey)) return unsent('NOT_ALLOWED')
  return send(deps, webhook, { id, body })
}

function scheduleNext(
  deps: WebhooksDeps,
  delivery: StoredDelivery,
  { attempt, retryAfter }: SendResult,
): Date | null {
  if (FINAL_OUTCOMES.includes(attempt.outcome)) return null
  const requested = parseRetryAfter(retryAfter, deps.now())
  return nextAttemptAt(attempt, delivery.round + 1, requested, deps.random())
}

/** Applies an outcome to the webhook. Returns the reason why it was disabled, if it was. */
async function applyOutcome(
  trx: Queries,
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  delivery: StoredDelivery,
  { outcome }: Attempt,
  next: Date | null,
): Promise<DisabledReason | null> {
  if (outcome === 'DELIVERED') await markDelivered(trx, webhook.id, deps.now())
  const because = reasonToDisable(webhook, delivery, outcome, next)
  if (because === null) return null
  return (await disableWebhook(trx, webhook.id, because, deps.now())) ? because : null
}

function reasonToDisable(
  { deliveredAt }: StoredWebhook,
  { createdAt }: StoredDelivery,
  outcome: AttemptOutcome,
  next: Date | null,
): DisabledReason | null {
  if (outcome === 'GONE') return 'GONE'
  if (next !== null || FINAL_OUTCOMES.includes(outcome)) return null
  return deliveredAt === null || deliveredAt < createdAt ? 'FAILING' : null
}

function logAttempt(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  delivery: StoredDelivery,
  { outcome, status, durationMs }: Attempt,
  next: Date | null,
  disabled: DisabledReason | null,
): void {
  const { id: webhookId } = webhook
  const facts = {
    webhookId,
    deliveryId: delivery.id,
    jobId: delivery.jobId,
    type: delivery.type,
    // The complete URL is not used, because many receivers have a token in it.
    receiver: URL.parse(webhook.url)?.host,
    attempt: delivery.tries + 1,
    outcome,
    status,
    durationMs,
    nextAttemptAt: next?.toISOString() ?? null,
  }
  deps.observer?.attempted(outcome)
  if (outcome === 'DELIVERED') deps.logger.debug(facts, 'webhook message delivered')
  else
    deps.logger.warn(
      facts,
      next === null
        ? 'webhook message not delivered; no attempts left'
        : 'webhook message not delivered; retrying',
    )
  if (disabled === null) return
  deps.observer?.disabled(disabled)
  deps.logger.warn({ webhookId, because: disabled }, 'webhook disabled')
}
