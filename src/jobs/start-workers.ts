import { claimUnfinishedJobs } from '../database/job-store.ts'
import type { JobsDeps } from './deps.ts'
import { Ticks } from './tick.ts'

/** How often jobs are looked for whose tick got lost, and how late a tick may be before it counts as lost. */
const SWEEP_MS = 15_000
const LATE_MS = 30_000

/**
 * Takes ticks from the queue until stopped; then it resolves when those under way have ended. Every tick is ordered in the transaction that made it due, so
 * none is ever lost; the sweep is for what no transaction can promise, such as a queue that was emptied.
 *
 * The embedded database has one process: whatever a job was doing when the last process ended, nobody does
 * it now. So every unfinished job is looked at once at the start, before this process does anything itself.
 */
export async function startWorkers(deps: JobsDeps): Promise<{ stop(): Promise<void> }> {
  const ticks = new Ticks(deps)
  const late = () => new Date(deps.now().getTime() - LATE_MS)
  // On a server too, or processes that never live as long as it takes to the first sweep would never make one.
  await sweep(deps, deps.database.engine === 'embedded' ? null : late())
  await deps.queue.work((order, isRedelivery) => ticks.run(order, isRedelivery))
  const timer = setInterval(() => {
    sweep(deps, late()).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'looking for lost ticks failed'),
    )
  }, SWEEP_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await deps.queue.rest()
    },
  }
}

/** Orders a tick for every unfinished job whose last one is overdue since `before`; null takes them all. */
export async function sweep(deps: JobsDeps, before: Date | null): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const { id, revision } of await claimUnfinishedJobs(trx, before, deps.now()))
      await deps.queue.order(trx, { version: 1, jobId: id, revision }, null)
  })
}
