import { sql } from 'kysely'
import type { CampaignReason } from '../../contract/campaign.ts'
import type { MemberStatus } from '../../contract/campaign-requests.ts'
import type { Job } from '../../contract/job.ts'
import type { MemberOutcome } from '../../core/campaign/campaign-addresses.ts'
import type { PlanFacts } from '../../core/campaign/plan-facts.ts'
import type { Queries } from '../engine/database.ts'
import { type VisibleClusters, visibleCondition } from './visible-clusters.ts'

/** Members of one campaign, wave and status. */
export interface MemberCount {
  campaignId: string
  wave: number
  status: MemberStatus
  /** The code of what members that have not ended wait for; null for others. */
  code: string | null
  count: number
  /** How many of them a later job changed again after they had reached the target. */
  changedAgain: number
}

const WAITING_CODE = sql<
  string | null
>`case when status in ('Planning', 'Ready', 'NeedsDecision', 'Starting', 'Running')
  then waits_for::json ->> 'code' end`

/** The number of members by campaign, wave, status and what they wait for, of those that the caller may see. */
export async function countMembers(
  db: Queries,
  campaignIds: readonly string[],
  visible: VisibleClusters,
): Promise<MemberCount[]> {
  if (campaignIds.length === 0) return []
  return db
    .selectFrom(
      db
        .selectFrom('campaign_members')
        .select(['campaign_id as campaignId', 'wave', 'status', WAITING_CODE.as('code')])
        .select(CHANGED_AGAIN_BY.as('changedBy'))
        .where('campaign_id', 'in', [...campaignIds])
        .where(visibleCondition(visible))
        .as('member'),
    )
    .select(['campaignId', 'wave', 'status', 'code'])
    .select([sql<number>`count(*)::int`.as('count'), sql<number>`count("changedBy")::int`.as('changedAgain')])
    .groupBy(['campaignId', 'wave', 'status', 'code'])
    .execute()
}

/** The ready members whose plans required an approval when they were made. */
export async function guardedMembers(db: Queries, campaignId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('campaign_members as member')
    .innerJoin('plans', 'plans.id', 'member.plan_id')
    .select('member.id')
    .where('member.campaign_id', '=', campaignId)
    .where('member.status', '=', 'Ready')
    .where('plans.approve_until', 'is not', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** The running members whose jobs are held before the cutover. */
export async function heldMembers(db: Queries, campaignId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('campaign_members as member')
    .innerJoin('jobs', 'jobs.id', 'member.job_id')
    .select('member.id')
    .where('member.campaign_id', '=', campaignId)
    .where('member.status', '=', 'Running')
    .where('jobs.hold_status', '=', 'Held')
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** A member with its plan, the result of its last job, and the other jobs of its cluster. */
export interface StoredOutcome extends MemberOutcome {
  wave: number
  /** The last job of the member. */
  jobId: string | null
  /** Whether the cluster has a job that is newer than the last job of the member. */
  hasLaterJob: boolean
  /** Older jobs of the cluster since the campaign was created, such as a failed job before a retry. */
  earlierJobIds: string[]
}

/** All members that the caller may see, with their plans and the results of their jobs. */
export async function memberOutcomes(
  db: Queries,
  campaignId: string,
  visible: VisibleClusters,
): Promise<StoredOutcome[]> {
  const rows = await db
    .selectFrom('campaign_members')
    .select([
      'cluster_id',
      'wave',
      'facts',
      'status',
      'waits_for',
      'accepted_codes',
      'job_id',
      sql<string | null>`(select view from jobs where jobs.id = job_id)`.as('view'),
      sql<string | null>`(select finished_at from jobs where jobs.id = job_id)`.as('finished_at'),
      sql<boolean>`exists (select from jobs
        where jobs.cluster_key = campaign_members.cluster_key and jobs.id > job_id)`.as('has_later_job'),
      sql<string | null>`(select string_agg(jobs.id::text, ',' order by jobs.id) from jobs
        where jobs.cluster_key = campaign_members.cluster_key
          and jobs.id > campaign_id and jobs.id < job_id)`.as('earlier_jobs'),
    ])
    .where('campaign_id', '=', campaignId)
    .where(visibleCondition(visible))
    .orderBy('position')
    .execute()
  return rows.map((row) => {
    const succeeded = row.status === 'Succeeded' && row.view !== null ? (JSON.parse(row.view) as Job) : null
    return {
      clusterId: row.cluster_id,
      wave: row.wave,
      status: row.status,
      facts: row.facts === null ? null : (JSON.parse(row.facts) as PlanFacts),
      result: succeeded?.result ?? null,
      changedAt: succeeded === null ? null : row.finished_at,
      code: row.waits_for === null ? null : (JSON.parse(row.waits_for) as CampaignReason).code,
      acceptedCodes: JSON.parse(row.accepted_codes) as string[],
      jobId: row.job_id,
      hasLaterJob: row.has_later_job,
      earlierJobIds: row.earlier_jobs?.split(',') ?? [],
    }
  })
}

/** The clusters of a campaign, by key. */
export async function memberClusters(
  db: Queries,
  campaignId: string,
): Promise<{ memberId: string; id: string; key: string; wave: number }[]> {
  return db
    .selectFrom('campaign_members')
    .select(['id as memberId', 'cluster_id as id', 'cluster_key as key', 'wave'])
    .where('campaign_id', '=', campaignId)
    .execute()
}

/** The latest jobs that succeeded, to measure steps. */
export async function succeededJobs(db: Queries, limit: number): Promise<Job[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('view')
    .where('status', '=', 'Succeeded')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ view }) => JSON.parse(view) as Job)
}

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
