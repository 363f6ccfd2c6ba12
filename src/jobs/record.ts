import type { JobEvent } from '../core/job/events.ts'
import { foldEvents } from '../core/job/fold-events.ts'
import { jobView } from '../core/job/job-view.ts'
import { releaseClusterLock } from '../database/cluster-lock.ts'
import type { Queries } from '../database/database.ts'
import { appendEvents } from '../database/job-store.ts'
import type { JobsDeps } from './deps.ts'
import type { LoadedJob } from './load-job.ts'

/**
 * Appends what happened, renews the view, orders the next tick and, at the end, gives the cluster's lock
 * back: one transaction, fenced by the revision that the job was loaded at. Rejects with `Fenced` when
 * somebody else was faster; then nothing of this has happened.
 *
 * `nextAt` is when the job is to be looked at again; null for at once. `last` is done in the same transaction.
 */
export async function record(
  deps: JobsDeps,
  job: LoadedJob,
  events: JobEvent[],
  nextAt: Date | null = null,
  last?: (trx: Queries) => Promise<void>,
): Promise<LoadedJob> {
  const next = advanced(job, events)
  await deps.database.kysely.transaction().execute(async (trx) => {
    await recordIn(trx, deps, job, next, events, nextAt)
    await last?.(trx)
  })
  deps.observer?.advanced(job.state, next.state)
  return next
}

/** As `record`, inside a transaction that is under way; `next` is the job with the events. */
async function recordIn(
  trx: Queries,
  deps: JobsDeps,
  job: LoadedJob,
  next: LoadedJob,
  events: JobEvent[],
  nextAt: Date | null,
): Promise<void> {
  const isFinal = next.state.finishedAt !== null
  const view = jobView(job.row.id, job.plan, next.state)
  await appendEvents(trx, {
    jobId: job.row.id,
    revision: job.row.revision,
    length: job.state.length,
    events,
    status: next.state.status,
    view: JSON.stringify(view),
    nextTickAt: isFinal ? null : (nextAt ?? deps.now()),
  })
  if (isFinal) await releaseClusterLock(trx, job.row.cluster_key, job.row.id)
  else await deps.queue.order(trx, { version: 1, jobId: job.row.id, revision: next.row.revision }, nextAt)
  const { startedAt, length } = job.state
  const appended = { hadStarted: startedAt !== null, length, events, job: view }
  await deps.webhooks?.publish(trx, job.row.cluster_key, appended)
}

/** The job as it is with these events appended. */
export function advanced(job: LoadedJob, events: JobEvent[]): LoadedJob {
  const all = [...job.events, ...events]
  const state = foldEvents(job.plan, all)
  return {
    ...job,
    row: { ...job.row, revision: job.row.revision + 1, status: state.status },
    state,
    events: all,
  }
}
