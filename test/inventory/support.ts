import { EventEmitter } from 'node:events'
import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { connectArms } from '../../src/azure/connect/connect-arm.ts'
import type { Estate } from '../../src/azure/estate/estate.ts'
import type { InventoryChange, RefreshResult } from '../../src/contract/inventory.ts'
import type { Database } from '../../src/database/engine/database.ts'
import { claimRefresh, latestRefresh, requestRefresh } from '../../src/database/stores/inventory-refreshes.ts'
import { createInventory } from '../../src/inventory/create-inventory.ts'
import type { InventoryDeps } from '../../src/inventory/deps.ts'
import { refreshInventory } from '../../src/inventory/refresh-inventory.ts'
import { openEmptyDatabase } from '../support/databases.ts'
import { type Demo, startDemo } from '../support/demo.ts'

/** A message of the inventory: the kind of the change with the cluster's key, or the dates of the endpoint lists. */
export type Sent = [kind: string, about: string]

export interface InventoryWorld {
  demo: Demo
  deps: InventoryDeps
  inventory: ReturnType<typeof createInventory>
  sent: Sent[]
  /** Puts other methods in place of those of the estate, for the next refreshes. */
  replace(methods: Partial<Estate>): void
  /** Runs one refresh to its end; returns its status and result. */
  refresh(): Promise<{ status: string } & RefreshResult>
  changesOf(name: string): Promise<InventoryChange[]>
}

/** What an inventory shares with jobs. */
export interface SharedWorld {
  demo: Demo
  database: Database
  now: () => Date
}

/** An inventory of the demo fleet. Its own clock moves a minute at each look. */
export async function startInventory(t: Test, shared?: SharedWorld): Promise<InventoryWorld> {
  const demo = shared?.demo ?? (await startDemo(t))
  const database = shared?.database ?? (await openEmptyDatabase(t))
  const real = connectArms({ endpoint: demo.url, simulated: true }).estate
  let estate: Estate = real
  const sent: Sent[] = []
  let minutes = 0
  const deps: InventoryDeps = {
    database,
    estate: new Proxy(real, { get: (_target, name) => Reflect.get(estate, name) }),
    webhooks: {
      clusterChanged: async (_trx, key, { kind }) => void sent.push([kind, key.split('/').at(-1) ?? '']),
      endpointsChanged: async (_trx, _at, { before, after }) =>
        void sent.push(['endpoints', `${before} ${after}`]),
    },
    requests: new EventEmitter(),
    azure: 'simulated',
    refreshMinutes: 15,
    now: shared?.now ?? (() => new Date(Date.UTC(2026, 8, 1, 0, minutes++))),
    newId: () => uuidv7(),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  }
  const inventory = createInventory(deps)
  return {
    demo,
    deps,
    inventory,
    sent,
    replace: (methods) => {
      estate = { ...real, ...methods }
    },
    async refresh() {
      const db = database.kysely
      const holder = uuidv7()
      await requestRefresh(db, uuidv7(), null)
      const id = await claimRefresh(db, holder)
      if (id === null) throw new Error('no refresh could be claimed')
      await refreshInventory(deps, { id, holder }, () => false)
      const ended = await latestRefresh(db)
      if (ended === null || ended.result === null) throw new Error('the refresh has no result')
      return { status: ended.status, ...ended.result }
    },
    changesOf: async (name) => (await inventory.history(demo.ref(name), { limit: 20, cursor: null })).items,
  }
}
