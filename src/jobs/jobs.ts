import type { Approval, PlanApprovals } from '../contract/approval.ts'
import type { ClusterRef } from '../contract/cluster.ts'
import type { Job, JobLogEntry, OnFailure } from '../contract/job.ts'
import type { Labels } from '../contract/labels.ts'
import type { Probe, ProbeRequest } from '../contract/probe.ts'
import type { CLUSTER_WINDOW, RequestedWindow } from '../contract/schedule.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { JobOutcome } from '../core/job/job-outcome.ts'
import type { Precondition } from '../core/lib/errors.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { JobQuery } from '../database/stores/job-store.ts'
import type { Page } from '../database/stores/list-query.ts'
import type { ProbeQuery } from '../database/stores/probe-store.ts'
import type { OrderedWebhook } from './deps.ts'

/** Context of a change that a caller requests. */
export interface CallContext<T> {
  /** The caller, for the audit log. Without it, the change is not audited. */
  origin?: Origin | undefined
  /** Runs in the transaction of the change, with its result. */
  hook?: TransactionHook<T> | undefined
  /**
   * Called with the current version before the change, and again in its transaction. The version of a plan is that of
   * `planVersion`, the version of a job the length of its log.
   */
  precondition?: Precondition | undefined
}

/** Approvals of plans by a second person. Every method rejects with a `DomainError` that the caller can act on. */
export interface Approvals {
  /**
   * Approves a plan that can be executed now. The creator of the plan cannot approve it. `isNew` is false if the same
   * person has already approved the plan.
   */
  approve(planId: string, reason: string | null, call: ApprovalCall): Promise<RecordedApproval>
  /**
   * Withdraws the approval of any person. If a job executes the plan, requires an approval, and has no other approval,
   * the job is canceled in the same transaction. Rejected if the cutover has begun or the job has ended. Repeating a
   * withdrawal is not an error.
   */
  withdraw(planId: string, approvalId: string, origin: Origin): Promise<void>
  list(planId: string): Promise<PlanApprovals>
}

export type ApprovalCall = CallContext<RecordedApproval> & { origin: Origin }

export interface RecordedApproval {
  approval: Approval
  isNew: boolean
}

/** Execution of plans. Every method rejects with a `DomainError` that the caller can act on. */
export interface Jobs {
  /**
   * Accepts a plan for execution. All checks happen now, in this order: unknown, a second job with `onlyOnce`,
   * discarded, expired, already executed, blocked or without a change, acknowledgements, approval, cluster locked,
   * stale. Job, lock, plan status, first tick, the hook and the audit record are one transaction.
   */
  accept(order: JobOrder, call?: CallContext<Job>): Promise<Job>
  /** The stored view as JSON text, for responses without parsing. Simultaneous calls share one read. */
  getText(jobId: string): Promise<JobText>
  /** The version without the view. Simultaneous calls share one read. */
  getVersion(jobId: string): Promise<JobVersion>
  get(jobId: string): Promise<Job>
  /** The job with its plan and the addresses that it has created, discovered, and left in use. */
  getOutcome(jobId: string): Promise<JobOutcome>
  /** The versions of the later jobs that confirm or supersede the outcome of this job; empty if there are none. */
  getLaterVersions(jobId: string): Promise<string[]>
  list(query: JobQuery): Promise<Page<Job>>
  /** The log's entries after this sequence, oldest first. Simultaneous calls share one read. */
  log(jobId: string, after: number, limit: number): Promise<JobLogEntry[]>
  /**
   * Stops the job before its next step. Rejected if the job has ended. Repeating a cancellation is not an error, and
   * can add the request to abort the operation in Azure.
   */
  cancel(jobId: string, cancellation: Cancellation, call?: CallContext<Job>): Promise<Job>
  /**
   * Releases a job that is held before its cutover, or releases it in advance. Rejected if the job was accepted without
   * a hold, if its cutover has begun, or if it has ended. Repeating a release is not an error.
   */
  release(jobId: string, release: Release, call?: CallContext<Job>): Promise<Job>
  /** Changes when the job begins. Rejected if the job has begun or was canceled. */
  reschedule(jobId: string, rescheduling: Rescheduling, call?: CallContext<Job>): Promise<Job>
  /** The key of the cluster of the job; null if the job does not exist. */
  clusterKey(jobId: string): Promise<string | null>
}

/** Measurements from nodes. Every method rejects with a `DomainError` that the caller can act on. */
export interface Probes {
  /** Accepts a probe of a cluster that can be read. Probe, first tick, the hook and the audit record are one transaction. */
  accept(order: ProbeOrder, call?: Omit<CallContext<Probe>, 'precondition'>): Promise<Probe>
  /** The stored view as JSON text. */
  getText(probeId: string): Promise<JobText>
  list(query: ProbeQuery): Promise<Page<Probe>>
  /** The key of the cluster of the probe; null if the probe does not exist. */
  clusterKey(probeId: string): Promise<string | null>
}

export interface ProbeOrder extends Omit<ProbeRequest, 'cluster'> {
  cluster: ClusterRef
  by: string
}

/** The caller that cancels, and whether Azure is asked to abort the operation in progress (default: no). */
export interface Cancellation {
  by: string
  reason?: string | null
  abort?: boolean
}

/** When a job may begin, as requested; absent and null mean no limit. */
export interface RequestedSchedule {
  notBefore?: string | null | undefined
  window?: RequestedWindow | typeof CLUSTER_WINDOW | null | undefined
  giveUpAt?: string | null | undefined
}

/** Changes the members of the schedule that are present; null removes one. */
export interface Rescheduling extends RequestedSchedule {
  by: string
  reason?: string | null
}

export interface Release {
  by: string
  reason?: string | null
}

export interface JobOrder {
  planId: string
  acknowledge: string[]
  reason: string | null
  /** Default: the labels of the plan. */
  labels?: Labels | undefined
  by: string
  /** Default: stop. */
  onFailure?: OnFailure
  /** Stops before the step that moves the traffic until the job is released. Default: no. */
  holdBeforeCutOver?: boolean
  /** Rejected if the plan ever had a job, even a canceled job. Default: no. */
  onlyOnce?: boolean
  /** Default: immediately. */
  schedule?: RequestedSchedule | null
  /** Receives the messages of this job only. */
  webhook?: OrderedWebhook | null
}

export interface JobVersion {
  /** Changes whenever the job's view changes. */
  version: string
  isFinished: boolean
  /** Whether the job waits for its release. Nothing else changes a held job. */
  isHeld: boolean
  /** When the job begins; null if it does not wait for a time. */
  beginsAt?: string | null
}

/** The view as it is sent. */
export interface JobText extends JobVersion {
  text: string
}
