import { fromKysely, fromPglite, type Job, type JobResult, PgBoss } from 'pg-boss'
import type { Logger } from '../../core/lib/logger.ts'
import type { Database } from '../../database/engine/database.ts'
import type { Queue, TickOrder } from '../deps.ts'
import { openDeliveryQueue } from './delivery-queue.ts'

/** However little gets done: one batch that waits for Azure must not keep a process small. */
const GROW_EVERY_MS = 1_000

/**
 * Begins with one taker of ticks and doubles them as batches are done, and every second anyway, up to `most`. A process
 * that has just started is slow: one that took all it can bear at once would have nothing done for seconds, and whatever
 * it has taken is lost with it until it is missed.
 */
export class ConcurrencyRamp {
  readonly #most: number
  readonly #add: (count: number) => Promise<unknown>
  readonly #timer: NodeJS.Timeout
  #count = 0

  constructor(most: number, add: (count: number) => Promise<unknown>) {
    this.#most = most
    this.#add = add
    this.#timer = setInterval(() => this.grow(), GROW_EVERY_MS)
    this.#timer.unref()
  }

  /** Rejects when not even one can be had. */
  async start(): Promise<void> {
    this.#count = 1
    await this.#add(1)
  }

  grow(): void {
    const more = Math.min(this.#count, this.#most - this.#count)
    if (more <= 0) {
      this.stop()
      return
    }
    this.#count += more
    this.#add(more).catch(() => {
      // The queue takes no more of them when it is about to stop; those that are there go on.
      this.#count -= more
    })
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

const TICK = 'job-tick'
/** Ticks that one process takes at a time: mostly waiting for Azure, so more than cores. */
const WORKERS = 8
const TICKS_PER_FETCH = 8
/** A tick for later is found by polling only, so this bounds how late it can be. */
const POLL_SECONDS = 0.5
/**
 * A worker that has not been heard of for this long is dead: the shortest that the queue knows. A worker says
 * that it is alive three times as often, so that one lost beat is no death.
 */
const HEARTBEAT_SECONDS = 10
const BEAT_SECONDS = 3
/** How often the queue looks for the dead. With the heartbeat and the delay of a retry: taken over within 15 s. */
const LOOK_SECONDS = 3
/** Ticks that are done are many and small; deleted soon, they keep that look short. */
const CLEAN_SECONDS = 60
/** A tick makes one call to Azure, which itself gives up after a minute. */
const TICK_LIMIT_SECONDS = 180
const KEEP_DONE_SECONDS = 60
/** For ticks that were not waited for. */
const STOP_LIMIT_MS = 1_000

const TICKS = {
  notify: true,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  expireInSeconds: TICK_LIMIT_SECONDS,
  // Workers may die one after the other over the same tick, and it must not get slower by that. What is lost beyond
  // this is found by the sweep.
  retryLimit: 20,
  retryDelay: 1,
  retryBackoff: false,
  deleteAfterSeconds: KEEP_DONE_SECONDS,
}

/** Starts the queue. Nothing is worked on before `work` is called; an API process never calls it. */
export async function startQueue(database: Database, logger: Logger): Promise<Queue> {
  const boss = new PgBoss({
    ...connection(database),
    useListenNotify: true,
    schema: 'queue',
    superviseIntervalSeconds: LOOK_SECONDS,
    monitorIntervalSeconds: LOOK_SECONDS,
    maintenanceIntervalSeconds: CLEAN_SECONDS,
  })
  boss.on('error', (error) => logger.error({ err: error }, 'the queue failed'))
  boss.on('warning', (warning) => logger.warn({ warning }, 'the queue warns'))
  await boss.start()
  await boss.createQueue(TICK, TICKS)
  // A queue that an older release has made keeps that release's settings until it is told.
  await boss.updateQueue(TICK, TICKS)
  const deliveries = await openDeliveryQueue(boss, logger)
  let ramp: ConcurrencyRamp | null = null
  return {
    deliveries,
    async order(db, order, at) {
      await boss.send(TICK, order, { db: fromKysely(db), ...(at === null ? {} : { startAfter: at }) })
    },
    async work(handle) {
      const options = {
        batchSize: TICKS_PER_FETCH,
        pollingIntervalSeconds: POLL_SECONDS,
        notifyPollingIntervalSeconds: POLL_SECONDS,
        heartbeatRefreshSeconds: BEAT_SECONDS,
        includeMetadata: true as const,
        perJobResults: true as const,
      }
      const run = async (ticks: Job<TickOrder>[]): Promise<JobResult[]> => {
        const results = await Promise.all(ticks.map((tick) => runOne(tick, handle, logger)))
        ramp?.grow()
        return results
      }
      ramp = new ConcurrencyRamp(WORKERS, (count) =>
        boss.work<TickOrder>(TICK, { ...options, localConcurrency: count }, run),
      )
      await ramp.start()
    },
    async rest() {
      ramp?.stop()
      await boss.offWork(TICK, { wait: true })
    },
    polledAt() {
      const workers = boss.getWipData().filter((each) => each.name === TICK)
      if (workers.length === 0) return null
      if (workers.some((each) => each.count > 0)) return new Date()
      return new Date(Math.max(...workers.map((each) => each.lastFetchedOn ?? each.createdOn)))
    },
    async stop() {
      ramp?.stop()
      await boss.stop({ graceful: true, timeout: STOP_LIMIT_MS })
    },
  }
}

/** Each tick for itself: a batch that failed as a whole would deliver ticks again that still run. */
async function runOne(
  { id, data, retryCount }: Job<TickOrder>,
  handle: (order: TickOrder, isRedelivery: boolean) => Promise<void>,
  logger: Logger,
): Promise<JobResult> {
  const tick = { tick: id, jobId: data.jobId, revision: data.revision }
  logger.debug({ ...tick, redelivery: retryCount }, 'tick taken')
  try {
    await handle(data, retryCount > 0)
    logger.debug(tick, 'tick done')
    return { id, status: 'completed' }
  } catch (error) {
    logger.warn({ ...tick, err: error }, 'a tick could not be recorded; it is delivered again')
    return { id, status: 'failed' }
  }
}

function connection(database: Database) {
  if (database.pglite !== null) return { db: fromPglite(database.pglite), backend: 'pglite' as const }
  return { connectionString: database.databaseUrl ?? '', max: 5 }
}
