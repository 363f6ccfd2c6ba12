import { sql } from 'kysely'
import type { MemberStatus } from '../../contract/campaign.ts'
import type { Job, JobResult } from '../../contract/job.ts'
import type { PlanFacts } from '../../core/campaign/plan-facts.ts'
import type { Queries } from '../engine/database.ts'
import { type VisibleClusters, visibleCondition } from './visible-clusters.ts'

/** The number of members by wave and status, of those that the caller may see. */
export function countMembers(
  db: Queries,
  campaignId: string,
  visible: VisibleClusters,
): Promise<{ wave: number; status: MemberStatus; count: number }[]> {
  return db
    .selectFrom('campaign_members')
    .select(['wave', 'status', sql<number>`count(*)::int`.as('count')])
    .where('campaign_id', '=', campaignId)
    .where(visibleCondition(visible))
    .groupBy(['wave', 'status'])
    .execute()
}

/** The facts of all planned members that the caller may see. */
export async function memberFacts(
  db: Queries,
  campaignId: string,
  visible: VisibleClusters,
): Promise<{ wave: number; facts: PlanFacts }[]> {
  const rows = await db
    .selectFrom('campaign_members')
    .select(['wave', 'facts'])
    .where('campaign_id', '=', campaignId)
    .where('facts', 'is not', null)
    .where(visibleCondition(visible))
    .orderBy('position')
    .execute()
  return rows.map(({ wave, facts }) => ({ wave, facts: JSON.parse(facts ?? '') as PlanFacts }))
}

/** The facts of all planned members that the caller may see, and the results of the jobs that succeeded. */
export async function memberResults(
  db: Queries,
  campaignId: string,
  visible: VisibleClusters,
): Promise<{ facts: PlanFacts; result: JobResult | null }[]> {
  const rows = await db
    .selectFrom('campaign_members')
    .select([
      'facts',
      'status',
      sql<string | null>`(select view from jobs where jobs.id = job_id)`.as('view'),
    ])
    .where('campaign_id', '=', campaignId)
    .where('facts', 'is not', null)
    .where(visibleCondition(visible))
    .orderBy('position')
    .execute()
  return rows.map(({ facts, status, view }) => ({
    facts: JSON.parse(facts ?? '') as PlanFacts,
    result: status === 'Succeeded' && view !== null ? (JSON.parse(view) as Job).result : null,
  }))
}

/** The clusters of a campaign, by key. */
export async function memberClusters(
  db: Queries,
  campaignId: string,
): Promise<{ id: string; key: string; wave: number }[]> {
  return db
    .selectFrom('campaign_members')
    .select(['cluster_id as id', 'cluster_key as key', 'wave'])
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
