import { type RawBuilder, sql } from 'kysely'
import type {
  ChangeCause,
  InventoryChange,
  InventoryChangeKind,
  InventoryCluster,
  InventoryFacts,
  InventorySort,
  InventorySummary,
} from '../../contract/inventory.ts'
import type { InventoryFilter } from '../../contract/inventory-filter.ts'
import type { PlanVerdict } from '../../contract/plan-status.ts'
import { regionKey } from '../../core/arm/regions.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { tagKey } from '../../core/inventory/inventory-facts.ts'
import { isCidr } from '../../core/lib/cidr.ts'
import type { Queries } from '../engine/database.ts'
import { type JobsTable, type PlansTable, toIso } from '../engine/tables.ts'
import {
  equalTo,
  type PageQuery,
  pageOf,
  type RowQuery,
  timeBetween,
  visibleConditions,
} from './list-query.ts'
import { currentStatus } from './plan-store.ts'
import { likePattern, type VisibleClusters, visibleCondition } from './visible-clusters.ts'

export interface InventoryQuery extends PageQuery, InventoryFilter {
  sort?: InventorySort | undefined
}

const SORT_COLUMNS = {
  name: 'name',
  location: 'location',
  outboundType: 'outbound_type',
  path: 'path',
} as const

type Condition = RawBuilder<boolean>

/** The filters as conditions on `inventory_clusters`. */
export function inventoryConditions(filter: InventoryFilter): Condition[] {
  const { subscriptionId, resourceGroup, name, location, tag, outboundType, path, vnet, flag, address } =
    filter
  return [
    sql<boolean>`gone_at is null`,
    ...equalTo<{ subscription_id: string; resource_group: string; location: string }>({
      subscription_id: subscriptionId && idKey(subscriptionId),
      resource_group: resourceGroup && idKey(resourceGroup),
      location: location && regionKey(location),
    }),
    ...(name === undefined ? [] : [sql<boolean>`name like ${likePattern(idKey(name))}`]),
    ...equalTo<{ outbound_type: string; path: string; vnet: string }>({
      outbound_type: outboundType,
      path,
      vnet,
    }),
    ...(flag === undefined ? [] : [sql<boolean>`flags @> ${[flag]}::text[]`]),
    ...(tag === undefined ? [] : [sql<boolean>`tags @> ${[tagKey(tag)]}::text[]`]),
    // A prefix contains the addresses that it gives out, and is contained in a range that is asked for.
    ...(address === undefined
      ? []
      : [sql<boolean>`id in (select cluster_id from inventory_addresses where address && ${address}::inet)`]),
  ]
}

export interface InventoryRow {
  id: string
  clusterKey: string
  facts: InventoryFacts
  asOf: string
}

/** One page of clusters, by default ordered by `name`, and one row more if there are more. */
export async function listInventoryRows(
  db: Queries,
  query: RowQuery<InventoryQuery>,
): Promise<InventoryRow[]> {
  const { sort = 'name', visible, after, limit, ...filter } = query
  const column = sql.ref(SORT_COLUMNS[sort.replace(/^-/, '') as keyof typeof SORT_COLUMNS])
  const isDescending = sort.startsWith('-')
  const order = isDescending ? sql`desc` : sql`asc`
  const conditions = [
    ...inventoryConditions(filter),
    visibleCondition(visible),
    ...(after === null
      ? []
      : [
          sql<boolean>`(${column}, id) ${isDescending ? sql`<` : sql`>`}
            (select ${column}, id from inventory_clusters where id = ${after})`,
        ]),
  ]
  const { rows } = await sql<{ id: string; cluster_key: string; facts: string; as_of: Date }>`
    select id, cluster_key, facts, as_of from inventory_clusters where ${sql.join(conditions, sql` and `)}
      order by ${column} ${order}, id ${order} limit ${limit + 1}`.execute(db)
  return rows.map(({ id, cluster_key: clusterKey, facts, as_of: asOf }) => ({
    id,
    clusterKey,
    facts: JSON.parse(facts) as InventoryFacts,
    asOf: toIso(asOf),
  }))
}

const EMPTY_ID = '00000000-0000-0000-0000-000000000000'
const FULL_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

type LastPlan = InventoryCluster['lastPlan']
type LastJob = InventoryCluster['lastJob']

/** The latest plan of each of these clusters that has one. */
export async function lastPlans(
  db: Queries,
  keys: readonly string[],
  now: Date,
): Promise<Map<string, NonNullable<LastPlan>>> {
  type Row = Pick<PlansTable, 'id' | 'cluster_key' | 'to_type' | 'created_at' | 'state' | 'expires_at'>
  const rows = await latestRows<Row & { made_status: PlanVerdict }>(db, 'plans', keys)
  return new Map(
    rows.map((row) => [
      row.cluster_key,
      {
        id: row.id,
        status: currentStatus(row, now),
        to: row.to_type,
        createdAt: toIso(row.created_at),
      },
    ]),
  )
}

/** The latest job of each of these clusters that has one. */
export async function lastJobs(
  db: Queries,
  keys: readonly string[],
): Promise<Map<string, NonNullable<LastJob>>> {
  const rows = await latestRows<Pick<JobsTable, 'id' | 'cluster_key' | 'status' | 'to_type' | 'created_at'>>(
    db,
    'jobs',
    keys,
  )
  return new Map(
    rows.map(({ id, cluster_key, status, to_type, created_at }) => [
      cluster_key,
      { id, status, to: to_type, createdAt: toIso(created_at) },
    ]),
  )
}

