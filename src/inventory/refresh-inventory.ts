import { ArmFault } from '../azure/errors/arm-fault.ts'
import type { InventoryFacts, RefreshResult, RefreshStatus } from '../contract/inventory.ts'
import { idKey } from '../core/arm/resource-id.ts'
import { isOutdated, MAX_OUTDATED_MS } from '../core/inventory/change-causes.ts'
import { inventoryChanges, nextBaseline, type UndatedChange } from '../core/inventory/inventory-changes.ts'
import { buildInventoryFacts } from '../core/inventory/inventory-facts.ts'
import { pageEdition } from '../core/references/pages.ts'
import { assembleSnapshot } from '../core/snapshot/assemble.ts'
import type { ClusterFacts } from '../core/snapshot/snapshot.ts'
import type { Queries } from '../database/engine/database.ts'
import {
  type ExplainedChange,
  explainChanges,
  formerStates,
  recordChanges,
} from '../database/stores/inventory-changes.ts'
import {
  EMPTY_RESULT,
  endRefresh,
  RefreshLostError,
  renewRefresh,
} from '../database/stores/inventory-refreshes.ts'
import {
  markGone,
  readNote,
  type SeenCluster,
  type StoredCluster,
  saveClusters,
  storedClusters,
  touchClusters,
  unseenClusters,
  writeNote,
} from '../database/stores/inventory-writes.ts'
import type { InventoryDeps } from './deps.ts'
import { type EstateReading, readEstate, UnreadParts } from './read-estate.ts'

/** Clusters that are compared and stored in one transaction. */
const BATCH_SIZE = 200
/** Clusters that are read one by one at the end of a refresh because it has not seen them. The next refresh continues. */
const MAX_CONFIRMATIONS = 50
/** How often the lease is extended while a read of Azure waits. */
const BEAT_MS = 15_000
/** Notes: a refresh has ended well, so that a new cluster is news; and the list of endpoints that was reported last. */
const FIRST_REFRESH = 'first-refresh'
const ENDPOINTS = 'endpoints-as-of'

/** A refresh that this process holds. */
export interface HeldRefresh {
  id: string
  holder: string
}

/** Thrown at the next opportunity when the process stops. */
export class RefreshStoppedError extends Error {}

/**
 * Runs one refresh. It stores every batch as soon as it is read. It reports a cluster as gone only if the provider says
 * that it does not exist: Resource Graph also omits what may not be read. A refresh that fails leaves the rows that it
 * has not reached as they were.
 */
export async function refreshInventory(
  deps: InventoryDeps,
  refresh: HeldRefresh,
  isStopping: () => boolean,
): Promise<void> {
  const run = new RefreshRun(deps, refresh, isStopping)
  const begun = performance.now()
  // A read of Azure can wait for minutes. A lease that is lost is noticed by the next batch.
  const beat = setInterval(() => void run.renew().catch(() => undefined), BEAT_MS)
  const observe = (status: RefreshStatus) =>
    deps.observer?.refreshed(status, (performance.now() - begun) / 1_000)
  try {
    observe(await run.run())
    const { clusters, changed, unconfirmed } = run.result
    deps.logger.info({ clusters, changed, unconfirmed, unread: run.unread.count }, 'inventory refreshed')
  } catch (error) {
    if (error instanceof RefreshLostError || error instanceof RefreshStoppedError) return
    const { code, message } = error instanceof ArmFault ? error : UNEXPECTED
    await endRefresh(deps.database.kysely, refresh, 'failed', { ...run.result, error: { code, message } })
    observe('failed')
    deps.logger.error({ err: error }, 'refresh of the inventory failed')
  } finally {
    clearInterval(beat)
  }
}

/** For callers; the log has the details. */
const UNEXPECTED = { code: 'INTERNAL_ERROR', message: 'The refresh failed for an unexpected reason.' }

class RefreshRun {
  readonly unread = new UnreadParts()
  readonly result: RefreshResult = { ...EMPTY_RESULT, unread: this.unread.parts }
  readonly #deps: InventoryDeps
  readonly #db: Queries
  readonly #refresh: HeldRefresh
  readonly #isStopping: () => boolean
  /** Until the first refresh has ended, no cluster is new. */
  #isFirst = true

  constructor(deps: InventoryDeps, refresh: HeldRefresh, isStopping: () => boolean) {
    this.#deps = deps
    this.#db = deps.database.kysely
    this.#refresh = refresh
    this.#isStopping = isStopping
  }

