import { claimDueDeliveries } from '../database/stores/delivery-store.ts'
import { SetBackDetector } from '../lib/clock-watch.ts'
import { DeliveryLanes } from './delivery-lanes.ts'
import type { WebhooksDeps } from './deps.ts'

/** The interval of the search for messages with a lost attempt, and the delay after which an attempt counts as lost. */
const SWEEP_INTERVAL_MS = 30_000
const LATE_MS = 60_000
/** Longer than any wait between two attempts. */
const MAX_WAIT_MS = 30 * 86_400_000
/** Attempts that one transaction orders: a backlog must not hold the database for long. */
const SWEEP_BATCH = 200

/**
 * Delivers messages until stopped; then it resolves when the attempts in progress have ended. Every attempt is
 * ordered in the transaction that makes it due. The sweep finds attempts whose order was lost, for example when a
 * queue was emptied. The embedded database has one process, so no other process continues the attempts of the last
 * one. So everything that is due is ordered again at the start.
 */
export async function startDeliveries(deps: WebhooksDeps): Promise<{ stop(): Promise<void> }> {
  const lanes = new DeliveryLanes(deps)
  const sweep = (lateMs: number) =>
    orderLostDeliveries(deps, new Date(deps.now().getTime() - lateMs), (id) => lanes.isWaiting(id))
  const setBack = new SetBackDetector({ now: deps.now, uptime: () => performance.now() })
  await sweep(deps.database.engine === 'embedded' ? 0 : LATE_MS)
  await deps.deliveries.work((order) => lanes.take(order))
  const timer = setInterval(() => {
    // On a clock that was set back, no attempt is late until it catches up: then all pending ones are made.
    sweep(setBack.check() ? -MAX_WAIT_MS : LATE_MS).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'search for lost webhook messages failed'),
    )
  }, SWEEP_INTERVAL_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await deps.deliveries.rest()
      await lanes.stop()
    },
  }
}

/** Orders the attempts that have been due since `before`, except those that wait in this process. */
export async function orderLostDeliveries(
  deps: WebhooksDeps,
  before: Date,
  isWaiting: (deliveryId: string) => boolean = () => false,
): Promise<void> {
  for (let after: string | null = null, count = SWEEP_BATCH; count === SWEEP_BATCH; ) {
    const page: { limit: number; after: string | null } = { limit: SWEEP_BATCH, after }
    const claimed = await deps.database.kysely.transaction().execute(async (trx) => {
      const due = await claimDueDeliveries(trx, before, deps.now(), page)
      for (const attempt of due)
        if (!isWaiting(attempt.deliveryId)) await deps.deliveries.order(trx, attempt, null)
      return due
    })
    count = claimed.length
    after = claimed.at(-1)?.deliveryId ?? null
  }
}