const LATEST_COLUMNS = {
  plans: ['id', 'cluster_key', 'to_type', 'created_at', 'made_status', 'state', 'expires_at'],
  jobs: ['id', 'cluster_key', 'to_type', 'created_at', 'status'],
}

/** A range selects the rows of a cluster. For an equal key, PostgreSQL may read the whole list in its order. */
async function latestRows<Row>(
  db: Queries,
  table: 'plans' | 'jobs',
  keys: readonly string[],
): Promise<Row[]> {
  if (keys.length === 0) return []
  const columns = sql.join(LATEST_COLUMNS[table].map((column) => sql.ref(`latest.${column}`)))
  const found = await sql<Row>`
    select ${columns} from unnest(${[...keys]}::text[]) as wanted (key)
      cross join lateral (
        select * from ${sql.table(table)}
          where (cluster_key, id) between (wanted.key, ${EMPTY_ID}::uuid) and (wanted.key, ${FULL_ID}::uuid)
          order by cluster_key desc, id desc limit 1
      ) as latest`.execute(db)
  return found.rows
}

/** Counts the visible clusters by everything that a page groups by, in one pass. */
export async function countInventory(
  db: Queries,
  visible: VisibleClusters | undefined,
): Promise<InventorySummary> {
  const { rows } = await sql<{ dimension: string | null; value: string | null; count: number }>`
    with seen as materialized (
      select outbound_type, path, location, subscription_id, flags from inventory_clusters
        where gone_at is null and ${visibleCondition(visible)}
    )
    select 'total' as dimension, '' as value, count(*)::integer as count from seen
    union all select 'type', outbound_type, count(*)::integer from seen group by outbound_type
    union all select 'path', path, count(*)::integer from seen group by path
    union all select 'location', location, count(*)::integer from seen group by location
    union all select 'subscription', subscription_id, count(*)::integer from seen group by subscription_id
    union all select 'flag', flag, count(*)::integer from seen cross join unnest(flags) as flag group by flag`.execute(
    db,
  )
  const by = (dimension: string) =>
    Object.fromEntries(
      rows
        .filter((row) => row.dimension === dimension)
        .toSorted((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1))
        .map(({ value, count }) => [String(value), count]),
    )
  const oldest = await sql<{ as_of: Date | null }>`
    select min(as_of) as as_of from inventory_clusters where gone_at is null and ${visibleCondition(visible)}`.execute(
    db,
  )
  return {
    clusters: by('total')[''] ?? 0,
    oldestAsOf: toIso(oldest.rows[0]?.as_of ?? null),
    byOutboundType: by('type'),
    byPath: by('path'),
    byFlag: by('flag'),
    byLocation: by('location'),
    bySubscription: by('subscription'),
  }
}

/** The changes of one cluster, or of all clusters that the caller may see. */
export interface ChangeQuery extends PageQuery {
  clusterKey?: string | undefined
  kind?: InventoryChangeKind | readonly InventoryChangeKind[] | undefined
  cause?: ChangeCause | undefined
  /** Inclusive. */
  changedAfter?: Date | undefined
  /** Exclusive. */
  changedBefore?: Date | undefined
}

/** One page of changes, newest first, and one row more if there are more. */
export async function listChangeRows(
  db: Queries,
  query: RowQuery<ChangeQuery>,
): Promise<{ id: string; change: InventoryChange }[]> {
  const { clusterKey, kind, cause, changedAfter, changedBefore } = query
  const conditions = [
    ...equalTo<{ cluster_key: string }>({ cluster_key: clusterKey }),
    ...(kind === undefined ? [] : [sql<boolean>`kind = any (${[kind].flat()}::text[])`]),
    ...(cause === undefined ? [] : [sql<boolean>`(job_id is not null) = ${cause === 'job'}`]),
    ...timeBetween('at', changedAfter, changedBefore),
  ]
  const visible = await visibleConditions(db, 'inventory_changes', query, conditions)
  const rows = await pageOf(
    db.selectFrom('inventory_changes').select(['id', 'at', 'body', 'job_id']),
    query,
    visible,
  ).execute()
  return rows.map(({ id, at, body, job_id: jobId }) => ({
    id,
    change: { at: toIso(at), jobId, ...JSON.parse(body) },
  }))
}

/** Whether the inventory knows a cluster, or has known it. */
export async function isInInventory(db: Queries, clusterKey: string): Promise<boolean> {
  const query = db.selectFrom('inventory_clusters').select('id').where('cluster_key', '=', clusterKey)
  return (await query.executeTakeFirst()) !== undefined
}

/** The addresses among these that a cluster of the inventory uses, whether a caller may see the cluster or not. */
export async function addressesInUse(db: Queries, addresses: readonly string[]): Promise<Set<string>> {
  const wanted = addresses.filter(isCidr)
  if (wanted.length === 0) return new Set()
  const { rows } = await sql<{ address: string }>`
    select wanted.address from unnest(${wanted}::text[]) as wanted (address)
      where exists (select from inventory_addresses known where known.address && wanted.address::inet)`.execute(
    db,
  )
  return new Set(rows.map(({ address }) => address))
}
