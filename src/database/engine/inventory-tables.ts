import type { InventoryChangeKind, RefreshStatus } from '../../contract/inventory.ts'

export interface InventoryClustersTable {
  id: string
  cluster_key: string
  /** These four are in lower case. */
  subscription_id: string
  resource_group: string
  name: string
  location: string
  outbound_type: string
  path: string
  /** null in a row that a version before this column has stored. */
  vnet: string | null
  flags: string[]
  /** `name` and `name=value` of each tag; names are in lower case. */
  tags: string[]
  /** As JSON text. */
  facts: string
  /** What the next reading is compared with, as JSON text; null for the facts. */
  baseline: string | null
  as_of: Date
  /** When a job has read the facts after its change; null for facts of a refresh. */
  job_read_at: Date | null
  /** The last refresh that has seen the cluster. */
  refresh_id: string
  /** null while the cluster exists. */
  gone_at: Date | null
}

export interface InventoryChangesTable {
  id: string
  cluster_key: string
  at: Date
  kind: InventoryChangeKind
  /** The change as JSON text. */
  body: string
  /** The job that made the change; null for a change from outside. */
  job_id: string | null
}

export interface InventoryRefreshesTable {
  id: string
  requested_at: Date
  /** null for a refresh that is due. */
  requested_by: string | null
  started_at: Date | null
  ended_at: Date | null
  status: RefreshStatus
  /** The process that runs it, and until when no other one may take it over. */
  holder: string | null
  lease_until: Date | null
  /** As JSON text. */
  result: string
}
