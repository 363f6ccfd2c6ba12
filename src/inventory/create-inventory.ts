import type { ClusterRef } from '../contract/cluster.ts'
import type { InventoryCluster, InventorySummary } from '../contract/inventory.ts'
import { type ClusterScope, clusterKey } from '../core/access/access-policy.ts'
import { DomainError } from '../core/lib/errors.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Queries } from '../database/engine/database.ts'
import { openCampaigns } from '../database/stores/campaign-selection.ts'
import { Cursors } from '../database/stores/cursors.ts'
import {
  inventoryRevision,
  latestEndedRefresh,
  latestRefresh,
  requestRefresh,
} from '../database/stores/inventory-refreshes.ts'
import {
  countInventory,
  type InventoryRow,
  isInInventory,
  lastJobs,
  lastPlans,
  listChangeRows,
  listInventoryRows,
} from '../database/stores/inventory-store.ts'
import { ClusterScopes } from '../database/stores/visible-clusters.ts'
import type { InventoryDeps } from './deps.ts'
import type { Inventory } from './inventory.ts'

/** Summaries that one process keeps: one for each scope. */
const MAX_SUMMARIES = 100

/** The part of the inventory that reads, and that requests refreshes. */
export function createInventory(
  deps: Pick<InventoryDeps, 'database' | 'azure' | 'requests' | 'now' | 'newId'>,
): Inventory {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const summaries = new Summaries(db)
  return {
    async list(query) {
      const { items, next } = await cursors.page('inventory', query, (filter) =>
        listInventoryRows(db, filter),
      )
      return { items: await toClusters(db, items, deps.now()), next }
    },
    summary: (reach) => summaries.read(reach),
    async history(cluster, query) {
      const filter = { ...query, clusterKey: clusterKey(cluster) }
      const { items, next } = await cursors.page('inventoryChanges', filter, (rows) =>
        listChangeRows(db, rows),
      )
      if (items.length === 0 && !(await isInInventory(db, filter.clusterKey))) throw notFound(cluster)
      return { items: items.map(({ change }) => change), next }
    },
    async changes(query) {
      const { items, next } = await cursors.page('inventoryChanges', query, (rows) =>
        listChangeRows(db, rows),
      )
      return { items: items.map(({ change }) => change), next }
    },
    async requestRefresh(by, origin, hook) {
      const refresh = await db.transaction().execute(async (trx) => {
        const requested = await requestRefresh(trx, deps.newId(), by)
        await hook?.(trx, requested)
        await auditAllowed(trx, deps, origin, {})
        return requested
      })
      deps.requests.emit('request')
      return refresh
    },
    endedRefresh: () => latestEndedRefresh(db),
    async latestRefresh() {
      const refresh = await latestRefresh(db)
      if (refresh === null) throw new DomainError('REFRESH_NOT_FOUND')
      return refresh
    },
  }
}

function notFound({ subscriptionId, resourceGroup, name }: ClusterRef): DomainError {
  return new DomainError('CLUSTER_NOT_FOUND', { subscriptionId, resourceGroup, name })
}

/** Adds what this service has done with the clusters. */
async function toClusters(db: Queries, rows: InventoryRow[], now: Date): Promise<InventoryCluster[]> {
  const keys = rows.map(({ clusterKey: key }) => key)
  const [plans, jobs, campaigns] = await Promise.all([
    lastPlans(db, keys, now),
    lastJobs(db, keys),
    openCampaigns(db, keys),
  ])
  return rows.map(({ clusterKey: key, facts, asOf }) => ({
    ...facts,
    asOf,
    lastPlan: plans.get(key) ?? null,
    lastJob: jobs.get(key) ?? null,
    campaign: campaigns.get(key) ?? null,
  }))
}

/** Keeps the summary of each scope until the inventory changes: counting 10,000 rows takes too long for each call. */
class Summaries {
  readonly #db: Queries
  readonly #scopes: ClusterScopes
  readonly #kept = new Map<string, { revision: string; summary: Promise<InventorySummary> }>()

  constructor(db: Queries) {
    this.#db = db
    this.#scopes = new ClusterScopes(db)
  }

  async read(reach: ClusterScope = 'everything'): Promise<InventorySummary> {
    const revision = await inventoryRevision(this.#db)
    const name = JSON.stringify(reach)
    const kept = this.#kept.get(name)
    if (kept?.revision === revision) return kept.summary
    const summary = this.#scopes.resolve(reach).then((visible) => countInventory(this.#db, visible))
    this.#kept.delete(name)
    this.#kept.set(name, { revision, summary })
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > MAX_SUMMARIES && oldest !== undefined) this.#kept.delete(oldest)
    summary.catch(() => this.#kept.delete(name))
    return summary
  }
}
