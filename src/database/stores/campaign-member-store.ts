import { sql } from 'kysely'
import type { CampaignMember, CampaignReason } from '../../contract/campaign.ts'
import type { MemberStatus } from '../../contract/campaign-requests.ts'
import type { Job, JobStatus } from '../../contract/job.ts'
import type { MemberState } from '../../core/campaign/campaign-state.ts'
import type { EndedJob } from '../../core/campaign/member-outcomes.ts'
import type { PlanFacts } from '../../core/campaign/plan-facts.ts'
import type { CampaignMembersTable } from '../engine/campaign-tables.ts'
import type { Queries } from '../engine/database.ts'
import { CHANGED_AGAIN_BY } from './campaign-results.ts'
import type { MemberQuery } from './campaign-store.ts'
import { equalTo, pageOf, type RowQuery } from './list-query.ts'
import { visibleCondition } from './visible-clusters.ts'

const STATE_COLUMNS = [
  'id',
  'position',
  'wave',
  'status',
  'waits_for',
  'is_paused',
  'not_before',
  'shares',
  'moved_because',
  'plan_id',
  'job_id',
  'attempts',
] as const
type StateRow = Pick<CampaignMembersTable, (typeof STATE_COLUMNS)[number]>

function toState(row: StateRow): MemberState {
  return {
    id: row.id,
    position: row.position,
    wave: row.wave,
    status: row.status,
    waitsFor: toReason(row.waits_for),
    isPaused: row.is_paused,
    notBefore: row.not_before,
    shares: JSON.parse(row.shares) as string[],
    movedBecause: row.moved_because,
    planId: row.plan_id,
    jobId: row.job_id,
    attempts: row.attempts,
  }
}

function toReason(text: string | null): CampaignReason | null {
  return text === null ? null : (JSON.parse(text) as CampaignReason)
}

function toColumns({ waitsFor, notBefore, shares, movedBecause, planId, jobId, ...state }: MemberState) {
  const { id: _id, position: _position, wave, status, isPaused, attempts } = state
  return {
    wave,
    status,
    attempts,
    waits_for: waitsFor === null ? null : JSON.stringify(waitsFor),
    is_paused: isPaused,
    not_before: notBefore,
    shares: JSON.stringify(shares),
    moved_because: movedBecause,
    plan_id: planId,
    job_id: jobId,
  }
}

/** All members, in the order of the selection. */
export async function memberStates(db: Queries, campaignId: string): Promise<MemberState[]> {
  const rows = await db
    .selectFrom('campaign_members')
    .select(STATE_COLUMNS)
    .where('campaign_id', '=', campaignId)
    .orderBy('position')
    .execute()
  return rows.map(toState)
}

/** Whether a member of the campaign is yet to be planned. */
export async function isPlanning(db: Queries, campaignId: string): Promise<boolean> {
  const members = db.selectFrom('campaign_members').select('id').where('campaign_id', '=', campaignId)
  return (await members.where('status', '=', 'Planning').limit(1).executeTakeFirst()) !== undefined
}

/** Stores members, in the transaction that has locked their campaign. A worker that has claimed one loses it. */
export async function saveMembers(trx: Queries, members: readonly MemberState[]): Promise<void> {
  for (const member of members)
    await trx
      .updateTable('campaign_members')
      .set({ ...toColumns(member), claimed_by: null, claimed_until: null })
      .where('id', '=', member.id)
      .execute()
}

/** Adds acknowledgements of one member to those of its campaign. */
export async function acceptCodes(trx: Queries, id: string, codes: readonly string[]): Promise<void> {
  await trx
    .updateTable('campaign_members')
    .set({ accepted_codes: JSON.stringify(codes) })
    .where('id', '=', id)
    .execute()
}

/** A member that a worker has claimed, to plan or to start it, with what decides about it. */
export interface ClaimedMember {
  state: MemberState
  campaignId: string
  clusterId: string
  acceptedCodes: string[]
  facts: PlanFacts | null
  /** The index of the rule that gives the target; null for the target of the campaign. */
  targetRule: number | null
}

