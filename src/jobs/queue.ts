import { fromKysely, fromPglite, type Job, type JobResult, PgBoss } from 'pg-boss'
import type { Database, Queries } from '../database/database.ts'
import { type DeliveryLane, openDeliveryLane } from './delivery-lane.ts'
import type { Logger } from './deps.ts'
import { Ramp } from './ramp.ts'

/** One tick's order: look at this job, if it is still at this revision. */
export interface TickOrder {
  version: 1
  jobId: string
  revision: number
}

/** The queue of ticks, and beside it that of messages to webhooks, on the same database as the jobs. */
export interface Queue {
  /** Orders a tick within a transaction, for at once or for a later moment. */
  order(db: Queries, order: TickOrder, at: Date | null): Promise<void>
  /**
   * Runs `handle` for every tick that comes due, many at a time; one that rejects is delivered again later.
   * `isRedelivery`: whoever had the tick before did not finish it, and how far they came only the job's log
   * knows.
   */
  work(handle: (order: TickOrder, isRedelivery: boolean) => Promise<void>): Promise<void>
  /** Attempts to deliver messages, apart from the ticks: a slow receiver holds up no job. */
  readonly deliveries: DeliveryLane
  /** Takes no more ticks, and resolves when those under way have ended. Ticks can still be ordered. */
  rest(): Promise<void>
  /**
   * When this process last looked for ticks; now, while it has some. null where it never does, as in a process
   * that only answers requests.
   */
  polledAt(): Date | null
  /** Ends the queue. What is still under way then is given back, for another process. */
  stop(): Promise<void>
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
  const deliveries = await openDeliveryLane(boss, logger)
  let ramp: Ramp | null = null
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
      ramp = new Ramp(WORKERS, (count) =>
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
