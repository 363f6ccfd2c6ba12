import type { CampaignStatus } from '../../contract/campaign.ts'
import type { MemberStatus } from '../../contract/campaign-requests.ts'

export interface CampaignsTable {
  id: string
  name: string
  status: CampaignStatus
  created_at: Date
  created_by: string
  created_by_id: string | null
  /** The creator for the audit log, as JSON text. */
  actor: string | null
  /** The request as JSON text. */
  request: string
  /** The `CampaignState` as JSON text. */
  state: string
  log_length: number
  /** When the campaign has to be looked at next; null if only an event can change something. */
  next_check_at: Date | null
  /** As of plans and jobs. */
  labels: string[]
  finished_at: Date | null
}

export interface CampaignMembersTable {
  id: string
  campaign_id: string
  cluster_key: string
  /** The ARM ID as the creator spelled it. */
  cluster_id: string
  subscription_id: string
  position: number
  wave: number
  /** The index of the rule that gives the target; null for the target of the campaign. */
  target_rule: number | null
  is_paused: boolean
  status: MemberStatus
  /** As JSON text, like the lists. */
  waits_for: string | null
  not_before: Date | null
  shares: string
  moved_because: string | null
  plan_id: string | null
  job_id: string | null
  attempts: number
  accepted_codes: string
  /** The `PlanFacts` as JSON text. */
  facts: string | null
  is_open: boolean
  claimed_by: string | null
  claimed_until: Date | null
}

export interface CampaignEventsTable {
  campaign_id: string
  sequence: number
  at: Date
  type: string
  member_id: string | null
  message: string
}
