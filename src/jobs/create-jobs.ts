import type { JobEvent } from '../core/job/events.ts'
import type { Job } from '../core/job/job.ts'
import { logEntry } from '../core/job/job-log.ts'
import { Refusal } from '../core/refusal.ts'
import { jobEvents, jobRow, jobText, listJobViews } from '../database/job-store.ts'
import { acceptJob } from './accept-job.ts'
import { cancelJob } from './cancel-job.ts'
import type { JobsDeps } from './deps.ts'
import type { Jobs } from './jobs.ts'
import { PlanCache } from './load-job.ts'

/** What routes may ask of jobs, on the database. */
export function createJobs(deps: JobsDeps): Jobs {
  const db = deps.database.kysely
  const plans = new PlanCache()
  const getText = async (jobId: string): Promise<string> => {
    const text = await jobText(db, jobId)
    if (text === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
    return text
  }
  return {
    accept: (order, origin) => acceptJob(deps, plans, order, origin),
    getText,
    get: async (jobId) => JSON.parse(await getText(jobId)) as Job,
    async list({ status, cluster, reach, limit, cursor }) {
      const { items, next } = await listJobViews(db, { status, cluster, reach, limit, cursor })
      return { items: items.map((each) => JSON.parse(each.view) as Job), next }
    },
    async log(jobId, after, limit) {
      if ((await jobRow(db, jobId)) === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
      const events = await jobEvents<JobEvent>(db, jobId, after, limit)
      return events.map((event, index) => logEntry(event, after + index + 1))
    },
    cancel: (jobId, by, abort = false, origin) => cancelJob(deps, plans, jobId, { by, abort }, origin),
    clusterKey: async (jobId) => (await jobRow(db, jobId))?.cluster_key ?? null,
  }
}
