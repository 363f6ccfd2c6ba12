import type { Job } from '../contract/job.ts'
import {
  isConfirming,
  isOfChange,
  isStillAsAfter,
  type JobOutcome,
  readStateKey,
  type SupersedingJob,
  toJobOutcome,
} from '../core/job/job-outcome.ts'
import { type LaterCleanup, removedParts } from '../core/job/removed-parts.ts'
import type { Queries } from '../database/engine/database.ts'
import { jobTextsBetween } from '../database/stores/job-store.ts'
import { type LoadedJob, loadJob, type PlanCache } from './event-log.ts'

/** The number of jobs that one query reads. */
const PAGE_SIZE = 20

/** The outcome of a job, with the later jobs of the cluster that confirm or supersede it, or clean up after it. */
export async function readOutcome(db: Queries, plans: PlanCache, loaded: LoadedJob): Promise<JobOutcome> {
  const { row, plan, state } = loaded
  const confirming = await confirmingJobOf(db, loaded)
  const outcome = toJobOutcome(row.id, plan, state, confirming)
  if (state.finishedAt === null) return outcome
  const newestFirst = laterJobs(db, loaded, 'newest')
  const supersededBy = await supersedingJobOf(db, plans, { newestFirst, outcome, confirming })
  const cleanups = supersededBy === null ? await cleanupsAfter(db, plans, newestFirst) : []
  return { ...outcome, supersededBy, cleanups }
}

/** The later job that read the addresses after this job failed or was canceled; null if there is none. */
async function confirmingJobOf(db: Queries, loaded: LoadedJob): Promise<Job | null> {
  if (loaded.row.status !== 'Failed' && loaded.row.status !== 'Canceled') return null
  for await (const later of laterJobs(db, loaded, 'oldest')())
    if (isConfirming(later)) return isOfChange(later, loaded.plan) ? later : null
  return null
}

/**
 * The last job that moved traffic or read the addresses; null if the cluster is as this job left it. Several jobs can read
 * the same addresses. The first of them has changed the addresses, so its report lists the edits of firewalls.
 */
async function supersedingJobOf(
  db: Queries,
  plans: PlanCache,
  {
    newestFirst,
    outcome,
    confirming,
  }: { newestFirst: LaterJobs; outcome: JobOutcome; confirming: Job | null },
): Promise<SupersedingJob | null> {
  let found: { superseding: SupersedingJob; key: string } | null = null
  for await (const later of newestFirst()) {
    const key = readStateKey(later)
    const superseding = { jobId: later.id, status: later.status, isRead: key !== null }
    if (found !== null) {
      if (key === found.key) found = { superseding, key }
      else if (key !== null || (await hasMoved(db, plans, later))) break
    } else if (key !== null) {
      if (isStillAsAfter(outcome, confirming, later) === true) return null
      found = { superseding, key }
    } else if (await hasMoved(db, plans, later)) return superseding
  }
  return found?.superseding ?? null
}

async function hasMoved(db: Queries, plans: PlanCache, { id, steps }: Job): Promise<boolean> {
  // Most of these jobs have only checked that their plan is stale, so their logs need not be read.
  if (!steps.some(({ key, startedAt }) => key !== 'check-freshness' && startedAt !== null)) return false
  const loaded = await loadJob(db, plans, id)
  return loaded !== null && toJobOutcome(id, loaded.plan, loaded.state).hasMoved
}

/** The later cleanups of the cluster, the oldest first, and what they removed. */
async function cleanupsAfter(db: Queries, plans: PlanCache, newestFirst: LaterJobs): Promise<LaterCleanup[]> {
  const cleanups: LaterCleanup[] = []
  for await (const { id, steps } of newestFirst()) {
    if (!steps.some(({ key, status }) => key.startsWith('clean-up-') && status === 'Succeeded')) continue
    const later = await loadJob(db, plans, id)
    if (later !== null) cleanups.unshift({ jobId: id, removed: removedParts(later.plan, later.state) })
  }
  return cleanups
}

/** All later jobs of the cluster. Each call starts with the first job. */
type LaterJobs = () => AsyncGenerator<Job>

/** Reads the jobs page by page, and each page only once. */
function laterJobs(
  db: Queries,
  { row: { id, cluster_key } }: LoadedJob,
  first: 'oldest' | 'newest',
): LaterJobs {
  const jobs: Job[] = []
  let isComplete = false
  const readPage = async () => {
    const last = jobs.at(-1)?.id ?? null
    const bounds = first === 'oldest' ? { after: last ?? id, first } : { after: id, before: last, first }
    const page = await jobTextsBetween(db, cluster_key, bounds, PAGE_SIZE)
    jobs.push(...page.map(({ view }) => JSON.parse(view) as Job))
    isComplete = page.length < PAGE_SIZE
  }
  return async function* () {
    for (let index = 0; ; index++) {
      if (index >= jobs.length && !isComplete) await readPage()
      const job = jobs[index]
      if (job === undefined) return
      yield job
    }
  }
}
