import type { JobEvent } from '../../core/job/events.ts'
import { Fenced } from '../../database/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, reload } from '../load-job.ts'
import { note, startEvent } from './outcome.ts'

/** What callers may know of it; the log of the service has the rest. */
const OWN_FAULT = {
  kind: 'internal',
  code: 'INTERNAL',
  message: 'A fault of this service.',
  requestId: null,
} as const

/**
 * A tick failed for a reason that is not Azure's. It is tried again and, when that does not help, ends the
 * job: one that fails for ever would hold its cluster's lock for ever. Rejects with the fault itself when not
 * even this can be recorded, as when the database is away.
 */
export async function ownFault(deps: JobsDeps, before: LoadedJob, error: unknown): Promise<void> {
  try {
    const job = await reload(deps.database.kysely, before)
    // In the way back of a failed job too: there as well nobody else would ever end it.
    const steps = [...job.plan.steps, ...(job.state.rollback?.steps ?? [])]
    const key = job.state.current ?? steps.find((each) => isPending(job, each.key))?.key
    const step = steps.find((each) => each.key === key)
    if (job.state.finishedAt !== null || step === undefined) throw error
    const started: JobEvent[] = job.state.current === null ? [startEvent(deps, step)] : []
    await note(deps, job, step, OWN_FAULT, { retryAfterMs: null, before: started, eventType: 'faulted' })
  } catch (failure) {
    if (failure instanceof Fenced) return
    throw error
  }
}

function isPending(job: LoadedJob, key: string): boolean {
  return job.state.steps[key]?.status === 'Pending'
}
