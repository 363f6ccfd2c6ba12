import type { Logger } from '../../core/lib/logger.ts'
import type { Database } from '../engine/database.ts'
import { deleteOldDeliveries } from './delivery-store.ts'
import { deleteExpiredKeys, RESPONSE_RETENTION_MS } from './idempotency.ts'
import { deleteExpiredLinks } from './link-store.ts'
import { deleteExpiredSecrets } from './webhook-store.ts'

const CLEANUP_INTERVAL_MS = 3_600_000
/** How long a message that was delivered or has failed can be read and replayed. */
const DELIVERY_RETENTION_MS = 30 * 86_400_000

/** Deletes what has expired, now and every hour, until stopped. A failure is logged; the next run repeats it. */
export function startCleanup(deps: { database: Database; now: () => Date; logger: Pick<Logger, 'error'> }): {
  stop(): Promise<void>
} {
  const clean = () =>
    deleteExpired(deps.database, deps.now()).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'deletion of expired records failed'),
    )
  let running = clean()
  const timer = setInterval(() => {
    running = clean()
  }, CLEANUP_INTERVAL_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

async function deleteExpired(database: Database, now: Date): Promise<void> {
  const before = (retentionMs: number) => new Date(now.getTime() - retentionMs)
  await database.withoutStatementTimeout(async (db) => {
    await deleteExpiredKeys(db, before(RESPONSE_RETENTION_MS))
    await deleteExpiredSecrets(db, now)
    await deleteExpiredLinks(db, now)
    await deleteOldDeliveries(db, before(DELIVERY_RETENTION_MS))
  })
}
