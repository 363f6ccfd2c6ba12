import type { Campaign } from '../../contract/campaign.ts'
import type { AzureMode } from '../../contract/cluster.ts'
import type { Job } from '../../contract/job.ts'
import type { PlanSummary } from '../../contract/plan.ts'
import type { RecentChanges } from './change-list.ts'
import type { Shown } from './home-cells.ts'
import type { HomeClusters } from './home-clusters.ts'

/** What the home page shows to a caller: rows of the API that the caller may see. */
export interface HomeData {
  azure: AzureMode
  version: string
  asOf: string
  /** Failed jobs, and canceled jobs that left a cluster between two states. */
  failed: Shown<Job>
  held: Shown<Job>
  unapproved: Shown<PlanSummary>
  /** Running and scheduled jobs, without the held jobs. */
  active: Shown<Job>
  recent: Shown<PlanSummary>
  /** Campaigns that have not ended. */
  campaigns: Shown<Campaign>
  /** Campaigns of the last days that ended without success of all members. */
  endedCampaigns: readonly Campaign[]
  clusters: HomeClusters
  changes: RecentChanges
}
