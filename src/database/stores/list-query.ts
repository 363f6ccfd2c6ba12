import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Labels } from '../../contract/labels.ts'
import type { ClusterScope } from '../../core/access/access-policy.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { Queries } from '../engine/database.ts'
import { type VisibleClusters, visibleCondition, visibleKeys, type Within } from './visible-clusters.ts'

/** A page of any list. A list adds its filters. */
export interface PageQuery {
  /** The clusters that the caller may see. It may change between two pages, so a cursor does not depend on it. */
  reach?: ClusterScope | undefined
  /** The part of the scope that the query asks for. */
  within?: Within | undefined
  limit: number
  /** The opaque cursor of the page before; null for the first page. */
  cursor: string | null
}

export interface Page<T> {
  items: T[]
  next: string | null
}

/** A query as stores run it: with the id of the last item of the page before, and the clusters of the caller's scope. */
export type RowQuery<Q extends PageQuery> = Omit<Q, 'cursor' | 'reach' | 'within'> & {
  after: string | null
  /** Default: every cluster. */
  visible?: VisibleClusters
}

/** The filters that plans and jobs have in common. */
export interface ListQuery extends PageQuery {
  cluster?: ClusterRef | undefined
  /** Entries of labels, each a name, or a name and a value. Rows have all of them. */
  labels?: readonly string[] | undefined
  /** The outbound types of the plan. */
  from?: string | undefined
  to?: string | undefined
  /** The creator's name or ID. */
  createdBy?: string | undefined
  /** Inclusive. */
  createdAfter?: Date | undefined
  /** Exclusive. */
  createdBefore?: Date | undefined
}

type Condition = RawBuilder<boolean>

/** The part of a select query that paging uses. */
interface Listable {
  where(condition: RawBuilder<SqlBool>): this
  orderBy(column: RawBuilder<unknown>, direction: 'desc'): this
  limit(count: number): this
}

/**
 * The rows of one page, newest first, and one row more than `limit` if there are more. New rows do not move the pages:
 * ids grow with time. The audit log is ordered by `sequence` instead.
 */
export function pageOf<Q extends Listable>(
  query: Q,
  { limit, after }: { limit: number; after: string | null },
  conditions: readonly Condition[],
  column: 'id' | 'sequence' = 'id',
): Q {
  return query
    .where(sql<boolean>`${sql.join([sql`true`, ...conditions, ...followsCursor(after, column)], sql` and `)}`)
    .orderBy(sql.ref(column), 'desc')
    .limit(limit + 1)
}

function followsCursor(after: string | null, column: 'id' | 'sequence'): Condition[] {
  if (after === null) return []
  const start = column === 'id' ? sql`${after}` : sql`(select sequence from audit_log where id = ${after})`
  return [sql`${sql.ref(column)} < ${start}`]
}

const EMPTY_ID = '00000000-0000-0000-0000-000000000000'
const FULL_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** The lists of which a caller may see a part, with what orders them. */
const VISIBLE_LISTS = {
  plans: { order: 'id', type: 'uuid', least: EMPTY_ID, most: FULL_ID },
  jobs: { order: 'id', type: 'uuid', least: EMPTY_ID, most: FULL_ID },
  inventory_changes: { order: 'id', type: 'uuid', least: EMPTY_ID, most: FULL_ID },
  audit_log: { order: 'sequence', type: 'integer', least: 0, most: 2_147_483_647 },
} as const

/** Rows that are read to fill a page before the visible clusters are read one by one. */
const RECENT_ROWS = 1_000

/**
 * Narrows the conditions of a page to rows of visible clusters. The cost depends on the page and on the number of
 * visible clusters, not on the rows of other clusters: usually the latest rows fill the page. If they do not, the latest
 * row of each visible cluster shows which clusters have rows on the page.
 */
export async function visibleConditions(
  db: Queries,
  list: keyof typeof VISIBLE_LISTS,
  {
    visible = 'everything',
    limit,
    after,
  }: { limit: number; after: string | null; visible?: VisibleClusters },
  conditions: readonly Condition[],
): Promise<Condition[]> {
  if (visible === 'everything' || visible.length === 0) return [visibleCondition(visible), ...conditions]
  const { order, type, least, most } = VISIBLE_LISTS[list]
  const parts: PageParts = {
    table: sql.table(list),
    order: sql.ref(order),
    matching: sql`${sql.join([sql`true`, ...conditions, ...followsCursor(after, order)], sql` and `)}`,
    keys: visibleKeys(visible),
    ends: { least: sql`${least}::${sql.raw(type)}`, most: sql`${most}::${sql.raw(type)}` },
    size: limit + 1,
  }
  const recent = await recentRows(db, parts)
  const isComplete = recent.rows.length === parts.size || recent.considered < RECENT_ROWS
  const rows = isComplete ? recent.rows : await rowsByCluster(db, parts)
  return [sql`${parts.order} = any (${rows}::${sql.raw(type)}[])`]
}

