import type { Approval, PlanApprovals } from '../contract/approval.ts'
import type { Job, JobLogEntry, OnFailure, Schedule } from '../contract/job.ts'
import type { Origin } from '../core/audit/audit.ts'

import type { Precondition } from '../core/lib/errors.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { JobQuery } from '../database/stores/job-store.ts'
import type { Page } from '../database/stores/list-query.ts'
import type { OrderedWebhook } from './deps.ts'

/** What routes may ask of approvals. Every method rejects with a `Refusal` for what the caller can mend. */
export interface Approvals {
  /**
   * Approves a plan that could be executed now. Refused to whoever made the plan; `isNew` is false when the
   * same person's approval stands already.
   */
  approve(
    planId: string,
    reason: string | null,
    origin: Origin,
    witness?: TransactionHook<GivenApproval>,
  ): Promise<GivenApproval>
  /** Takes an approval back, whoever gave it. Refused once the plan is executed; twice is no error. */
  withdraw(planId: string, approvalId: string, origin: Origin): Promise<void>
  list(planId: string): Promise<PlanApprovals>
}

export interface GivenApproval {
  approval: Approval
  isNew: boolean
}

/** What routes may ask of jobs. Every method rejects with a `Refusal` for what the caller can mend. */
export interface Jobs {
  /**
   * Accepts a plan for execution: everything that can be refused is refused now, in this order: unknown,
   * discarded, expired, already executed, blocked or nothing to do, acknowledgements, approval, cluster locked,
   * stale. Job, lock, plan status, the first tick, what `witness` writes and the audit's row are one transaction.
   * `precondition` is asked first, and once more in that transaction; the plan's version is its status.
   */
  accept(
    order: JobOrder,
    origin?: Origin,
    witness?: TransactionHook<Job>,
    precondition?: Precondition,
  ): Promise<Job>
  /** The stored view as JSON text, for answers without a parse. */
  getText(jobId: string): Promise<JobVersion & { text: string }>
  /** Whether there is news, without reading it. Those who ask at the same moment share one read. */
  getVersion(jobId: string): Promise<JobVersion>
  get(jobId: string): Promise<Job>
  list(query: JobQuery): Promise<Page<Job>>
  /** The log's entries after this sequence, oldest first. Those who ask at the same moment share one read. */
  log(jobId: string, after: number, limit: number): Promise<JobLogEntry[]>
  /**
   * Stops before the next step. Refused when the job has ended. Asking twice is no error, and may add the wish that
   * Azure abort what it is doing.
   */
  cancel(
    jobId: string,
    by: string,
    abort?: boolean,
    origin?: Origin,
    witness?: TransactionHook<Job>,
    precondition?: Precondition,
  ): Promise<Job>
  /**
   * Lets a job go on that is held before its cut-over, or keeps it from stopping there. Refused when the job was not
   * ordered with a hold, when its cut-over has begun, and when it has ended. Asking twice is no error.
   */
  release(
    jobId: string,
    by: string,
    reason?: string | null,
    origin?: Origin,
    witness?: TransactionHook<Job>,
    precondition?: Precondition,
  ): Promise<Job>
  /** The key of the job's cluster; null when there is no such job. */
  clusterKey(jobId: string): Promise<string | null>
}

export interface JobOrder {
  planId: string
  acknowledge: string[]
  reason: string | null
  by: string
  /** Left out: stop. */
  onFailure?: OnFailure
  /** Stops before the step that moves the traffic, until it is released. Left out: it does not. */
  holdBeforeCutOver?: boolean
  /** Left out: at once. */
  schedule?: Schedule | null
  /** Who is told of this job alone; left out: nobody. */
  webhook?: OrderedWebhook | null
}

/** How far a job has come, as callers see it. */
export interface JobVersion {
  /** Another one whenever callers see another job. */
  version: string
  isFinished: boolean
  /** It waits for somebody to release it, and changes by nothing else. */
  isHeld: boolean
}
