import { sql } from 'kysely'
import type { InventoryFacts } from '../../contract/inventory.ts'
import { regionKey } from '../../core/arm/regions.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { tagKeys, typeKeyOf } from '../../core/inventory/inventory-facts.ts'
import { isCidr } from '../../core/lib/cidr.ts'
import type { Queries } from '../engine/database.ts'

/** What the inventory holds of a cluster. */
export interface StoredCluster {
  id: string
  /** As JSON text. */
  facts: string
  /** What a reading is compared with; null for a cluster that has disappeared. */
  baseline: InventoryFacts | null
  /** The stored baseline as JSON text; null if the facts are the baseline. */
  baselineText: string | null
  /** When a refresh read the facts; null if the baseline is older. */
  readAt: Date | null
  /** When a job read the facts after its change; null for facts of a refresh. */
  jobReadAt: Date | null
}

/** The rows of these clusters, by their keys. No job changes them until the end of the transaction. */
export async function storedClusters(trx: Queries, keys: string[]): Promise<Map<string, StoredCluster>> {
  const rows = await trx
    .selectFrom('inventory_clusters')
    .select(['id', 'cluster_key', 'facts', 'baseline', 'gone_at', 'as_of', 'job_read_at'])
    .where(sql<boolean>`cluster_key = any (${keys}::text[])`)
    .forUpdate()
    .execute()
  return new Map(
    rows.map(({ id, cluster_key: key, facts, baseline, gone_at, as_of, job_read_at: jobReadAt }) => [
      key,
      {
        id,
        facts,
        baseline: gone_at === null ? (JSON.parse(baseline ?? facts) as InventoryFacts) : null,
        baselineText: baseline,
        readAt: baseline === null ? as_of : null,
        jobReadAt,
      },
    ]),
  )
}

export interface SeenCluster {
  id: string
  key: string
  facts: InventoryFacts
  /** What the next reading is compared with; null for the facts. */
  baseline: InventoryFacts | null
}

/** Stores new and changed clusters with their addresses. */
export async function saveClusters(
  trx: Queries,
  clusters: readonly SeenCluster[],
  refreshId: string,
  asOf: Date,
): Promise<void> {
  if (clusters.length === 0) return
  const rows = clusters.map(({ id, key, facts, baseline }) => ({
    id,
    cluster_key: key,
    subscription_id: idKey(facts.subscriptionId),
    resource_group: idKey(facts.resourceGroup),
    name: idKey(facts.name),
    ...factColumns(facts),
    baseline: baseline === null ? null : JSON.stringify(baseline),
    as_of: asOf,
    job_read_at: null,
    refresh_id: refreshId,
    gone_at: null,
  }))
  await trx
    .insertInto('inventory_clusters')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        location: ref('excluded.location'),
        outbound_type: ref('excluded.outbound_type'),
        path: ref('excluded.path'),
        vnet: ref('excluded.vnet'),
        flags: ref('excluded.flags'),
        tags: ref('excluded.tags'),
        facts: ref('excluded.facts'),
        baseline: ref('excluded.baseline'),
        as_of: ref('excluded.as_of'),
        job_read_at: null,
        refresh_id: ref('excluded.refresh_id'),
        gone_at: null,
      })),
    )
    .execute()
  await saveAddresses(trx, clusters)
}

/** The facts, and the columns that repeat parts of them for filters. */
export function factColumns(facts: InventoryFacts) {
  return {
    location: regionKey(facts.location),
    outbound_type: typeKeyOf(facts),
    path: facts.effective,
    vnet: facts.vnet,
    flags: facts.flags,
    tags: tagKeys(facts.tags),
    facts: JSON.stringify(facts),
  }
}

export async function saveAddresses(
  trx: Queries,
  clusters: readonly Pick<SeenCluster, 'id' | 'facts'>[],
): Promise<void> {
  const ids = clusters.map(({ id }) => id)
  await sql`delete from inventory_addresses where cluster_id = any (${ids}::uuid[])`.execute(trx)
  const addresses = clusters.flatMap(({ id, facts }) =>
    [...new Set(facts.addresses.filter(isCidr))].map((address) => ({ cluster_id: id, address })),
  )
  if (addresses.length > 0) await trx.insertInto('inventory_addresses').values(addresses).execute()
}

/** Notes that a refresh has seen clusters that are as they were. Without `asOf`, their facts are newer than its reading. */
export async function touchClusters(
  trx: Queries,
  ids: string[],
  refreshId: string,
  asOf?: Date,
): Promise<void> {
  if (ids.length === 0) return
  await trx
    .updateTable('inventory_clusters')
    .set({ ...(asOf === undefined ? {} : { as_of: asOf }), refresh_id: refreshId })
    .where(sql<boolean>`id = any (${ids}::uuid[])`)
    .execute()
}

export type UnseenCluster = Omit<SeenCluster, 'baseline'>

/** Clusters that a refresh has not seen, those first that were seen the longest time ago; and how many there are. */
export async function unseenClusters(
  db: Queries,
  refreshId: string,
  limit: number,
): Promise<{ clusters: UnseenCluster[]; count: number }> {
  const unseen = db
    .selectFrom('inventory_clusters')
    .where('gone_at', 'is', null)
    .where('refresh_id', '!=', refreshId)
  const { count } = await unseen
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  const rows = await unseen.select(['id', 'cluster_key', 'facts']).orderBy('as_of').limit(limit).execute()
  const clusters = rows.map(({ id, cluster_key: key, facts }) => ({
    id,
    key,
    facts: JSON.parse(facts) as InventoryFacts,
  }))
  return { clusters, count: Number(count) }
}

export async function markGone(trx: Queries, id: string, at: Date): Promise<void> {
  await trx.updateTable('inventory_clusters').set({ gone_at: at }).where('id', '=', id).execute()
  await sql`delete from inventory_addresses where cluster_id = ${id}`.execute(trx)
}

/** What the inventory has noted under a name; null if nothing. */
export async function readNote(db: Queries, name: string): Promise<string | null> {
  const query = db.selectFrom('inventory_notes').select('value').where('name', '=', name)
  return (await query.executeTakeFirst())?.value ?? null
}

export async function writeNote(trx: Queries, name: string, value: string): Promise<void> {
  await trx
    .insertInto('inventory_notes')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
