import type { ArmObserver, BudgetObserver } from '../azure/client/arm-observer.ts'
import type { CampaignsObserver } from '../campaigns/deps.ts'
import { INVENTORY_FLAGS } from '../contract/inventory.ts'
import type { QueueStats } from '../database/stores/stats.ts'
import type { InventoryObserver } from '../inventory/deps.ts'
import type { JobsObserver } from '../jobs/deps.ts'
import type { Planning } from '../planning/planning.ts'
import type { TakeSnapshot } from '../planning/snapshot/take-snapshot.ts'
import type { HttpObserver } from '../routes/server/observe-requests.ts'
import type { WebhooksObserver } from '../webhooks/deps.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type ArmContact, observeArm } from './observe-arm.ts'
import {
  observeBudget,
  observeHttp,
  observeInventory,
  observeJobs,
  observePlanning,
  observeSnapshots,
  observeWebhooks,
} from './observers.ts'
import type { Tracing } from './tracing.ts'

/** The observers for each module, and the results of the observation. */
export interface Telemetry {
  http: HttpObserver
  arm: ArmObserver
  armContact: Readonly<ArmContact>
  budget: BudgetObserver
  jobs: JobsObserver
  webhooks: WebhooksObserver
  inventory: InventoryObserver
  campaigns: CampaignsObserver
  planning(planning: Planning): Planning
  snapshots(take: TakeSnapshot): TakeSnapshot
  /** All metrics in the text format 0.0.4 of Prometheus. Does not reject if the database is not available. */
  text(): Promise<string>
}

export interface TelemetryDeps {
  version: string
  azure: string
  /** null if traces are disabled. */
  tracing: Tracing | null
  queueStats: () => Promise<QueueStats>
  now: () => Date
}

/** The minimum time between two counts in the database, for any number of scrapes. */
const QUEUE_STATS_TTL_MS = 5_000

export function createTelemetry(deps: TelemetryDeps): Telemetry {
  const { tracing, now } = deps
  const metrics = createMetrics(deps)
  const arm = observeArm(metrics, tracing, now)
  const refreshQueue = memoizeFor(QUEUE_STATS_TTL_MS, () => countQueue(metrics, deps))
  return {
    http: observeHttp(metrics, tracing),
    arm: arm.observe,
    armContact: arm.contact,
    budget: observeBudget(metrics),
    jobs: observeJobs(metrics, tracing),
    webhooks: observeWebhooks(metrics),
    inventory: observeInventory(metrics),
    campaigns: { ended: (status) => metrics.campaignsEnded.inc({ status }) },
    planning: (planning) => observePlanning(planning, metrics, tracing),
    snapshots: (take) => observeSnapshots(take, metrics, tracing),
    async text() {
      await refreshQueue()
      arm.refresh()
      return metrics.registry.metrics()
    },
  }
}

async function countQueue(metrics: Metrics, { queueStats, now }: TelemetryDeps): Promise<void> {
  metrics.jobsUnfinished.reset()
  metrics.campaignsUnfinished.reset()
  metrics.campaignMembers.reset()
  try {
    const { due, oldestDueAt, unfinished, messagesPending, inventory, campaigns } = await queueStats()
    metrics.databaseUp.set(1)
    metrics.ticksDue.set(due)
    metrics.messagesPending.set(messagesPending)
    metrics.oldestDueSeconds.set(
      oldestDueAt === null ? 0 : Math.max(0, (now().getTime() - oldestDueAt.getTime()) / 1_000),
    )
    for (const { status, step, count } of unfinished)
      metrics.jobsUnfinished.set({ status, step: step ?? 'none' }, count)
    metrics.inventoryClusters.set(inventory.clusters)
    metrics.inventoryAge.set(inventory.ageSeconds ?? Number.NaN)
    for (const flag of INVENTORY_FLAGS) metrics.inventoryFlagged.set({ flag }, 0)
    for (const { status, count } of campaigns.unfinished) metrics.campaignsUnfinished.set({ status }, count)
    for (const { status, count } of campaigns.members) metrics.campaignMembers.set({ status }, count)
    for (const { flag, count } of inventory.flagged) metrics.inventoryFlagged.set({ flag }, count)
  } catch {
    // Without the database, the numbers are unknown, not 0.
    metrics.databaseUp.set(0)
    metrics.ticksDue.set(Number.NaN)
    metrics.messagesPending.set(Number.NaN)
    metrics.oldestDueSeconds.set(Number.NaN)
    metrics.inventoryClusters.set(Number.NaN)
    metrics.inventoryAge.set(Number.NaN)
    metrics.inventoryFlagged.reset()
  }
}

/** Runs the function at most once per interval; simultaneous callers share the result. */
function memoizeFor(ms: number, act: () => Promise<void>): () => Promise<void> {
  let last: { at: number; done: Promise<void> } | null = null
  return () => {
    const at = performance.now()
    if (last === null || at - last.at > ms) last = { at, done: act() }
    return last.done
  }
}
