import { claimDueDeliveries } from '../database/stores/delivery-store.ts'
import { attemptDelivery, PerWebhookLimiter } from './attempt-delivery.ts'
import type { WebhooksDeps } from './deps.ts'

/** How often messages are looked for whose attempt got lost, and how late an attempt must be to count as lost. */
const SWEEP_INTERVAL_MS = 30_000
const LATE_MS = 60_000

/**
 * Delivers messages until stopped; then it resolves when the attempts under way have ended. Every attempt is ordered in the
 * transaction that makes it due; the sweep finds attempts whose order was lost, for example when a queue was emptied.
 *
 * The embedded database has one process: nobody continues the attempts of its last process. So everything that is due is
 * ordered again at the start.
 */
export async function startDeliveries(deps: WebhooksDeps): Promise<{ stop(): Promise<void> }> {
  const sweep = (lateMs: number) => orderLostDeliveries(deps, new Date(deps.now().getTime() - lateMs))
  await sweep(deps.database.engine === 'embedded' ? 0 : LATE_MS)
  const limiter = new PerWebhookLimiter()
  await deps.deliveries.work((order) => attemptDelivery(deps, order, limiter))
  const timer = setInterval(() => {
    sweep(LATE_MS).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'search for lost webhook messages failed'),
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

/** Orders the attempts that have been due since `before`. */
export async function orderLostDeliveries(deps: WebhooksDeps, before: Date): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const due of await claimDueDeliveries(trx, before, deps.now()))
      await deps.deliveries.order(trx, due, null)
  })
}
