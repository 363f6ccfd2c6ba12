import { sql } from 'kysely'
import type { CampaignEvent, CampaignStatus } from '../../contract/campaign.ts'
import type { CampaignRequest, MemberStatus } from '../../contract/campaign-requests.ts'
import type { Actor } from '../../core/audit/audit.ts'
import { type CampaignState, hasEnded, type NewCampaignEvent } from '../../core/campaign/campaign-state.ts'
import type { ResourceGroupPattern } from '../../core/request/plan-request.ts'
import type { CampaignMembersTable, CampaignsTable } from '../engine/campaign-tables.ts'
import type { Queries } from '../engine/database.ts'
import { labelConditions, labelEntries, type PageQuery, pageOf, type RowQuery } from './list-query.ts'
import { type VisibleClusters, visibleCondition } from './visible-clusters.ts'

/** The request, and what its creator may have the service create. */
export interface StoredRequest extends CampaignRequest {
  /** Further resource groups in which resources may be created. Absent for every group. */
  preparationGroups?: readonly ResourceGroupPattern[]
  /** The IDs of selected clusters that did not become members. Absent if there are none. */
  unmatchedIds?: readonly string[]
}

/** A stored campaign without its members. */
export interface StoredCampaign {
  id: string
  name: string
  createdAt: Date
  createdBy: string
  actor: Actor | null
  request: StoredRequest
  state: CampaignState
  logLength: number
}

function toStored(row: CampaignsTable): StoredCampaign {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    createdBy: row.created_by,
    actor: row.actor === null ? null : (JSON.parse(row.actor) as Actor),
    request: JSON.parse(row.request) as StoredRequest,
    state: JSON.parse(row.state) as CampaignState,
    logLength: row.log_length,
  }
}

/** The campaign; null if there is none. `lock` holds all other changes back until the end of the transaction. */
export async function storedCampaign(db: Queries, id: string, lock = false): Promise<StoredCampaign | null> {
  const query = db.selectFrom('campaigns').selectAll().where('id', '=', id)
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst()
  return row === undefined ? null : toStored(row)
}

export type NewMember = Pick<
  CampaignMembersTable,
  'id' | 'cluster_key' | 'cluster_id' | 'subscription_id' | 'position' | 'wave' | 'target_rule'
>

/** A statement has at most 65,535 parameters. */
const MEMBERS_PER_INSERT = 2_000

/** Stores a new campaign with its members, which are to be planned. */
export async function insertCampaign(
  db: Queries,
  campaign: Omit<StoredCampaign, 'logLength'>,
  members: readonly NewMember[],
): Promise<void> {
  const { id, name, createdAt, createdBy, actor, request, state } = campaign
  await db
    .insertInto('campaigns')
    .values({
      id,
      name,
      status: state.status,
      created_at: createdAt,
      created_by: createdBy,
      created_by_id: actor?.id ?? null,
      actor: actor === null ? null : JSON.stringify(actor),
      request: JSON.stringify(request),
      state: JSON.stringify(state),
      log_length: 0,
      next_check_at: null,
      labels: labelEntries(request.labels),
      finished_at: null,
    })
    .execute()
  for (let start = 0; start < members.length; start += MEMBERS_PER_INSERT) {
    const batch = members.slice(start, start + MEMBERS_PER_INSERT)
    const rows = batch.map((member) => ({
      ...member,
      campaign_id: id,
      status: 'Planning' as const,
      shares: '[]',
      accepted_codes: '[]',
      attempts: 0,
      is_paused: false,
      is_open: true,
    }))
    await db.insertInto('campaign_members').values(rows).execute()
  }
}

/** Any number: it only has to be the same for every process that creates campaigns. */
const CREATE_LOCK_KEY = 7_241_903

