import { Fenced } from '../../database/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, reload } from '../load-job.ts'

/**
 * Records the answer to a write on top of whatever the log holds by now. A cancellation that comes while the
 * PUT is under way raises the fence; dropping the answer for that would lose the operation. Whoever has
 * settled the write meanwhile knows better, and the answer is dropped (`Fenced`).
 */
export async function recordAnswer(
  deps: JobsDeps,
  intended: LoadedJob,
  record: (job: LoadedJob) => Promise<void>,
): Promise<void> {
  for (let job = intended; ; ) {
    try {
      return await record(job)
    } catch (error) {
      if (!(error instanceof Fenced)) throw error
      job = await reload(deps.database.kysely, job)
      if (!isStillOpen(job, intended)) throw error
    }
  }
}

function isStillOpen(job: LoadedJob, intended: LoadedJob): boolean {
  const key = intended.state.current
  if (key === null || job.state.current !== key) return false
  const [now, then] = [job.state.steps[key], intended.state.steps[key]]
  return now?.write.phase === 'intended' && now.attempts === then?.attempts && now.notBefore === null
}
