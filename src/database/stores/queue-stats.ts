import { sql } from 'kysely'
import type { JobStatus } from '../../contract/job.ts'
import type { Queries } from '../engine/database.ts'
import { type CampaignStats, readCampaignStats } from './campaign-stats.ts'
import { countPendingDeliveries } from './delivery-store.ts'
import { type InventoryStats, readInventoryStats } from './inventory-stats.ts'

/** The unfinished jobs and campaigns, and the inventory, counted. */
export interface QueueStats {
  /** Jobs whose tick is due, those included whose tick runs just now. */
  due: number
  /** When the oldest of them came due; null when none is. */
  oldestDueAt: Date | null
  /** `step` is null before the first. */
  unfinished: { status: JobStatus; step: string | null; count: number }[]
  /** Messages to webhooks that are on their way. */
  messagesPending: number
  inventory: InventoryStats
  campaigns: CampaignStats
}

/** Queries over indexes that hold what is unfinished only, however much has ended. */
export async function readQueueStats(db: Queries, now: Date): Promise<QueueStats> {
  const { rows } = await sql<{
    status: JobStatus
    step: string | null
    count: number
    due: number
    oldest: Date | null
  }>`
    select status, view::json ->> 'currentStep' as step, count(*)::int as count,
      (count(*) filter (where next_tick_at <= ${now}))::int as due,
      min(next_tick_at) filter (where next_tick_at <= ${now}) as oldest
    from jobs where next_tick_at is not null group by 1, 2`.execute(db)
  const oldest = rows.flatMap((row) => row.oldest ?? []).map((at) => at.getTime())
  return {
    due: rows.reduce((sum, row) => sum + row.due, 0),
    oldestDueAt: oldest.length === 0 ? null : new Date(Math.min(...oldest)),
    unfinished: rows.map(({ status, step, count }) => ({ status, step, count })),
    messagesPending: await countPendingDeliveries(db),
    inventory: await readInventoryStats(db),
    campaigns: await readCampaignStats(db),
  }
}
