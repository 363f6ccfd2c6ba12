import type { InventoryFacts } from '../../contract/inventory.ts'
import type { Queries } from '../engine/database.ts'
import { factColumns, saveAddresses } from './inventory-writes.ts'

/**
 * Stores what a job has read after its change, if the inventory has the cluster. The state before the job stays the
 * baseline until the job ends.
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
  const row = await readingRow(trx, key)
  if (row === undefined) return
  const facts = factColumns(update(JSON.parse(row.facts) as InventoryFacts))
  await trx.updateTable('inventory_clusters').set(facts).where('id', '=', row.id).execute()
}

/**
 * Ends the reading of a job: `compare` returns the basis for the next comparison. Nothing happens if the job has read
 * nothing, or if a refresh has compared the cluster since.
 */
export async function compareJobReading(
  trx: Queries,
  key: string,
  compare: (before: InventoryFacts, present: InventoryFacts) => InventoryFacts,
): Promise<void> {
  const row = await readingRow(trx, key)
  if (row === undefined || row.baseline === null) return
  const next = JSON.stringify(
    compare(JSON.parse(row.baseline) as InventoryFacts, JSON.parse(row.facts) as InventoryFacts),
  )
  const baseline = next === row.facts ? null : next
  await trx.updateTable('inventory_clusters').set({ baseline }).where('id', '=', row.id).execute()
}

/** Discards the reading of a job that did not succeed. A job that has reverted its change leaves the state before it. */
export async function discardJobReading(trx: Queries, key: string, isReverted: boolean): Promise<void> {
  const row = await readingRow(trx, key)
  if (row === undefined) return
  const former = isReverted && row.baseline !== null ? (JSON.parse(row.baseline) as InventoryFacts) : null
  await trx
    .updateTable('inventory_clusters')
    .set({ ...(former === null ? {} : { ...factColumns(former), baseline: null }), job_read_at: null })
    .where('id', '=', row.id)
    .execute()
  if (former !== null) await saveAddresses(trx, [{ id: row.id, facts: former }])
}

/** The row of a cluster whose facts a job has read. */
function readingRow(trx: Queries, key: string) {
  return trx
    .selectFrom('inventory_clusters')
    .select(['id', 'facts', 'baseline'])
    .where('cluster_key', '=', key)
    .where('gone_at', 'is', null)
    .where('job_read_at', 'is not', null)
    .forUpdate()
    .executeTakeFirst()
}