  async run(): Promise<'partial' | 'succeeded'> {
    this.#isFirst = (await readNote(this.#db, FIRST_REFRESH)) === null
    const reading = await readEstate(this.#deps.estate, this.unread, () => this.#report())
    this.result.source = reading.source
    for await (const clusters of reading.pages)
      for (let start = 0; start < clusters.length; start += BATCH_SIZE)
        await this.#store(clusters.slice(start, start + BATCH_SIZE), reading)
    await this.#confirmGone()
    const status = this.unread.count > 0 || this.result.unconfirmed > 0 ? 'partial' : 'succeeded'
    await this.#db.transaction().execute(async (trx) => {
      await renewRefresh(trx, this.#refresh, this.result)
      await writeNote(trx, FIRST_REFRESH, this.#refresh.id)
      await this.#reportEndpoints(trx)
      await endRefresh(trx, this.#refresh, status, this.result)
    })
    return status
  }

  /** Extends the lease and stores the progress. */
  renew(): Promise<void> {
    return renewRefresh(this.#db, this.#refresh, this.result)
  }

  /** Between two reads: keeps the lease, or ends the refresh. */
  async #report(trx: Queries = this.#db): Promise<void> {
    if (this.#isStopping()) throw new RefreshStoppedError()
    await renewRefresh(trx, this.#refresh, this.result)
  }

  async #store(clusters: ClusterFacts[], reading: EstateReading): Promise<void> {
    const asOf = this.#deps.now()
    const read = new Map(clusters.map((cluster) => [idKey(cluster.id), factsOf(cluster, reading, asOf)]))
    const changed = await this.#db.transaction().execute(async (trx) => {
      await this.#report(trx)
      const stored = await storedClusters(trx, [...read.keys()])
      const readByJobs = [...stored].flatMap(([key, { jobReadAt }]) => (jobReadAt === null ? [] : [key]))
      const formers = await formerStates(trx, readByJobs, new Date(asOf.getTime() - MAX_OUTDATED_MS))
      const batch = this.#compare(read, stored, formers, asOf)
      const explained = await explainChanges(trx, batch.changes, (key) => stored.get(key)?.readAt ?? null)
      await saveClusters(trx, batch.saved, this.#refresh.id, asOf)
      await touchClusters(trx, batch.same, this.#refresh.id, asOf)
      await touchClusters(trx, batch.outdated, this.#refresh.id)
      await this.#record(trx, explained, asOf)
      return batch.changes
    })
    this.result.clusters += read.size
    this.result.changed += new Set(changed.map(({ key }) => key)).size
  }

  /** What of a batch is new or changed, and what is as it was. */
  #compare(
    read: ReadonlyMap<string, InventoryFacts>,
    stored: ReadonlyMap<string, StoredCluster>,
    formers: ReadonlyMap<string, InventoryFacts[]>,
    asOf: Date,
  ) {
    const saved: SeenCluster[] = []
    const same: string[] = []
    const outdated: string[] = []
    const changes: { key: string; change: UndatedChange }[] = []
    for (const [key, facts] of read) {
      const known = stored.get(key)
      const before = known?.baseline ?? null
      const jobReadAt = known?.jobReadAt ?? null
      if (known !== undefined && before !== null && jobReadAt !== null) {
        const present = JSON.parse(known.facts) as InventoryFacts
        const former = [before, ...(formers.get(key) ?? [])]
        if (isOutdated(facts, { former, present, jobReadAt }, asOf)) {
          outdated.push(known.id)
          continue
        }
      }
      const next = nextBaseline(before, facts)
      const baseline = JSON.stringify(next) === JSON.stringify(facts) ? null : next
      const isSame =
        before !== null &&
        jobReadAt === null &&
        known?.facts === JSON.stringify(facts) &&
        known.baselineText === (baseline === null ? null : JSON.stringify(baseline))
      if (known !== undefined && isSame) same.push(known.id)
      else saved.push({ id: known?.id ?? this.#deps.newId(), key, facts, baseline })
      if (before === null && this.#isFirst) continue
      for (const change of inventoryChanges(before, facts)) changes.push({ key, change })
    }
    return { saved, same, outdated, changes }
  }

  async #confirmGone(): Promise<void> {
    const { clusters, count } = await unseenClusters(this.#db, this.#refresh.id, MAX_CONFIRMATIONS)
    this.result.unconfirmed = count
    for (const { id, key, facts } of clusters) {
      const { subscriptionId, resourceGroup, name } = facts
      if (!(await this.#isGone({ subscriptionId, resourceGroup, name }))) continue
      this.result.unconfirmed--
      this.result.changed++
      const at = this.#deps.now()
      const gone = inventoryChanges(facts, null).map((change) => ({ key, change, jobId: null }))
      await this.#db.transaction().execute(async (trx) => {
        await this.#report(trx)
        await markGone(trx, id, at)
        await this.#record(trx, gone, at)
      })
    }
  }

  /** A cluster that may not be read may exist. */
  async #isGone(
    cluster: Pick<InventoryFacts, 'subscriptionId' | 'resourceGroup' | 'name'>,
  ): Promise<boolean> {
    try {
      return await this.#deps.estate.isGone(cluster)
    } catch (error) {
      if (error instanceof ArmFault) return false
      throw error
    }
  }

  #record(trx: Queries, changes: ExplainedChange[], at: Date): Promise<void> {
    const { newId, webhooks, observer } = this.#deps
    return recordChanges(
      trx,
      {
        newId,
        announce: async (_trx, key, change) => {
          await webhooks.clusterChanged(trx, key, change)
          observer?.changed(change.kind)
        },
      },
      changes,
      at,
    )
  }

  /** The program itself contains the list, so only a newer version of it can have a newer one. */
  async #reportEndpoints(trx: Queries): Promise<void> {
    const before = await readNote(trx, ENDPOINTS)
    const after = pageEdition('outbound-rules-control-egress')
    if (before !== null && before >= after) return
    await writeNote(trx, ENDPOINTS, after)
    if (before === null) return
    await this.#deps.webhooks.endpointsChanged(trx, this.#deps.now(), { before, after })
    this.#deps.observer?.changed('endpointsChanged')
  }
}

function factsOf(cluster: ClusterFacts, reading: EstateReading, asOf: Date): InventoryFacts {
  const { network, missing } = reading.network.around(cluster)
  const unread = [...missing, ...reading.unreadOf(cluster.subscriptionId)]
  return buildInventoryFacts(assembleSnapshot(asOf.toISOString(), cluster, network, unread))
}
