import { sql } from 'kysely'
import type { MemberStatus } from '../../contract/campaign-requests.ts'
import type { Queries } from '../engine/database.ts'

const WITH_TARGET: readonly MemberStatus[] = ['Succeeded', 'NoChange']

/**
 * For a row of `campaign_members` that reached its target: the last later job that read the outbound type of the cluster,
 * if that is no longer the target; otherwise null. A job that read no outbound type proves nothing.
 */
export const CHANGED_AGAIN_BY = sql<
  string | null
>`case when campaign_members.status in (${sql.join(WITH_TARGET)}) then (
  select later.id::text from (
    select jobs.id, jobs.view::json #>> '{result,outboundType}' as type from jobs
    where jobs.cluster_key = campaign_members.cluster_key
      and jobs.id > coalesce(campaign_members.job_id, campaign_members.campaign_id)
      and jobs.view::json #>> '{result,outboundType}' is not null
    order by jobs.id desc limit 1
  ) later
  join plans on plans.id = campaign_members.plan_id
  where lower(later.type) <> lower(plans.to_type)
) end`

/** The members of a campaign that reached the target and that a later job changed again. */
export async function changedAgain(db: Queries, campaignId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('campaign_members')
    .select(['id', CHANGED_AGAIN_BY.as('changedBy')])
    .where('campaign_id', '=', campaignId)
    .execute()
  return new Set(rows.flatMap(({ id, changedBy }) => (changedBy === null ? [] : [id])))
}
