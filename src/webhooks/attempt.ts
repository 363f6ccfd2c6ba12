import { nextAttemptAt, retryAfterOf } from '../core/webhooks/retry-schedule.ts'
import {
  type Attempt,
  type AttemptOutcome,
  type DisabledBecause,
  FINAL_OUTCOMES,
} from '../core/webhooks/webhook.ts'
import type { Queries } from '../database/database.ts'
import {
  type AttemptRef,
  deliveryRow,
  recordAttempt,
  type StoredDelivery,
} from '../database/delivery-store.ts'
import { disableWebhook, markDelivered, type StoredWebhook, webhookRow } from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { type Sent, send } from './send.ts'

/**
 * Makes the attempt that the queue has ordered, unless it was made already, and records what came of it together with
 * the order of the next. No connection of the database is held while the receiver is asked.
 */
export async function attempt(deps: WebhooksDeps, { deliveryId, tries }: AttemptRef): Promise<void> {
  const db = deps.database.kysely
  const delivery = await deliveryRow(db, deliveryId)
  // Deleted with its webhook, or moved on: an order can come twice.
  if (delivery === null || delivery.status !== 'pending' || delivery.tries !== tries) return
  const webhook = await webhookRow(db, delivery.webhookId)
  if (webhook === null) return
  const sent = await sendIfAllowed(deps, webhook, delivery)
  const next = nextOf(deps, delivery, sent)
  const disabled = await db.transaction().execute(async (trx) => {
    if (!(await recordAttempt(trx, delivery, sent.attempt, next))) return null
    if (next !== null) await deps.deliveries.order(trx, { deliveryId, tries: tries + 1 }, next)
    return follow(trx, deps, webhook, delivery, sent.attempt, next)
  })
  tell(deps, webhook, delivery, sent.attempt, next, disabled)
}

async function sendIfAllowed(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  { id, body, clusterKey }: StoredDelivery,
): Promise<Sent> {
  const without = (outcome: AttemptOutcome): Sent => ({
    attempt: { at: deps.now().toISOString(), outcome, status: null, durationMs: 0 },
  })
  if (webhook.status === 'disabled') return without('DISABLED')
  if (clusterKey !== null && !deps.mayRead(webhook.owner, clusterKey)) return without('NOT_ALLOWED')
  return send(deps, webhook, { id, body })
}

function nextOf(deps: WebhooksDeps, delivery: StoredDelivery, { attempt, retryAfter }: Sent): Date | null {
  if (FINAL_OUTCOMES.includes(attempt.outcome)) return null
  const wished = retryAfterOf(retryAfter, deps.now())
  return nextAttemptAt(attempt, delivery.round + 1, wished, deps.random())
}

/** What an outcome means for the webhook itself; why it was disabled, if it was. */
async function follow(
  trx: Queries,
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  delivery: StoredDelivery,
  { outcome }: Attempt,
  next: Date | null,
): Promise<DisabledBecause | null> {
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
): DisabledBecause | null {
  if (outcome === 'GONE') return 'GONE'
  if (next !== null || FINAL_OUTCOMES.includes(outcome)) return null
  return deliveredAt === null || deliveredAt < createdAt ? 'FAILING' : null
}

function tell(
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  delivery: StoredDelivery,
  { outcome, status, durationMs }: Attempt,
  next: Date | null,
  disabled: DisabledBecause | null,
): void {
  const { id: webhookId } = webhook
  const facts = {
    webhookId,
    deliveryId: delivery.id,
    jobId: delivery.jobId,
    type: delivery.type,
    // Not the whole URL: many receivers have their token in it.
    receiver: URL.parse(webhook.url)?.host,
    attempt: delivery.tries + 1,
    outcome,
    status,
    durationMs,
    nextAttemptAt: next?.toISOString() ?? null,
  }
  deps.observer?.attempted(outcome)
  if (outcome === 'DELIVERED') deps.logger.debug(facts, 'a message was delivered')
  else deps.logger.warn(facts, next === null ? 'a message was given up' : 'a message was not delivered')
  if (disabled === null) return
  deps.observer?.disabled(disabled)
  deps.logger.warn({ webhookId, because: disabled }, 'a webhook was disabled')
}
