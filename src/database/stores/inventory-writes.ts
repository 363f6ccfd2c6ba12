import { sql } from 'kysely'
import type { InventoryFacts } from '../../contract/inventory.ts'
import { regionKey } from '../../core/arm/regions.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import type { UndatedChange } from '../../core/inventory/inventory-changes.ts'
import { tagKeys, typeKeyOf } from '../../core/inventory/inventory-keys.ts'
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

/**
 * Stores what a job has read after its change, if the inventory has the cluster. The next refresh compares its reading with
 * the state before the job, so that it reports the change with its cause.
 */
export async function saveJobReading(
  trx: Queries,
  key: string,
  facts: InventoryFacts,
  at: Date,
): Promise<void> {
  const row = await trx
    .updateTable('inventory_clusters')
    .set(({ fn, ref }) => ({
      ...factColumns(facts),
      baseline: fn.coalesce(ref('baseline'), ref('facts')),
      as_of: at,
      job_read_at: at,
    }))
    .where('cluster_key', '=', key)
    .where('gone_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (row !== undefined) await saveAddresses(trx, [{ id: row.id, facts }])
}

/** Changes what a job has read after its change; nothing if the reading of a refresh has replaced it. */
export async function updateJobReading(
  trx: Queries,
  key: string,
  update: (facts: InventoryFacts) => InventoryFacts,
): Promise<void> {
  const row = await trx
    .selectFrom('inventory_clusters')
    .select(['id', 'facts'])
    .where('cluster_key', '=', key)
    .where('job_read_at', 'is not', null)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return
  const facts = factColumns(update(JSON.parse(row.facts) as InventoryFacts))
  await trx.updateTable('inventory_clusters').set(facts).where('id', '=', row.id).execute()
}

/**
 * For a job that ends without success after its reading: the next refresh is right in any case. A job that has reverted its
 * change leaves the cluster as it was before.
 */
export async function endJobReading(trx: Queries, key: string, isReverted: boolean): Promise<void> {
  const row = await trx
    .selectFrom('inventory_clusters')
    .select(['id', 'baseline'])
    .where('cluster_key', '=', key)
    .where('job_read_at', 'is not', null)
    .executeTakeFirst()
  if (row === undefined) return
  const former = isReverted && row.baseline !== null ? (JSON.parse(row.baseline) as InventoryFacts) : null
  await trx
    .updateTable('inventory_clusters')
    .set({ ...(former === null ? {} : { ...factColumns(former), baseline: null }), job_read_at: null })
    .where('id', '=', row.id)
    .execute()
  if (former !== null) await saveAddresses(trx, [{ id: row.id, facts: former }])
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

/** The columns that repeat parts of the facts, for filters. */
function factColumns(facts: InventoryFacts) {
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

async function saveAddresses(
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

export interface NewChange {
  id: string
  clusterKey: string
  at: Date
  change: UndatedChange
  /** The job that explains the change; null if none does. */
  jobId: string | null
}

export async function insertChanges(trx: Queries, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map(({ id, clusterKey, at, change, jobId }) => ({
    id,
    cluster_key: clusterKey,
    at,
    kind: change.kind,
    body: JSON.stringify(change),
    job_id: jobId,
  }))
  await trx.insertInto('inventory_changes').values(rows).execute()
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
