import { sql } from 'kysely'
import type { CampaignStatus } from '../../contract/campaign.ts'
import type { MemberStatus } from '../../contract/campaign-requests.ts'
import type { InventoryFlag } from '../../contract/inventory.ts'
import type { JobStatus } from '../../contract/job.ts'
import type { Queries } from '../engine/database.ts'
import { countPendingDeliveries } from './delivery-store.ts'

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

/** Queries over indexes that contain only what is unfinished. Campaigns are too few for an index. */
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

/** The campaigns that have not ended, and their members, counted. */
interface CampaignStats {
  unfinished: { status: CampaignStatus; count: number }[]
  members: { status: MemberStatus; count: number }[]
}

async function readCampaignStats(db: Queries): Promise<CampaignStats> {
  const campaigns = await sql<CampaignStats['unfinished'][number]>`
    select status, count(*)::integer as count from campaigns where finished_at is null group by status`.execute(
    db,
  )
  const members = await sql<CampaignStats['members'][number]>`
    select status, count(*)::integer as count from campaign_members where is_open group by status`.execute(db)
  return { unfinished: campaigns.rows, members: members.rows }
}

/** The inventory, counted. */
export interface InventoryStats {
  clusters: number
  flagged: { flag: InventoryFlag; count: number }[]
  /** Since the last refresh that did not fail; null before the first. */
  ageSeconds: number | null
}

export async function readInventoryStats(db: Queries): Promise<InventoryStats> {
  const { rows } = await sql<{ flag: InventoryFlag | null; count: number }>`
    select null as flag, count(*)::integer as count from inventory_clusters where gone_at is null
    union all select flag, count(*)::integer from inventory_clusters cross join unnest(flags) as flag
      where gone_at is null group by flag`.execute(db)
  const age = await sql<{ seconds: number | null }>`
    select extract(epoch from now() - max(ended_at))::float8 as seconds from inventory_refreshes
      where status in ('succeeded', 'partial')`.execute(db)
  return {
    clusters: rows.find(({ flag }) => flag === null)?.count ?? 0,
    flagged: rows.flatMap(({ flag, count }) => (flag === null ? [] : [{ flag, count }])),
    ageSeconds: age.rows[0]?.seconds ?? null,
  }
}
