import { sql } from 'kysely'
import type { CampaignStatus, MemberStatus } from '../../contract/campaign.ts'
import type { Queries } from '../engine/database.ts'

/** The campaigns that have not ended, and their members, counted. */
export interface CampaignStats {
  unfinished: { status: CampaignStatus; count: number }[]
  members: { status: MemberStatus; count: number }[]
}

export async function readCampaignStats(db: Queries): Promise<CampaignStats> {
  const campaigns = await sql<CampaignStats['unfinished'][number]>`
    select status, count(*)::integer as count from campaigns where finished_at is null group by status`.execute(
    db,
  )
  const members = await sql<CampaignStats['members'][number]>`
    select status, count(*)::integer as count from campaign_members where is_open group by status`.execute(db)
  return { unfinished: campaigns.rows, members: members.rows }
}
