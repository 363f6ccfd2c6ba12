import { fromKysely, type Job, type JobResult, type PgBoss, type WipData } from 'pg-boss'
import type { Queries } from '../../database/engine/database.ts'
import { type SlowBatches, WorkerPool } from './worker-pool.ts'

/**
 * A worker without a heartbeat for this time counts as dead. This is the minimum of pg-boss. A worker sends three
 * heartbeats in this time, so one lost heartbeat does not matter.
 */
const HEARTBEAT_SECONDS = 10
const BEAT_SECONDS = 3

const QUEUE_OPTIONS = {
  notify: true,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  // The delay of a redelivery. It does not grow, even if several workers die while they handle the same message.
  retryLimit: 20,
  retryDelay: 1,
  retryBackoff: false,
  deleteAfterSeconds: 60,
}

interface QueueSettings {
  name: string
  /** A message whose handling takes longer is delivered again. */
  limitSeconds: number
  /** Only polling finds a message for a later time, so this limits its delay. */
  pollSeconds: number
  batchSize: number
  /** Whether the next batch follows a full batch without a pause. */
  burstWhenBatchFull?: boolean
}

interface Workers<T> {
  /** How many batches are handled at a time. */
  maxConcurrency: number
  handle(message: Job<T>): Promise<void>
  /** Reports a message whose handler rejects; it is delivered again. */
  onFailure(message: Job<T>, error: unknown): void
  slow?: SlowBatches
}

/** Opens one queue of pg-boss. Its messages are ordered in the caller's transactions. */
export async function openBossQueue<T extends object>(
  boss: PgBoss,
  settings: QueueSettings,
  now: () => Date,
) {
  const { name, limitSeconds, pollSeconds, batchSize, burstWhenBatchFull = false } = settings
  const queueOptions = { ...QUEUE_OPTIONS, expireInSeconds: limitSeconds }
  await boss.createQueue(name, queueOptions)
  // A queue that an earlier release created keeps its options until they are updated.
  await boss.updateQueue(name, queueOptions)
  const workOptions = {
    batchSize,
    burstWhenBatchFull,
    pollingIntervalSeconds: pollSeconds,
    notifyPollingIntervalSeconds: pollSeconds,
    heartbeatRefreshSeconds: BEAT_SECONDS,
    includeMetadata: true as const,
    perJobResults: true as const,
  }
  let pool: WorkerPool | null = null
  const removeIdle = () => {
    const isIdle = (worker: WipData) =>
      worker.name === name && worker.state === 'active' && worker.count === 0
    const idle = boss.getWipData().find(isIdle)
    if (idle !== undefined) void boss.offWork(name, { id: idle.id, wait: false })
  }
  return {
    /**
     * Orders a message within a transaction; null as the time means now. The database measures the wait, because its
     * clock may differ from the clock of the caller.
     */
    async order(db: Queries, message: T, at: Date | null): Promise<void> {
      const seconds = at === null ? 0 : Math.round(at.getTime() - now().getTime()) / 1_000
      await boss.send(name, message, { db: fromKysely(db), ...(seconds > 0 ? { startAfter: seconds } : {}) })
    },
    /** Starts to take messages. */
    async work({ maxConcurrency, handle, onFailure, slow }: Workers<T>): Promise<void> {
      // If the whole batch failed, messages that are still being handled would be delivered again.
      const handleOne = async (message: Job<T>): Promise<JobResult> => {
        try {
          await handle(message)
          return { id: message.id, status: 'completed' }
        } catch (error) {
          onFailure(message, error)
          return { id: message.id, status: 'failed' }
        }
      }
      const handleBatch = (messages: Job<T>[]) => Promise.all(messages.map(handleOne))
      const workers = new WorkerPool({
        max: maxConcurrency,
        slow,
        add: () => boss.work<T>(name, workOptions, (batch) => workers.runBatch(() => handleBatch(batch))),
        removeIdle,
      })
      pool = workers
      await workers.start()
    },
    /** Stops taking messages; resolves when the messages in progress are handled. */
    async rest(): Promise<void> {
      pool?.stop()
      await boss.offWork(name, { wait: true })
    },
  }
}
