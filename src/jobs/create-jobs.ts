import type { JobEvent } from '../core/job/events.ts'
import type { Job, JobLogEntry } from '../core/job/job.ts'
import { logEntry } from '../core/job/job-log.ts'
import { Refusal } from '../core/refusal.ts'
import { Cursors } from '../database/cursors.ts'
import {
  type JobVersion as JobRowVersion,
  jobEvents,
  jobRow,
  jobVersion,
  listJobViews,
  polledJob,
} from '../database/job-store.ts'
import { acceptJob } from './accept-job.ts'
import { cancelJob } from './cancel-job.ts'
import type { JobsDeps } from './deps.ts'
import type { Jobs, JobVersion } from './jobs.ts'
import { PlanCache } from './load-job.ts'
import { releaseJob } from './release-job.ts'
import { shareReads } from './share-reads.ts'

/** What routes may ask of jobs, on the database. */
export function createJobs(deps: JobsDeps): Jobs {
  const db = deps.database.kysely
  const plans = new PlanCache()
  const cursors = new Cursors(db)
  const versions = shareReads<JobVersion>()
  const logs = shareReads<JobLogEntry[]>()
  const getText = async (jobId: string) => {
    const { view: text, ...row } = known(jobId, await polledJob(db, jobId))
    return { ...versionOf(row), text }
  }
  return {
    accept: (order, origin, witness, precondition) =>
      acceptJob(deps, plans, order, origin, witness, precondition),
    getText,
    getVersion: (jobId) => versions(jobId, async () => versionOf(known(jobId, await jobVersion(db, jobId)))),
    get: async (jobId) => JSON.parse((await getText(jobId)).text) as Job,
    async list(query) {
      const { items, next } = await cursors.page('jobs', query, (filter) => listJobViews(db, filter))
      return { items: items.map((each) => JSON.parse(each.view) as Job), next }
    },
    log: (jobId, after, limit) =>
      logs(`${jobId} ${after} ${limit}`, async () => {
        const events = await jobEvents<JobEvent>(db, jobId, after, limit)
        if (events.length === 0) known(jobId, await jobRow(db, jobId))
        return events.map((event, index) => logEntry(event, after + index + 1))
      }),
    cancel: (jobId, by, abort = false, origin, witness, precondition) =>
      cancelJob(deps, plans, jobId, { by, abort }, origin, witness, precondition),
    release: (jobId, by, reason = null, origin, witness, precondition) =>
      releaseJob(deps, plans, jobId, { by, reason }, origin, witness, precondition),
    clusterKey: async (jobId) => (await jobRow(db, jobId))?.cluster_key ?? null,
  }
}

function known<T>(jobId: string, found: T | null): T {
  if (found === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
  return found
}

function versionOf({ log_length, status, hold_status }: JobRowVersion): JobVersion {
  const isFinished = status === 'Succeeded' || status === 'Failed' || status === 'Canceled'
  return { version: String(log_length), isFinished, isHeld: hold_status === 'Held' }
}