interface PageParts {
  table: RawBuilder<unknown>
  order: RawBuilder<unknown>
  matching: Condition
  keys: RawBuilder<unknown>
  /** The ends of what the list is ordered by. */
  ends: { least: RawBuilder<unknown>; most: RawBuilder<unknown> }
  size: number
}

/** The visible rows among the latest, and how many rows were considered. */
async function recentRows(db: Queries, { table, order, matching, keys, size }: PageParts) {
  const found = await sql<{ row: string | number; considered: number }>`
    with recent as materialized (
      select ${order} as row, cluster_key from ${table} where ${matching} order by ${order} desc limit ${RECENT_ROWS}
    )
    select considered, page.row from (select count(*)::integer as considered from recent) as counted
      left join lateral (
        select row from recent where cluster_key in (${keys}) order by row desc limit ${size}
      ) as page on true`.execute(db)
  return {
    rows: found.rows.flatMap(({ row }) => row ?? []),
    considered: found.rows[0]?.considered ?? 0,
  }
}

/**
 * Only as many clusters as the page has rows can have rows on it: those with the latest rows. A range selects the rows of
 * a cluster. For an equal key, PostgreSQL may read the whole list in its order.
 */
async function rowsByCluster(db: Queries, { table, order, matching, keys, ends, size }: PageParts) {
  const { least, most } = ends
  const ofCluster = (limit: number) => sql`
    select ${order} as row from ${table}
      where (cluster_key, ${order}) between (visible.cluster_key, ${least}) and (visible.cluster_key, ${most})
        and ${matching}
      order by cluster_key desc, ${order} desc limit ${limit}`
  const found = await sql<{ row: string | number }>`
    with known as materialized (${keys}),
    visible as materialized (
      select visible.cluster_key from known as visible
        cross join lateral (${ofCluster(1)}) as latest order by latest.row desc limit ${size}
    )
    select page.row from visible cross join lateral (${ofCluster(size)}) as page
      order by page.row desc limit ${size}`.execute(db)
  return found.rows.map(({ row }) => row)
}

/** `column = value` for each value that is not undefined. */
export function equalTo<Row>(values: Partial<Selectable<Row>>): Condition[] {
  return Object.entries(values).flatMap(([column, value]) =>
    value === undefined ? [] : [sql<boolean>`${sql.ref(column)} = ${value}`],
  )
}

/** One of two columns has this value, such as the id or the name of a person. */
export function eitherEquals(columns: readonly [string, string], value: string | undefined): Condition[] {
  const [first, second] = columns.map((column) => sql`${sql.ref(column)} = ${value}`)
  return value === undefined ? [] : [sql`(${first} or ${second})`]
}

/** A time from `start` (inclusive) to `end` (exclusive). */
export function timeBetween(column: string, start: Date | undefined, end: Date | undefined): Condition[] {
  return [
    ...(start === undefined ? [] : [sql<boolean>`${sql.ref(column)} >= ${start}`]),
    ...(end === undefined ? [] : [sql<boolean>`${sql.ref(column)} < ${end}`]),
  ]
}

/** The filters of `ListQuery` as conditions. */
export function listConditions(query: Omit<ListQuery, 'cursor' | 'limit' | 'reach'>): Condition[] {
  const { cluster, from, to, createdBy, createdAfter, createdBefore } = query
  return [
    ...equalTo<{ cluster_key: string; from_type: string; to_type: string }>({
      cluster_key: cluster && idKey(clusterId(cluster)),
      from_type: from,
      to_type: to,
    }),
    ...eitherEquals(['created_by', 'created_by_id'], createdBy),
    ...timeBetween('created_at', createdAfter, createdBefore),
  ]
}

/** The entries of a row: each label as its name, and as its name and value. */
export function labelEntries(labels: Labels = {}): string[] {
  return Object.entries(labels).flatMap(([name, value]) => [name, `${name}=${value}`])
}

/** The labels of a row; undefined if there are none. */
export function labelsIn(entries: readonly string[]): Labels | undefined {
  const pairs = entries.filter((entry) => entry.includes('='))
  if (pairs.length === 0) return undefined
  return Object.fromEntries(
    pairs.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}

/**
 * Rows with all these entries. Labels select few rows of many: without the subquery, PostgreSQL may read all rows in the
 * order of their IDs until a page is full.
 */
export function labelConditions(
  table: 'plans' | 'jobs' | 'campaigns',
  entries: readonly string[] = [],
): RawBuilder<boolean>[] {
  if (entries.length === 0) return []
  return [sql`id = any (array(select id from ${sql.table(table)} where labels @> ${[...entries]}::text[]))`]
}
