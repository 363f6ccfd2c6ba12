import type { ClusterRef } from '../contract/cluster.ts'
import type {
  InventoryChange,
  InventoryCluster,
  InventoryRefresh,
  InventorySummary,
} from '../contract/inventory.ts'
import type { ClusterScope } from '../core/access/access-policy.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { ChangeQuery, InventoryQuery } from '../database/stores/inventory-store.ts'
import type { Page, PageQuery } from '../database/stores/list-query.ts'

/** The inventory as routes use it. Nothing here calls Azure: a worker refreshes what is stored. */
export interface Inventory {
  list(query: InventoryQuery): Promise<Page<InventoryCluster>>
  /** Counts the clusters of a scope. */
  summary(reach?: ClusterScope): Promise<InventorySummary>
  /** The changes of one cluster, newest first. Rejects with `CLUSTER_NOT_FOUND` for a cluster that it has never seen. */
  history(cluster: ClusterRef, query: PageQuery): Promise<Page<InventoryChange>>
  /** The changes of all clusters that the caller may see, newest first. */
  changes(query: Omit<ChangeQuery, 'clusterKey'>): Promise<Page<InventoryChange>>
  /** Requests a refresh. Returns the unfinished one, if there is one. */
  requestRefresh(
    by: string,
    origin?: Origin,
    hook?: TransactionHook<InventoryRefresh>,
  ): Promise<InventoryRefresh>
  /** Rejects with `REFRESH_NOT_FOUND` before the first one. */
  latestRefresh(): Promise<InventoryRefresh>
  /** The latest refresh that has ended; null before that. */
  endedRefresh(): Promise<InventoryRefresh | null>
}
