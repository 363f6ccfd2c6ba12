import { claimDueDeliveries, deleteOldDeliveries } from '../database/stores/delivery-store.ts'
import { deleteExpiredSecrets } from '../database/stores/webhook-store.ts'
import { attemptDelivery, PerWebhookLimiter } from './attempt-delivery.ts'
import type { WebhooksDeps } from './deps.ts'

/** How often messages are looked for whose attempt got lost, and how late one may be before it counts as lost. */
const SWEEP_INTERVAL_MS = 30_000
const LATE_MS = 60_000
/** How long a message can be looked up and replayed once it has arrived or was given up. */
const RETENTION_MS = 30 * 86_400_000
const CLEANUP_INTERVAL_MS = 3_600_000

/**
 * Delivers messages until stopped; then it resolves when the attempts under way have ended. Every attempt is ordered in
 * the transaction that makes it due; the sweep is for what no transaction can promise, such as a queue that was emptied.
 *
 * The embedded database has one process: an attempt that was under way when the last one ended, nobody makes now. So
 * whatever is due is looked at once at the start.
 */
export async function startDeliveries(deps: WebhooksDeps): Promise<{ stop(): Promise<void> }> {
  let cleanedAt = Number.NEGATIVE_INFINITY
  const look = async (lateMs: number) => {
    const now = deps.now()
    await orderLostDeliveries(deps, new Date(now.getTime() - lateMs))
    if (now.getTime() < cleanedAt + CLEANUP_INTERVAL_MS) return
    cleanedAt = now.getTime()
    await deleteExpired(deps, now)
  }
  await look(deps.database.engine === 'embedded' ? 0 : LATE_MS)
  const turns = new PerWebhookLimiter()
  await deps.deliveries.work((order) => attemptDelivery(deps, order, turns))
  const timer = setInterval(() => {
    look(LATE_MS).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'looking for lost messages failed'),
    )
  }, SWEEP_INTERVAL_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await deps.deliveries.rest()
    },
  }
}

/** Forgets what is old. What fails here can be done at another time, and keeps nothing from being sent. */
async function deleteExpired(deps: WebhooksDeps, now: Date): Promise<void> {
  try {
    await deps.database.unhurried(async (db) => {
      await deleteExpiredSecrets(db, now)
      await deleteOldDeliveries(db, new Date(now.getTime() - RETENTION_MS))
    })
  } catch (error) {
    deps.logger.error({ err: error }, 'old messages could not be forgotten')
  }
}

/** Orders the attempts that have been due since `before`. */
export async function orderLostDeliveries(deps: WebhooksDeps, before: Date): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const due of await claimDueDeliveries(trx, before, deps.now()))
      await deps.deliveries.order(trx, due, null)
  })
}
