import type { Job } from '../contract/job.ts'
import type { Plan } from '../contract/plan.ts'
import {
  findConfirmingJob,
  type JobOutcome,
  type SupersedingJob,
  toJobOutcome,
} from '../core/job/job-outcome.ts'
import { isStillAsAfter } from '../core/job/superseded-outcome.ts'
import type { Queries } from '../database/engine/database.ts'
import { type JobRow, laterJobTexts } from '../database/stores/job-store.ts'
import { type LoadedJob, loadJob, type PlanCache } from './event-log.ts'

/** Jobs that moved no traffic may lie between a job and the job that reads the addresses. */
const MAX_LATER_JOBS = 20

/** The outcome of a job, with the later jobs of the cluster that confirm or supersede it. */
export async function readOutcome(
  db: Queries,
  plans: PlanCache,
  { row, plan, state }: LoadedJob,
): Promise<JobOutcome> {
  const confirming = await confirmingJobOf(db, row, plan)
  const outcome = toJobOutcome(row.id, plan, state, confirming)
  if (state.finishedAt === null) return outcome
  return { ...outcome, supersededBy: await supersedingJobOf(db, plans, { row, outcome, confirming }) }
}

/** The later job that read the addresses after this job failed or was canceled; null if there is none. */
async function confirmingJobOf(db: Queries, row: JobRow, plan: Plan): Promise<Job | null> {
  if (row.status !== 'Failed' && row.status !== 'Canceled') return null
  return findConfirmingJob(plan, await laterJobs(db, row, 'oldest'))
}

/** The last job that moved traffic or read the addresses decides; null if the cluster is as this job left it. */
async function supersedingJobOf(
  db: Queries,
  plans: PlanCache,
  { row, outcome, confirming }: { row: JobRow; outcome: JobOutcome; confirming: Job | null },
): Promise<SupersedingJob | null> {
  for (const later of await laterJobs(db, row, 'newest')) {
    const isSame = isStillAsAfter(outcome, confirming, later)
    if (isSame === true) return null
    const isRead = isSame === false
    if (isRead || (await hasMoved(db, plans, later.id)))
      return { jobId: later.id, status: later.status, isRead }
  }
  return null
}

async function hasMoved(db: Queries, plans: PlanCache, jobId: string): Promise<boolean> {
  const loaded = await loadJob(db, plans, jobId)
  return loaded !== null && toJobOutcome(jobId, loaded.plan, loaded.state).hasMoved
}

async function laterJobs(db: Queries, row: JobRow, first: 'oldest' | 'newest'): Promise<Job[]> {
  const texts = await laterJobTexts(db, row, MAX_LATER_JOBS, first)
  return texts.map((text) => JSON.parse(text) as Job)
}
