import type { Job, JobLogEntry } from '../../contract/job.ts'
import { type JobEvent, toLogEntry } from '../../core/job/events.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { Cursors } from '../../database/stores/cursors.ts'
import {
  type JobVersion as JobRowVersion,
  jobEvents,
  jobRow,
  jobVersion,
  listJobViews,
  polledJob,
} from '../../database/stores/job-store.ts'
import { singleFlight } from '../../lib/promises.ts'
import type { JobsDeps } from '../deps.ts'
import { loadJob, PlanCache } from '../event-log.ts'
import type { Jobs, JobText, JobVersion } from '../jobs.ts'
import { readOutcome } from '../later-jobs.ts'
import { acceptJob } from './accept-job.ts'
import { cancelJob, releaseJob, rescheduleJob } from './change-job.ts'

/** Implements the execution of plans. */
export function createJobs(deps: JobsDeps): Jobs {
  const db = deps.database.kysely
  const plans = new PlanCache()
  const cursors = new Cursors(db)
  const versions = singleFlight<JobVersion>()
  const logs = singleFlight<JobLogEntry[]>()
  const texts = singleFlight<JobText>()
  const getText = (jobId: string) =>
    texts(jobId, async () => {
      const { view: text, ...row } = requireJob(jobId, await polledJob(db, jobId))
      return { ...toVersion(row), text }
    })
  return {
    accept: (order, call) => acceptJob(deps, plans, order, call),
    cancel: (jobId, cancellation, call) => cancelJob(deps, plans, jobId, cancellation, call),
    release: (jobId, release, call) => releaseJob(deps, plans, jobId, release, call),
    reschedule: (jobId, change, call) => rescheduleJob(deps, plans, jobId, change, call),
    getText,
    getVersion: (jobId) =>
      versions(jobId, async () => toVersion(requireJob(jobId, await jobVersion(db, jobId)))),
    async getOutcome(jobId) {
      return readOutcome(db, plans, requireJob(jobId, await loadJob(db, plans, jobId)))
    },
    async getLaterVersions(jobId) {
      const loaded = await loadJob(db, plans, jobId)
      if (loaded?.state.finishedAt == null) return []
      const { confirmedBy, supersededBy, cleanups } = await readOutcome(db, plans, loaded)
      return [
        ...(confirmedBy === null ? [] : [confirmedBy.jobId]),
        ...(supersededBy === null ? [] : [`${supersededBy.jobId}-${supersededBy.status}`]),
        ...cleanups.map(({ jobId, removed }) => `${jobId}-${removed.length}`),
      ]
    },
    get: async (jobId) => JSON.parse((await getText(jobId)).text) as Job,
    async list(query) {
      const { items, next } = await cursors.page('jobs', query, (filter) => listJobViews(db, filter))
      return { items: items.map(({ view }) => JSON.parse(view) as Job), next }
    },
    log: (jobId, after, limit) =>
      logs(`${jobId} ${after} ${limit}`, async () => {
        const events = await jobEvents<JobEvent>(db, jobId, after, limit)
        if (events.length === 0) requireJob(jobId, await jobRow(db, jobId))
        return events.map((event, index) => toLogEntry(event, after + index + 1))
      }),
    clusterKey: async (jobId) => (await jobRow(db, jobId))?.cluster_key ?? null,
  }
}

function requireJob<T>(jobId: string, job: T | null): T {
  if (job === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
  return job
}

function toVersion({ log_length, status, hold_status, begins_at }: JobRowVersion): JobVersion {
  const isFinished = status === 'Succeeded' || status === 'Failed' || status === 'Canceled'
  return { version: String(log_length), isFinished, isHeld: hold_status === 'Held', beginsAt: begins_at }
}
