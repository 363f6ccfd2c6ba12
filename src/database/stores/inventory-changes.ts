import { sql } from 'kysely'
import type { InventoryChange, InventoryFacts } from '../../contract/inventory.ts'
import type { UndatedChange } from '../../core/inventory/inventory-changes.ts'
import type { Queries } from '../engine/database.ts'

/** A change of a cluster with the job that explains it; null if none does. */
export interface ExplainedChange {
  key: string
  change: UndatedChange
  jobId: string | null
}

export interface ChangeRecorder {
  /** UUID version 7. */
  newId: () => string
  /** Orders the messages about a change, in the transaction that stores it. */
  announce(trx: Queries, clusterKey: string, change: InventoryChange): Promise<void>
}

/** Stores changes, and announces all except those that the messages of a job have reported. */
export async function recordChanges(
  trx: Queries,
  { newId, announce }: ChangeRecorder,
  changes: readonly ExplainedChange[],
  at: Date,
): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map(({ key, change, jobId }) => ({
    id: newId(),
    cluster_key: key,
    at,
    kind: change.kind,
    body: JSON.stringify(change),
    job_id: jobId,
  }))
  await trx.insertInto('inventory_changes').values(rows).execute()
  for (const { key, change, jobId } of changes)
    if (jobId === null || change.kind !== 'egressChanged')
      await announce(trx, key, { at: at.toISOString(), jobId, ...change })
}

/** The states of these clusters before each change since a time, by the keys of the clusters. */
export async function formerStates(
  trx: Queries,
  keys: readonly string[],
  since: Date,
): Promise<Map<string, InventoryFacts[]>> {
  const found = new Map<string, InventoryFacts[]>()
  if (keys.length === 0) return found
  const rows = await trx
    .selectFrom('inventory_changes')
    .select(['cluster_key', 'body'])
    .where(sql<boolean>`cluster_key = any (${[...keys]}::text[])`)
    .where('at', '>=', since)
    .execute()
  for (const { cluster_key: key, body } of rows) {
    const { before } = JSON.parse(body) as UndatedChange
    if (before !== null) found.set(key, [...(found.get(key) ?? []), before])
  }
  return found
}
