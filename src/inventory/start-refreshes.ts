import { addDueRefresh, claimRefresh, releaseRefresh } from '../database/stores/inventory-refreshes.ts'
import type { InventoryDeps } from './deps.ts'
import { refreshInventory } from './refresh-inventory.ts'

/** How often a worker looks for a refresh that is due or was requested by another process. One row is read. */
const LOOK_INTERVAL_MS = 5_000
/** A stop does not wait longer for a read of Azure in progress; another worker then repeats the refresh. */
const STOP_WAIT_MS = 2_000

/** Refreshes the inventory until stopped: whenever it is due or requested, and in one process at a time. */
export function startRefreshes(deps: InventoryDeps): { stop(): Promise<void> } {
  const db = deps.database.kysely
  const holder = deps.newId()
  let isStopping = false
  let running: Promise<void> | null = null
  const look = async () => {
    if (deps.refreshMinutes > 0) await addDueRefresh(db, deps.newId(), deps.refreshMinutes)
    const id = await claimRefresh(db, holder)
    if (id !== null) await refreshInventory(deps, { id, holder }, () => isStopping)
  }
  const wake = () => {
    if (isStopping || running !== null) return
    running = look()
      .catch((error: unknown) => {
        if (!isStopping) deps.logger.error({ err: error }, 'search for a due refresh of the inventory failed')
      })
      .finally(() => {
        running = null
      })
  }
  const timer = setInterval(wake, LOOK_INTERVAL_MS)
  timer.unref()
  deps.requests.on('request', wake)
  wake()
  return {
    async stop() {
      isStopping = true
      clearInterval(timer)
      deps.requests.off('request', wake)
      const waited = new Promise((resolve) => setTimeout(resolve, STOP_WAIT_MS).unref())
      await Promise.race([running, waited])
      await releaseRefresh(db, holder)
    },
  }
}
