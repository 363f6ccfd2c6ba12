import { fromPglite, PgBoss } from 'pg-boss'
import type { Logger } from '../../core/lib/logger.ts'
import type { Database } from '../../database/engine/database.ts'
import type { AttemptRef } from '../../database/stores/delivery-store.ts'
import type { DeliveryQueue, Queue, TickOrder } from '../deps.ts'
import { openBossQueue } from './boss-queue.ts'

/** Ticks mostly wait for Azure, so there are more workers than cores. */
const WORKERS = 8
/** Extra workers while batches wait for Azure; see `SubscriptionLoad`. */
const SLOW_BATCHES = { afterMs: 2_000, maxExtra: 32 }
const TICKS = {
  name: 'job-tick',
  batchSize: 8,
  pollSeconds: 0.5,
  // Longer than a tick, which makes one call to Azure with a time limit of 1 min.
  limitSeconds: 180,
}
/** Attempts mostly wait for other servers. */
const DELIVERY_WORKERS = 4
const DELIVERIES = {
  name: 'webhook-delivery',
  batchSize: 10,
  // Without this, a worker pauses after each batch, and a backlog is processed at only a few messages per second.
  burstWhenBatchFull: true,
  // The shortest wait of the retry schedule is 5 s.
  pollSeconds: 3,
  // The time limit of an attempt, plus the time to record its outcome.
  limitSeconds: 60,
}
/** How often the queue searches for dead workers. With heartbeat and retry delay, a tick is taken over within 15 s. */
const SUPERVISE_SECONDS = 3
/** There are many completed ticks. Deleting them soon keeps the search for dead workers fast. */
const CLEAN_SECONDS = 60
/** For ticks that did not end before the stop. */
const STOP_LIMIT_MS = 1_000

/**
 * Starts the queues of ticks and deliveries; `now` is the clock for the times of orders. Nothing is handled before
 * `work` is called, which an API process never does.
 */
export async function startQueue(
  database: Database,
  logger: Logger,
  now: () => Date = () => new Date(),
): Promise<Queue> {
  const boss = new PgBoss({
    ...connection(database),
    useListenNotify: true,
    schema: 'queue',
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    maintenanceIntervalSeconds: CLEAN_SECONDS,
  })
  boss.on('error', (error) => logger.error({ err: error }, 'queue failed'))
  boss.on('warning', (warning) => logger.warn({ warning }, 'the queue reported a warning'))
  await boss.start()
  const ticks = await openBossQueue<TickOrder>(boss, TICKS, now)
  const deliveries = await openDeliveryQueue(boss, logger, now)
  return {
    deliveries,
    order: ticks.order,
    work(handle) {
      const logFields = (id: string, { jobId, revision }: TickOrder) => ({ tick: id, jobId, revision })
      return ticks.work({
        maxConcurrency: WORKERS,
        slow: SLOW_BATCHES,
        async handle({ id, data, retryCount }) {
          logger.debug({ ...logFields(id, data), redelivery: retryCount }, 'tick started')
          await handle(data, retryCount > 0)
          logger.debug(logFields(id, data), 'tick ended')
        },
        onFailure({ id, data }, error) {
          const fields = { ...logFields(id, data), err: error }
          logger.warn(fields, 'result of a tick not recorded; the tick is redelivered')
        },
      })
    },
    rest: ticks.rest,
    polledAt() {
      const workers = boss.getWipData().filter(({ name }) => name === TICKS.name)
      if (workers.length === 0) return null
      if (workers.some(({ count }) => count > 0)) return new Date()
      return new Date(Math.max(...workers.map((worker) => worker.lastFetchedOn ?? worker.createdOn)))
    },
    async stop() {
      await boss.stop({ graceful: true, timeout: STOP_LIMIT_MS })
    },
  }
}

async function openDeliveryQueue(boss: PgBoss, logger: Logger, now: () => Date): Promise<DeliveryQueue> {
  const queue = await openBossQueue<AttemptRef & { version: 1 }>(boss, DELIVERIES, now)
  return {
    order: (db, attempt, at) => queue.order(db, { version: 1, ...attempt }, at),
    work: (handle) =>
      queue.work({
        maxConcurrency: DELIVERY_WORKERS,
        handle: ({ data: { deliveryId, tries } }) => handle({ deliveryId, tries }),
        onFailure({ data: { deliveryId } }, error) {
          const fields = { deliveryId, err: error }
          logger.warn(fields, 'result of a delivery attempt not recorded; the attempt is repeated')
        },
      }),
    rest: queue.rest,
  }
}

function connection(database: Database) {
  if (database.pglite !== null) return { db: fromPglite(database.pglite), backend: 'pglite' as const }
  return { ...database.server, max: 5 }
}
