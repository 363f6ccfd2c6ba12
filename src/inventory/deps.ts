import type { EventEmitter } from 'node:events'
import type { Estate } from '../azure/estate/estate.ts'
import type { AzureMode } from '../contract/cluster.ts'
import type { InventoryChange, InventoryChangeKind, RefreshStatus } from '../contract/inventory.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { Database, Queries } from '../database/engine/database.ts'

/** Sends messages about the inventory, in the transaction that stores what they are about. */
export interface InventoryWebhooks {
  clusterChanged(trx: Queries, clusterKey: string, change: InventoryChange): Promise<void>
  /** The list of required endpoints that this version contains is newer than the one before. */
  endpointsChanged(trx: Queries, at: Date, list: { before: string; after: string }): Promise<void>
}

/** Observes refreshes, and changes nothing. */
export interface InventoryObserver {
  changed(kind: InventoryChangeKind | 'endpointsChanged'): void
  refreshed(status: RefreshStatus, seconds: number): void
}

export interface InventoryDeps {
  database: Database
  estate: Estate
  webhooks: InventoryWebhooks
  azure: AzureMode
  /** Emits `request` when this process has stored a request for a refresh. */
  requests: EventEmitter<{ request: [] }>
  /** 0: only refreshes that are requested. */
  refreshMinutes: number
  now: () => Date
  /** UUID version 7. */
  newId: () => string
  logger: Logger
  /** Without it, nothing is observed. */
  observer?: InventoryObserver
}
