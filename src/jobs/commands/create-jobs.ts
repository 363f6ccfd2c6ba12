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
import type { JobsDeps } from '../deps.ts'
import { PlanCache } from '../event-log.ts'
import type { Jobs, JobVersion } from '../jobs.ts'
import { acceptJob } from './accept-job.ts'
import { cancelJob, releaseJob } from './cancel-and-release.ts'

/**
 * Makes a read that everybody shares who asks for the same at the same moment, so that thousands who wait for one job
 * cost one query when it changes. It starts when all who are awake have asked, and nobody joins one that has started:
 * no answer is older than its question.
 */
export function singleFlight<T>(): (key: string, read: () => Promise<T>) => Promise<T> {
  const waiting = new Map<string, Promise<T>>()
  return (key, read) => {
    const joined = waiting.get(key)
    if (joined !== undefined) return joined
    const begun = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting.delete(key)
      return read()
    })
    waiting.set(key, begun)
    return begun
  }
}

/** What routes may ask of jobs, on the database. */
export function createJobs(deps: JobsDeps): Jobs {
  const db = deps.database.kysely
  const plans = new PlanCache()
  const cursors = new Cursors(db)
  const versions = singleFlight<JobVersion>()
  const logs = singleFlight<JobLogEntry[]>()
  const getText = async (jobId: string) => {
    const { view: text, ...row } = requireJob(jobId, await polledJob(db, jobId))
    return { ...toVersion(row), text }
  }
  return {
    accept: (order, origin, witness, precondition) =>
      acceptJob(deps, plans, order, origin, witness, precondition),
    getText,
    getVersion: (jobId) =>
      versions(jobId, async () => toVersion(requireJob(jobId, await jobVersion(db, jobId)))),
    get: async (jobId) => JSON.parse((await getText(jobId)).text) as Job,
    async list(query) {
      const { items, next } = await cursors.page('jobs', query, (filter) => listJobViews(db, filter))
      return { items: items.map((each) => JSON.parse(each.view) as Job), next }
    },
    log: (jobId, after, limit) =>
      logs(`${jobId} ${after} ${limit}`, async () => {
        const events = await jobEvents<JobEvent>(db, jobId, after, limit)
        if (events.length === 0) requireJob(jobId, await jobRow(db, jobId))
        return events.map((event, index) => toLogEntry(event, after + index + 1))
      }),
    cancel: (jobId, by, abort = false, origin, witness, precondition) =>
      cancelJob(deps, plans, jobId, { by, abort }, origin, witness, precondition),
    release: (jobId, by, reason = null, origin, witness, precondition) =>
      releaseJob(deps, plans, jobId, { by, reason }, origin, witness, precondition),
    clusterKey: async (jobId) => (await jobRow(db, jobId))?.cluster_key ?? null,
  }
}

function requireJob<T>(jobId: string, found: T | null): T {
  if (found === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
  return found
}

function toVersion({ log_length, status, hold_status }: JobRowVersion): JobVersion {
  const isFinished = status === 'Succeeded' || status === 'Failed' || status === 'Canceled'
  return { version: String(log_length), isFinished, isHeld: hold_status === 'Held' }
}
