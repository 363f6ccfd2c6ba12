import type { GeneratedAlways } from 'kysely'
import type { ActorKind, AuditOutcome } from '../../contract/audit.ts'
import type { HoldStatus, JobStatus } from '../../contract/job.ts'
import type { PlanVerdict } from '../../contract/plan-status.ts'
import type { ProbeStatus } from '../../contract/probe.ts'
import type { CampaignEventsTable, CampaignMembersTable, CampaignsTable } from './campaign-tables.ts'
import type {
  InventoryChangesTable,
  InventoryClustersTable,
  InventoryRefreshesTable,
} from './inventory-tables.ts'
import type { WebhookDeliveriesTable, WebhooksTable } from './webhook-tables.ts'

/** The tables as queries see them. Their shape is made by migrations/, and only there. */
export interface Tables {
  schema_migrations: { version: number; name: string; applied_at: Date }
  clusters: ClustersTable
  plans: PlansTable
  jobs: JobsTable
  job_events: JobEventsTable
  cluster_locks: { cluster_key: string; job_id: string; taken_at: Date }
  audit_log: AuditTable
  audit_anchors: AuditAnchorsTable
  plan_approvals: ApprovalsTable
  idempotency_keys: IdempotencyKeysTable
  secrets: { name: string; value: string }
  access_links: AccessLinksTable
  webhooks: WebhooksTable
  webhook_deliveries: WebhookDeliveriesTable
  inventory_clusters: InventoryClustersTable
  inventory_addresses: { cluster_id: string; address: string }
  inventory_changes: InventoryChangesTable
  inventory_refreshes: InventoryRefreshesTable
  /** What the inventory has to remember from one refresh to the next. */
  inventory_notes: { name: string; value: string }
  campaigns: CampaignsTable
  probes: ProbesTable
  campaign_members: CampaignMembersTable
  campaign_events: CampaignEventsTable
  service_clock: ServiceClockTable
  call_budgets: { bucket: string; full_at: number; granted: number }
}

/** Every cluster that a plan or a row of the audit log names. Rows are never deleted. */
export interface ClustersTable {
  id: GeneratedAlways<number>
  cluster_key: string
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
  made_status: PlanVerdict
  /** What became of it since. */
  state: 'open' | 'executed' | 'discarded' | 'stale'
  created_at: Date
  expires_at: Date
  created_by: string
  /** The id of the creator, which a renaming does not change; null where callers are not authenticated. */
  created_by_id: string | null
  job_id: string | null
  /** The end of the approval window; null if it ends when the plan expires. */
  approve_until: Date | null
  /** Each label as two entries: its name, and its name and value. */
  labels: string[]
  /** The numbers that lists show, as JSON text; null in plans of earlier versions. */
  counts: string | null
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
  /** Entries of the log: what callers see changes with it and only with it. */
  log_length: number
  created_at: Date
  created_by: string
  /** The id of the creator, which a renaming does not change; null where callers are not authenticated. */
  created_by_id: string | null
  /** The outbound types of its plan. */
  from_type: string
  to_type: string
  /** As those of plans. */
  labels: string[]
  /** When the job has to be looked at next; null when it has ended. */
  next_tick_at: Date | null
  /** The job as callers see it, as JSON text: a cache of the folded log. */
  view: string
  /** The state of its hold, as in the view; null for a job without a hold. */
  hold_status: GeneratedAlways<HoldStatus | null>
  /** When it ended, as the view says it, in RFC 3339; null until then. */
  finished_at: GeneratedAlways<string | null>
  /** When a job that has not begun begins, RFC 3339, as the view says it; null where it waits for no time. */
  begins_at: GeneratedAlways<string | null>
}

export interface ProbesTable {
  id: string
  cluster_key: string
  status: ProbeStatus
  /** Grows with every change; who changes it must know the present one. */
  revision: number
  created_at: Date
  created_by: string
  created_by_id: string | null
  /** null when it has ended. */
  next_tick_at: Date | null
  /** `StoredProbe` of jobs/probes as JSON text. */
  run: string
  /** The probe as callers see it, as JSON text. */
  view: string
}

export interface JobEventsTable {
  job_id: string
  sequence: number
  /** The event as JSON text. */
  body: string
}

export interface AuditTable {
  sequence: number
  id: string
  at: Date
  actor_id: string | null
  actor_kind: ActorKind | null
  actor_name: string | null
  actor_app_id: string | null
  operation: string
  outcome: AuditOutcome
  code: string | null
  cluster_key: string | null
  plan_id: string | null
  job_id: string | null
  webhook_id: string | null
  reason: string | null
  address: string | null
  user_agent: string | null
  request_id: string
  previous_hash: string
  hash: string
}

/** Up to which row the audit log was exported; the rows before it may be deleted. */
export interface AuditAnchorsTable {
  sequence: number
  /** Of the row with this sequence, which stays. */
  hash: string
  exported_at: Date
  file_name: string
  /** SHA-256 of the file. */
  file_hash: string
}

export interface ApprovalsTable {
  id: string
  plan_id: string
  approved_at: Date
  actor_id: string
  actor_name: string
  reason: string | null
  withdrawn_at: Date | null
  withdrawn_by_id: string | null
  withdrawn_by_name: string | null
}

export interface AccessLinksTable {
  id: string
  kind: 'shareLink' | 'eventTicket'
  /** The plan, job or campaign that it opens; the others are null. */
  plan_id: string | null
  job_id: string | null
  campaign_id: string | null
  cluster_key: string
  /** SHA-256 of the secret, in hex. */
  secret_hash: string
  created_at: Date
  expires_at: Date
  created_by: string
  /** The creator, as the access policy looks at them, as JSON text. */
  owner: string
  reason: string | null
  revoked_at: Date | null
  revoked_by: string | null
  /** When it last opened something. */
  used_at: Date | null
}

export interface IdempotencyKeysTable {
  /** The caller that the key belongs to. */
  scope: string
  key: string
  /** What was asked for with it. */
  fingerprint: string
  /** The token of the worker that holds it; another worker takes over with a new token. */
  claim: string
  claimed_at: Date
  /** Null until the effect is committed, and the answer with it. */
  status: number | null
  /** As JSON text. */
  headers: string | null
  body: string | null
}

/** One row: when a process last ran, and how the clock has jumped. */
export interface ServiceClockTable {
  id: number
  marked_at: Date
  /** The run of the machine, and its monotonic clock in milliseconds; null where it is unknown. */
  boot: string | null
  uptime_ms: number | null
  /** As JSON text. */
  jumps: string
}

/** A time of a row as RFC 3339 in UTC. */
export function toIso<T extends Date | null>(time: T): T extends Date ? string : T
export function toIso(time: Date | null): string | null {
  return time?.toISOString() ?? null
}
