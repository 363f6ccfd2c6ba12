import { claimDueDeliveries, forgetDeliveries } from '../database/delivery-store.ts'
import { forgetSecrets } from '../database/webhook-store.ts'
import { attempt } from './attempt.ts'
import type { WebhooksDeps } from './deps.ts'
import { Turns } from './turns.ts'

/** How often messages are looked for whose attempt got lost, and how late one may be before it counts as lost. */
const SWEEP_MS = 30_000
const LATE_MS = 60_000
/** How long a message can be looked up and replayed once it has arrived or was given up. */
const KEPT_MS = 30 * 86_400_000
const CLEANED_EVERY_MS = 3_600_000

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
    await sweep(deps, new Date(now.getTime() - lateMs))
    if (now.getTime() < cleanedAt + CLEANED_EVERY_MS) return
    cleanedAt = now.getTime()
    await clean(deps, now)
  }
  await look(deps.database.engine === 'embedded' ? 0 : LATE_MS)
  const turns = new Turns()
  await deps.deliveries.work((order) => attempt(deps, order, turns))
  const timer = setInterval(() => {
    look(LATE_MS).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'looking for lost messages failed'),
    )
  }, SWEEP_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await deps.deliveries.rest()
    },
  }
}

/** Forgets what is old. What fails here can be done at another time, and keeps nothing from being sent. */
async function clean(deps: WebhooksDeps, now: Date): Promise<void> {
  try {
    await deps.database.unhurried(async (db) => {
      await forgetSecrets(db, now)
      await forgetDeliveries(db, new Date(now.getTime() - KEPT_MS))
    })
  } catch (error) {
    deps.logger.error({ err: error }, 'old messages could not be forgotten')
  }
}

/** Orders the attempts that have been due since `before`. */
export async function sweep(deps: WebhooksDeps, before: Date): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const due of await claimDueDeliveries(trx, before, deps.now()))
      await deps.deliveries.order(trx, due, null)
  })
}
