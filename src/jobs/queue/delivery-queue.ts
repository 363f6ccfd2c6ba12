import { fromKysely, type Job, type JobResult, type PgBoss } from 'pg-boss'
import type { Logger } from '../../core/lib/logger.ts'
import type { AttemptRef } from '../../database/stores/delivery-store.ts'
import type { DeliveryQueue } from '../deps.ts'

const DELIVERY = 'webhook-delivery'
/** Attempts that one process makes at a time: each waits for somebody else's server, and none for another. */
const WORKERS = 8
/** An attempt for later is found by polling; the shortest wait of the schedule is five seconds. */
const POLL_SECONDS = 3
const HEARTBEAT_SECONDS = 10
const BEAT_SECONDS = 3
/** The time limit of an attempt, and what the database may take to record it. */
const ATTEMPT_LIMIT_SECONDS = 60
const KEEP_DONE_SECONDS = 60

const ATTEMPTS = {
  notify: true,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  expireInSeconds: ATTEMPT_LIMIT_SECONDS,
  // For workers that died over it alone: what a receiver answers orders the next attempt itself.
  retryLimit: 20,
  retryDelay: 1,
  retryBackoff: false,
  deleteAfterSeconds: KEEP_DONE_SECONDS,
}

/** The order as it is stored; `version` for programs to come. */
type Order = AttemptRef & { version: 1 }

export async function openDeliveryQueue(boss: PgBoss, logger: Logger): Promise<DeliveryQueue> {
  await boss.createQueue(DELIVERY, ATTEMPTS)
  await boss.updateQueue(DELIVERY, ATTEMPTS)
  return {
    async order(db, attempt, at) {
      const order: Order = { version: 1, ...attempt }
      await boss.send(DELIVERY, order, { db: fromKysely(db), ...(at === null ? {} : { startAfter: at }) })
    },
    async work(handle) {
      const options = {
        batchSize: 1,
        pollingIntervalSeconds: POLL_SECONDS,
        notifyPollingIntervalSeconds: POLL_SECONDS,
        heartbeatRefreshSeconds: BEAT_SECONDS,
        localConcurrency: WORKERS,
        perJobResults: true as const,
      }
      await boss.work<Order>(
        DELIVERY,
        options,
        (orders: Job<Order>[]): Promise<JobResult[]> =>
          Promise.all(orders.map((each) => runOne(each, handle, logger))),
      )
    },
    async rest() {
      await boss.offWork(DELIVERY, { wait: true })
    },
  }
}

async function runOne(
  { id, data: { deliveryId, tries } }: Job<Order>,
  handle: (attempt: AttemptRef) => Promise<void>,
  logger: Logger,
): Promise<JobResult> {
  try {
    await handle({ deliveryId, tries })
    return { id, status: 'completed' }
  } catch (error) {
    logger.warn({ deliveryId, err: error }, 'an attempt to deliver could not be recorded; it is made again')
    return { id, status: 'failed' }
  }
}
