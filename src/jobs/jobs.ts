import type { Job, JobLogEntry, JobStatus, OnFailure } from '../core/job/job.ts'
import type { Schedule } from '../core/job/schedule.ts'
import type { ClusterRef } from '../core/target.ts'

/** What routes may ask of jobs. Every method rejects with a `Refusal` for what the caller can mend. */
export interface Jobs {
  /**
   * Accepts a plan for execution: everything that can be refused is refused now, in this order: unknown,
   * discarded, expired, already executed, blocked or nothing to do, acknowledgements, cluster locked, stale.
   * Job, lock, plan status and the first tick are one transaction.
   */
  accept(order: JobOrder): Promise<Job>
  /** The stored view as JSON text, for answers without a parse. */
  getText(jobId: string): Promise<string>
  get(jobId: string): Promise<Job>
  list(query: JobQuery): Promise<{ items: Job[]; next: string | null }>
  log(jobId: string, after: number, limit: number): Promise<JobLogEntry[]>
  /**
   * Stops before the next step. Refused when the job has ended. Asking twice is no error, and may add the wish that
   * Azure abort what it is doing.
   */
  cancel(jobId: string, by: string, abort?: boolean): Promise<Job>
}

export interface JobOrder {
  planId: string
  acknowledge: string[]
  reason: string | null
  by: string
  /** Left out: stop. */
  onFailure?: OnFailure
  /** Left out: at once. */
  schedule?: Schedule | null
}

export interface JobQuery {
  status?: JobStatus
  cluster?: ClusterRef
  limit: number
  /** The opaque cursor of the page before. */
  cursor: string | null
}
