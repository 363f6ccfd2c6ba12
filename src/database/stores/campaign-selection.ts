import { sql } from 'kysely'
import type { InventoryFilter } from '../../contract/inventory-filter.ts'
import type { KnownCluster } from '../../core/campaign/assign-targets.ts'
import type { Queries } from '../engine/database.ts'
import { inventoryConditions } from './inventory-store.ts'
import { type VisibleClusters, visibleCondition } from './visible-clusters.ts'

/** The ARM IDs of the clusters of the inventory that match, in the order of the list, and at most one more than `limit`. */
export async function selectClusterIds(
  db: Queries,
  filter: InventoryFilter,
  visible: VisibleClusters,
  limit: number,
): Promise<string[]> {
  const conditions = [...inventoryConditions(filter), visibleCondition(visible)]
  const { rows } = await sql<{ id: string }>`
    select facts::json ->> 'id' as id from inventory_clusters where ${sql.join(conditions, sql` and `)}
      order by name, id limit ${limit + 1}`.execute(db)
  return rows.map(({ id }) => id)
}

/** The keys of those of these clusters that match. A cluster that is not in the inventory matches no filter. */
export async function matchingClusters(
  db: Queries,
  keys: readonly string[],
  filter: InventoryFilter,
): Promise<Set<string>> {
  const conditions = [...inventoryConditions(filter), sql`cluster_key = any (${[...keys]}::text[])`]
  const { rows } = await sql<{ key: string }>`
    select cluster_key as key from inventory_clusters where ${sql.join(conditions, sql` and `)}`.execute(db)
  return new Set(rows.map(({ key }) => key))
}

/** The clusters of the inventory among these, by their keys. */
export async function knownClusters(
  db: Queries,
  keys: readonly string[],
): Promise<Map<string, KnownCluster>> {
  const { rows } = await sql<KnownCluster & { key: string }>`
    select cluster_key as key, vnet, outbound_type as type from inventory_clusters
      where gone_at is null and cluster_key = any (${[...keys]}::text[])`.execute(db)
  return new Map(rows.map(({ key, vnet, type }) => [key, { vnet, type }]))
}

/** The campaign that each of these clusters belongs to until the campaign has ended. */
export async function openCampaigns(
  db: Queries,
  keys: readonly string[],
): Promise<Map<string, { id: string; name: string }>> {
  const { rows } = await sql<{ key: string; id: string; name: string }>`
    select cluster_key as key, campaigns.id, campaigns.name from campaign_members
      join campaigns on campaigns.id = campaign_id
      where is_open and cluster_key = any (${[...keys]}::text[])`.execute(db)
  return new Map(rows.map(({ key, id, name }) => [key, { id, name }]))
}
