import type { ClusterRef } from '../contract/cluster.ts'
import { inventoryChanges, nextBaseline, type UndatedChange } from '../core/inventory/inventory-changes.ts'
import { buildInventoryFacts } from '../core/inventory/inventory-facts.ts'
import type { Queries } from '../database/engine/database.ts'
import { explainChanges, recordChanges } from '../database/stores/inventory-changes.ts'
import { compareJobReading, saveJobReading } from '../database/stores/job-readings.ts'
import type { JobsDeps } from './deps.ts'

/**
 * Records in the history of the cluster what has changed since the reading before the job. Otherwise, the history would
 * lack the change until the next refresh, which would also merge the changes of several jobs into one.
 */
export async function recordReading(deps: JobsDeps, trx: Queries, key: string): Promise<void> {
  const changes: UndatedChange[] = []
  await compareJobReading(trx, key, (before, present) => {
    changes.push(...inventoryChanges(before, present))
    return nextBaseline(before, present)
  })
  const explained = await explainChanges(
    trx,
    changes.map((change) => ({ key, change })),
    () => null,
  )
  const announce = deps.announceChange ?? (async () => {})
  await recordChanges(trx, { newId: deps.newId, announce }, explained, deps.now())
}

/**
 * Reads a cluster that a job without success has left in an unknown state. If the reading fails, the next refresh of the
 * inventory reads the cluster.
 */
export async function readLeftCluster(deps: JobsDeps, key: string, cluster: ClusterRef): Promise<void> {
  try {
    const facts = buildInventoryFacts(await deps.takeSnapshot(cluster))
    await deps.database.kysely.transaction().execute(async (trx) => {
      await saveJobReading(trx, key, facts, deps.now())
      await recordReading(deps, trx, key)
    })
  } catch (error) {
    deps.logger.warn({ err: error, cluster }, 'cluster not read after its job ended without success')
  }
}
