import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { ClusterRef } from '../../contract/cluster.ts'
import { type ClusterScope, patternKey } from '../../core/access/access-policy.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'

/** A page of any list. A list adds its filters. */
export interface PageQuery {
  /** The clusters that the caller may see. It may change between two pages, so a cursor does not depend on it. */
  reach?: ClusterScope | undefined
  limit: number
  /** The opaque cursor of the page before; null for the first page. */
  cursor: string | null
}

export interface Page<T> {
  items: T[]
  next: string | null
}

/** A query as stores run it: with the id of the last item of the page before in place of the cursor. */
export type RowQuery<Q extends PageQuery> = Omit<Q, 'cursor'> & { after: string | null }

/** The filters that plans and jobs have in common. */
export interface ListQuery extends PageQuery {
  cluster?: ClusterRef | undefined
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
  const start = column === 'id' ? sql`${after}` : sql`(select sequence from audit_log where id = ${after})`
  const ordered = sql.ref(column)
  const all = after === null ? conditions : [...conditions, sql<boolean>`${ordered} < ${start}`]
  return query
    .where(sql<boolean>`${sql.join(all, sql` and `)}`)
    .orderBy(ordered, 'desc')
    .limit(limit + 1)
}

/**
 * `inScope` as SQL, so that pages are full for callers who may see only a part. A null key is only in the scope
 * `everything`.
 */
export function scopeCondition(scope: ClusterScope = 'everything'): Condition {
  if (scope === 'everything') return sql`true`
  if (scope.length === 0) return sql`false`
  const likes = scope.map((pattern) => sql`cluster_key like ${likePattern(patternKey(pattern))}`)
  return sql`(${sql.join(likes, sql` or `)})`
}

/**
 * `*` within one name becomes `%`, which cannot match into the next name: a key has as many slashes as the pattern, and
 * names have none.
 */
function likePattern(key: string): string {
  return key.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
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
export function listConditions(query: Omit<ListQuery, 'cursor' | 'limit'>): Condition[] {
  const { cluster, reach, from, to, createdBy, createdAfter, createdBefore } = query
  return [
    scopeCondition(reach),
    ...equalTo<{ cluster_key: string; from_type: string; to_type: string }>({
      cluster_key: cluster && idKey(clusterId(cluster)),
      from_type: from,
      to_type: to,
    }),
    ...eitherEquals(['created_by', 'created_by_id'], createdBy),
    ...timeBetween('created_at', createdAfter, createdBefore),
  ]
}
