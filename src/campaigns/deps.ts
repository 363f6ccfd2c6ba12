import type { CampaignStatus } from '../contract/campaign.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { CampaignMessage } from '../core/webhooks/messages.ts'
import type { Database, Queries } from '../database/engine/database.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Planning } from '../planning/planning.ts'

/** Observes campaigns, and changes nothing. */
export interface CampaignsObserver {
  ended(status: CampaignStatus): void
}

/** Everything that campaigns use of other modules and of the environment. */
export interface CampaignsDeps {
  database: Database
  planning: Pick<Planning, 'makePlan'>
  jobs: Pick<Jobs, 'accept' | 'cancel' | 'release' | 'getOutcome'>
  /** Whether a change of the cluster with this key requires a second person. Default: never. */
  needsApproval?: (clusterKey: string) => boolean
  /** Orders messages about a campaign on these clusters, in the transaction that changes it. */
  announce?: (
    trx: Queries,
    clusterKeys: readonly string[],
    messages: readonly CampaignMessage[],
  ) => Promise<void>
  now: () => Date
  /** How far `now` has jumped since a time, RFC 3339; negative if it was set back. Default: 0. */
  jumpedSince?: (time: string) => number
  /** UUID version 7: IDs grow with time, and lists rely on it. */
  newId: () => string
  logger: Logger
  /** Without it, nothing is observed. */
  observer?: CampaignsObserver
}
