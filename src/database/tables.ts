import type { JobStatus } from '../core/job/job.ts'

/** The tables as queries see them. Their shape is made by migrations/, and only there. */
export interface Tables {
  schema_migrations: { version: number; name: string; applied_at: Date }
  plans: PlansTable
  jobs: JobsTable
  job_events: JobEventsTable
  cluster_locks: { cluster_key: string; job_id: string; taken_at: Date }
}

export interface PlansTable {
  id: string
  /** The cluster's id in lower case. */
  cluster_key: string
  subscription_id: string
  resource_group: string
  cluster_name: string
  from_type: string
  to_type: string
  /** What the plan was when it was made. */
  made_status: 'applicable' | 'blocked' | 'noChange'
  /** What became of it since. */
  state: 'open' | 'executed' | 'discarded' | 'stale'
  created_at: Date
  expires_at: Date
  created_by: string
  job_id: string | null
  /** The plan as JSON text without its `status`. */
  document: string
}

export interface JobsTable {
  id: string
  plan_id: string
  cluster_key: string
  status: JobStatus
  /** Grows with every append to the log; who appends must know the present one. */
  revision: number
  created_at: Date
  /** When the job has to be looked at next; null when it has ended. */
  next_tick_at: Date | null
  /** The job as callers see it, as JSON text: a cache of the folded log. */
  view: string
}

export interface JobEventsTable {
  job_id: string
  sequence: number
  /** The event as JSON text. */
  body: string
}