export interface ClaimOptions {
  now: Date
  until: Date
  /** A new UUID. */
  token: string
  limit: number
  /** The limit of claimed members of one subscription, over all processes. */
  perSubscription: number
}

/** Clocks of processes may differ by this much. */
const CLOCK_MARGIN_MS = 60_000

/** Any number: it only has to be the same for every process that claims members. */
const CLAIM_LOCK_KEY = 7_241_904

/** Claims members that are to be started or planned, in this order: a start must not miss its window for plans. */
export async function claimMembers(db: Queries, options: ClaimOptions): Promise<ClaimedMember[]> {
  const { now, until, token, limit, perSubscription } = options
  // A claim or a wait that seems longer than any is from before the clock was set back.
  const latest = new Date(until.getTime() + CLOCK_MARGIN_MS)
  // Every process asks each second, and mostly there is no member to claim: then no lock is taken.
  const unclaimed = db
    .selectFrom('campaign_members')
    .select('id')
    .where('status', 'in', ['Planning', 'Starting'])
  if ((await unclaimed.limit(1).executeTakeFirst()) === undefined) return []
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(CLAIM_LOCK_KEY)})`.execute(trx)
    const chosen = sql<string>`(
      select ranked.id from (
        select member.id, member.position, member.subscription_id, member.status = 'Planning' as is_planned,
          row_number() over (partition by member.subscription_id
            order by member.status = 'Planning', member.position, member.id) as place
        from campaign_members member join campaigns on campaigns.id = member.campaign_id
        where member.status in ('Planning', 'Starting')
          and campaigns.status in ('Planning', 'Planned', 'Running', 'Paused')
          and (member.not_before is null or not member.not_before between ${now} and ${latest})
          and (member.claimed_until is null or not member.claimed_until between ${now} and ${latest})
      ) ranked
      left join (
        select subscription_id, count(*) as number from campaign_members
        where claimed_until between ${now} and ${latest} group by subscription_id
      ) busy on busy.subscription_id = ranked.subscription_id
      where ranked.place + coalesce(busy.number, 0) <= ${perSubscription}
      order by ranked.is_planned, ranked.position
      limit ${limit}
    )`
    const rows = await trx
      .updateTable('campaign_members')
      .set({ claimed_by: token, claimed_until: until })
      .where(sql<boolean>`id in ${chosen}`)
      .returning(CLAIM_COLUMNS)
      .execute()
    return rows.map(toClaimed)
  })
}

const CLAIM_COLUMNS = [
  ...STATE_COLUMNS,
  'campaign_id',
  'cluster_id',
  'target_rule',
  'accepted_codes',
  'facts',
] as const

function toClaimed(row: Pick<CampaignMembersTable, (typeof CLAIM_COLUMNS)[number]>): ClaimedMember {
  return {
    state: toState(row),
    campaignId: row.campaign_id,
    clusterId: row.cluster_id,
    acceptedCodes: JSON.parse(row.accepted_codes) as string[],
    facts: row.facts === null ? null : (JSON.parse(row.facts) as PlanFacts),
    targetRule: row.target_rule,
  }
}

/** These members with everything that decides about them, without claiming them. */
export async function membersById(db: Queries, ids: readonly string[]): Promise<ClaimedMember[]> {
  const query = db
    .selectFrom('campaign_members')
    .select(CLAIM_COLUMNS)
    .where('id', 'in', [...ids])
  return ids.length === 0 ? [] : (await query.execute()).map(toClaimed)
}

/** Forgets the claims of a process that stops; all of them for the embedded engine, whose only process has just started. */
export async function releaseClaims(db: Queries, tokens?: readonly string[]): Promise<void> {
  const release = db.updateTable('campaign_members').set({ claimed_by: null, claimed_until: null })
  await (tokens === undefined ? release : release.where('claimed_by', 'in', [...tokens])).execute()
}

/** Keeps the claims of a process that works on them. */
export async function renewClaims(db: Queries, tokens: readonly string[], until: Date): Promise<void> {
  const renew = db.updateTable('campaign_members').set({ claimed_until: until })
  await renew.where('claimed_by', 'in', [...tokens]).execute()
}

/** Stores what became of a claimed member; false if the claim was lost meanwhile, and nothing was stored. */
export async function saveClaimed(
  trx: Queries,
  member: MemberState,
  claim: { token: string; status: MemberStatus },
  facts?: PlanFacts,
): Promise<boolean> {
  const result = await trx
    .updateTable('campaign_members')
    .set({
      ...toColumns(member),
      ...(facts === undefined ? {} : { facts: JSON.stringify(facts) }),
      claimed_by: null,
      claimed_until: null,
    })
    .where('id', '=', member.id)
    .where('claimed_by', '=', claim.token)
    .where('status', '=', claim.status)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** The jobs of running members that have ended. */
export async function endedJobs(
  db: Queries,
  campaignId: string,
): Promise<{ memberId: string; job: EndedJob }[]> {
  const ended: JobStatus[] = ['Succeeded', 'Failed', 'Canceled']
  const rows = await db
    .selectFrom('campaign_members as member')
    .innerJoin('jobs', 'jobs.id', 'member.job_id')
    .select(['member.id', 'jobs.view', sql<string | null>`member.facts::json ->> 'cutOver'`.as('cutOver')])
    .where('member.campaign_id', '=', campaignId)
    .where('member.status', '=', 'Running')
    .where('jobs.status', 'in', ended)
    .execute()
  const toJob = (view: string) => JSON.parse(view) as Job
  return rows.map(({ id, view, cutOver }) => ({ memberId: id, job: { ...toJob(view), cutOver } }))
}

/** One page of members, in the order of the selection, each with its rule of targets. */
export async function listMembers(
  db: Queries,
  query: RowQuery<MemberQuery>,
): Promise<(CampaignMember & Pick<ClaimedMember, 'targetRule'>)[]> {
  const { campaignId: campaign_id, status, wave, waitsFor, visible } = query
  const conditions = [
    visibleCondition(visible),
    ...equalTo<CampaignMembersTable>({ campaign_id, status, wave }),
    ...(waitsFor === undefined ? [] : [sql<boolean>`waits_for::json ->> 'code' = ${waitsFor}`]),
  ]
  const others = ['cluster_id', 'target_rule', CHANGED_AGAIN_BY.as('changed_again_by')] as const
  const columns = [...STATE_COLUMNS, ...others]
  const rows = await pageOf(db.selectFrom('campaign_members').select(columns), query, conditions).execute()
  return rows.map((row) => ({
    id: row.id,
    clusterId: row.cluster_id,
    targetRule: row.target_rule,
    wave: row.wave + 1,
    movedBecause: row.moved_because,
    status: row.status,
    waitsFor: toReason(row.waits_for),
    isPaused: row.is_paused,
    planId: row.plan_id,
    jobId: row.job_id,
    ...(row.changed_again_by === null ? {} : { changedAgainBy: row.changed_again_by }),
  }))
}

/**
 * Has the campaign of a plan looked at immediately. A campaign that is locked is not waited for: it also looks regularly. The
 * caller has locked the plan, and a campaign locks itself before its plans.
 */
export async function wakeCampaignOf(
  trx: Queries,
  { id, cluster_key }: { id: string; cluster_key: string },
  now: Date,
): Promise<void> {
  await sql`update campaigns set next_check_at = ${now} where id in (
    select id from campaigns where id in (
      select campaign_id from campaign_members
        where cluster_key = ${cluster_key} and is_open and plan_id = ${id}
    ) for update skip locked
  )`.execute(trx)
}
