import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { DAY_MS } from '../../core/lib/durations.ts'
import type { Logger } from '../../core/lib/logger.ts'
import type { Database, Queries } from '../engine/database.ts'
import { deleteFullBuckets } from './call-budgets.ts'
import { RESPONSE_RETENTION_MS } from './idempotency.ts'
import { deleteExpiredLinks } from './link-store.ts'
import {
  type DeleteBatch,
  deleteEndedCampaigns,
  deleteExpiredKeys,
  deleteExpiredPlans,
  deleteFinishedJobs,
  deleteGoneClusters,
  deleteOldChanges,
  deleteOldDeliveries,
  deleteOldJobWebhooks,
  deleteOldProbes,
  deleteOldRefreshes,
} from './retention.ts'
import { deleteExpiredSecrets } from './webhook-store.ts'

const CLEANUP_INTERVAL_MS = 3_600_000
/** How long an ended probe, and a message that was delivered or has failed, can be read, unless `RETENTION_DAYS` says so. */
const DELIVERY_RETENTION_DAYS = 30
/** How long changes of clusters, and clusters that disappeared, can be read; and refreshes. */
const HISTORY_DAYS = 400
const REFRESH_DAYS = 30
/** Rows of one transaction: lists, polls and ticks wait for as long as one takes. */
const BATCH_ROWS = 25
/** The pause after a batch, in durations of the batch: at most a fifth of the time goes into deletion. */
const PAUSE_FACTOR = 4
/** Any number: it only has to be the same for every process that deletes. */
export const CLEANUP_LOCK_KEY = 7_241_903

/** How many records one run deleted. */
export interface Deleted {
  jobs: number
  plans: number
  campaigns: number
  deliveries: number
}

interface CleanupOptions {
  now: Date
  /** null keeps plans and jobs without limit. */
  retentionDays: number | null
  /** Ends the run after the current batch. */
  signal?: AbortSignal
  /** For a database that nothing else uses. */
  isAlone?: boolean
  /** Takes turns with another process that deletes, instead of leaving the rest to it. */
  waits?: boolean
}

/** Deletes what has expired, now and every hour, until stopped. A failure is logged; the next run repeats it. */
export function startCleanup(deps: {
  database: Database
  now: () => Date
  retentionDays: number | null
  logger: Pick<Logger, 'error' | 'info'>
}): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const clean = async () => {
    try {
      const deleted = await deleteExpired(deps.database, {
        now: deps.now(),
        retentionDays: deps.retentionDays,
        signal: stopping.signal,
      })
      if (deleted.jobs + deleted.plans + deleted.campaigns > 0)
        deps.logger.info(deleted, 'old records deleted')
    } catch (error) {
      deps.logger.error({ err: error }, 'deletion of expired records failed')
    }
  }
  let running = clean()
  const timer = setInterval(() => {
    running = running.then(clean)
  }, CLEANUP_INTERVAL_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await running
    },
  }
}

/** Deletes in small batches with pauses, so that everything else keeps its latency. The audit log is never deleted here. */
export async function deleteExpired(database: Database, options: CleanupOptions): Promise<Deleted> {
  const { now, retentionDays } = options
  const before = (retentionMs: number) => new Date(now.getTime() - retentionMs)
  const inBatches = (deleteBatch: DeleteBatch, retentionMs: number) =>
    deleteInBatches(database, deleteBatch, before(retentionMs), options)
  await deleteExpiredSecrets(database.kysely, now)
  await deleteExpiredLinks(database.kysely, now)
  await deleteFullBuckets(database.kysely)
  await inBatches(deleteExpiredKeys, RESPONSE_RETENTION_MS)
  await inBatches(deleteOldChanges, HISTORY_DAYS * DAY_MS)
  await inBatches(deleteGoneClusters, HISTORY_DAYS * DAY_MS)
  await inBatches(deleteOldRefreshes, REFRESH_DAYS * DAY_MS)
  const deliveryMs = (retentionDays ?? DELIVERY_RETENTION_DAYS) * DAY_MS
  const deliveries = await inBatches(deleteOldDeliveries, deliveryMs)
  await inBatches(deleteOldJobWebhooks, deliveryMs)
  await inBatches(deleteOldProbes, deliveryMs)
  if (retentionDays === null) return { jobs: 0, plans: 0, campaigns: 0, deliveries }
  const jobs = await inBatches(deleteFinishedJobs, retentionDays * DAY_MS)
  const plans = await inBatches(deleteExpiredPlans, retentionDays * DAY_MS)
  const campaigns = await inBatches(deleteEndedCampaigns, retentionDays * DAY_MS)
  return { jobs, plans: jobs + plans, campaigns, deliveries }
}

/** Ends early when another process deletes at the same time, because it does the same, unless this run `waits`. */
async function deleteInBatches(
  database: Database,
  deleteBatch: DeleteBatch,
  before: Date,
  { signal, isAlone = false, waits = false }: CleanupOptions,
): Promise<number> {
  let total = 0
  for (let after = null as Parameters<DeleteBatch>[2]; signal?.aborted !== true; ) {
    const begun = performance.now()
    const batch = await database.kysely.transaction().execute(async (trx) => {
      return (await takeTurn(trx, waits)) ? deleteBatch(trx, before, after, BATCH_ROWS) : null
    })
    if (batch === null) return total
    total += batch.deleted
    if (batch.next === null) return total
    after = batch.next
    const pauseMs = isAlone ? 0 : PAUSE_FACTOR * (performance.now() - begun)
    await delay(pauseMs, undefined, { signal }).catch(() => {})
  }
  return total
}

/** Locks the deletion until the end of the transaction: another process holds the lock for one batch at most. */
async function takeTurn(trx: Queries, waits: boolean): Promise<boolean> {
  if (waits) {
    await sql`select pg_advisory_xact_lock(${sql.lit(CLEANUP_LOCK_KEY)})`.execute(trx)
    return true
  }
  const { rows } = await sql<{ is_mine: boolean }>`
    select pg_try_advisory_xact_lock(${sql.lit(CLEANUP_LOCK_KEY)}) as is_mine`.execute(trx)
  return rows[0]?.is_mine === true
}