/** One campaign is created at a time, so that no cluster gets into two. Held until the end of the transaction. */
export async function lockCreation(trx: Queries): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(CREATE_LOCK_KEY)})`.execute(trx)
}

/** The clusters that a job has locked, or that belong to an open campaign, with the ID of what holds them. */
export async function busyClusters(
  db: Queries,
  keys: readonly string[],
): Promise<{ key: string; holder: string }[]> {
  const list = sql`any(${[...keys]}::text[])`
  const locked = await db
    .selectFrom('cluster_locks')
    .select(['cluster_key as key', sql<string>`'job ' || job_id`.as('holder')])
    .where(sql<boolean>`cluster_key = ${list}`)
    .execute()
  const inCampaign = await db
    .selectFrom('campaign_members')
    .select(['cluster_key as key', sql<string>`'campaign ' || campaign_id`.as('holder')])
    .where('is_open', '=', true)
    .where(sql<boolean>`cluster_key = ${list}`)
    .execute()
  return [...locked, ...inCampaign]
}

export interface CampaignChange {
  state: CampaignState
  events: readonly NewCampaignEvent[]
  nextCheckAt: Date | null
  at: Date
}

/** Stores the state of a campaign and appends to its log, in the transaction that has locked it. */
export async function saveCampaign(
  trx: Queries,
  { id, logLength }: Pick<StoredCampaign, 'id' | 'logLength'>,
  change: CampaignChange,
): Promise<void> {
  const { state, events, nextCheckAt, at } = change
  await trx
    .updateTable('campaigns')
    .set({
      status: state.status,
      state: JSON.stringify(state),
      log_length: logLength + events.length,
      next_check_at: nextCheckAt,
      finished_at: state.finishedAt === null ? null : new Date(state.finishedAt),
    })
    .where('id', '=', id)
    .execute()
  await insertEvents(trx, id, logLength, events, at)
  if (hasEnded(state))
    await trx
      .updateTable('campaign_members')
      .set({ is_open: false })
      .where('campaign_id', '=', id)
      .where('is_open', '=', true)
      .execute()
}

/** Nothing remains to be done until the next event. */
export async function postponeCheck(trx: Queries, id: string): Promise<void> {
  await trx.updateTable('campaigns').set({ next_check_at: null }).where('id', '=', id).execute()
}

/** Appends to the log without the state, and has the campaign looked at immediately. */
export async function appendCampaignEvent(
  trx: Queries,
  id: string,
  event: NewCampaignEvent,
  at: Date,
): Promise<CampaignEvent> {
  const row = await trx
    .updateTable('campaigns')
    .set(({ eb }) => ({ log_length: eb('log_length', '+', 1), next_check_at: at }))
    .where('id', '=', id)
    .returning('log_length')
    .executeTakeFirstOrThrow()
  await insertEvents(trx, id, row.log_length - 1, [event], at)
  return { ...event, sequence: row.log_length, at: at.toISOString() }
}

async function insertEvents(
  trx: Queries,
  id: string,
  length: number,
  events: readonly NewCampaignEvent[],
  at: Date,
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map(({ type, memberId, message }, index) => ({
    campaign_id: id,
    sequence: length + index + 1,
    at,
    type,
    member_id: memberId,
    message,
  }))
  await trx.insertInto('campaign_events').values(rows).execute()
}

/** The log after this sequence, oldest first, without entries of members that the caller may not see. */
export async function campaignEvents(
  db: Queries,
  id: string,
  { after, limit, visible }: { after: number; limit: number; visible: VisibleClusters },
): Promise<CampaignEvent[]> {
  const isVisible = sql<boolean>`(member_id is null or member_id in (
    select id from campaign_members where campaign_id = ${id} and ${visibleCondition(visible)}
  ))`
  const rows = await db
    .selectFrom('campaign_events as event')
    .leftJoin('campaign_members as member', 'member.id', 'event.member_id')
    .selectAll('event')
    .select('member.cluster_id')
    .where('event.campaign_id', '=', id)
    .where('sequence', '>', after)
    .where(visible === 'everything' ? sql<boolean>`true` : isVisible)
    .orderBy('sequence')
    .limit(limit)
    .execute()
  return rows.map(({ sequence, at, type, member_id, cluster_id, message }) => ({
    sequence,
    at: at.toISOString(),
    type,
    memberId: member_id,
    ...(cluster_id === null ? {} : { clusterId: cluster_id }),
    message,
  }))
}

/**
 * The campaigns whose time has come, all that wait for a time if `now` is null, and those with a member whose job has
 * ended, is held, or is no longer held.
 */
export async function dueCampaigns(db: Queries, now: Date | null): Promise<string[]> {
  const due = await db
    .selectFrom('campaigns')
    .select('id')
    .where('next_check_at', 'is not', null)
    .$if(now !== null, (query) => query.where('next_check_at', '<=', now))
    .union(
      db
        .selectFrom('campaign_members as member')
        .innerJoin('jobs', 'jobs.id', 'member.job_id')
        .select('member.campaign_id as id')
        .where('member.status', '=', 'Running')
        .where(
          sql<boolean>`(jobs.status in ('Succeeded', 'Failed', 'Canceled')
            or case when member.waits_for is null then jobs.hold_status = 'Held'
              else member.waits_for::json ->> 'code' = 'HELD' and jobs.hold_status <> 'Held' end)`,
        ),
    )
    .execute()
  return due.map(({ id }) => id)
}

export interface CampaignQuery extends PageQuery {
  status?: CampaignStatus | readonly CampaignStatus[] | undefined
  /** Entries of labels; campaigns have all of them. */
  labels?: readonly string[] | undefined
}

/** Campaigns with at least one member that the caller may see, newest first. */
export async function listStoredCampaigns(
  db: Queries,
  query: RowQuery<CampaignQuery>,
): Promise<StoredCampaign[]> {
  const { status, labels, visible } = query
  const hasVisibleMember = sql<boolean>`exists (
    select 1 from campaign_members where campaign_id = campaigns.id and ${visibleCondition(visible)}
  )`
  const conditions = [
    hasVisibleMember,
    ...(status === undefined ? [] : [sql<boolean>`status = any (${[status].flat()}::text[])`]),
    ...labelConditions('campaigns', labels),
  ]
  const rows = await pageOf(db.selectFrom('campaigns').selectAll(), query, conditions).execute()
  return rows.map(toStored)
}

export interface MemberQuery extends PageQuery {
  campaignId: string
  status?: MemberStatus | undefined
  /** The index of the wave. */
  wave?: number | undefined
  /** The code of what the member waits for. */
  waitsFor?: string | undefined
}
