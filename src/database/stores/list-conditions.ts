import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { ClusterRef } from '../../contract/cluster.ts'
import { type ClusterScope, patternKey } from '../../core/access/access-policy.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { Tables } from '../engine/tables.ts'

/** `isWithin` as SQL, so that pages stay full whatever a caller may not see. Null is in no reach but `everything`. */
export function scopeCondition(reach: Exclude<ClusterScope, 'everything'>) {
  if (reach.length === 0) return sql<boolean>`false`
  const likes = reach.map((pattern) => sql`cluster_key like ${likePattern(patternKey(pattern))}`)
  return sql<boolean>`(${sql.join(likes, sql` or `)})`
}

/**
 * `*` within one name becomes `%`. That cannot run over into the next name: a key has as many slashes as
 * the pattern, and names hold none.
 */
function likePattern(key: string): string {
  return key.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
}

/** What plans and jobs can be filtered by alike. */
export interface ListFilter {
  cluster?: ClusterRef | undefined
  reach?: ClusterScope | undefined
  /** The outbound types between which the plan leads. */
  from?: string | undefined
  to?: string | undefined
  /** The maker's name or id. */
  createdBy?: string | undefined
  /** From this moment on. */
  createdAfter?: Date | undefined
  /** Up to, but without, this moment. */
  createdBefore?: Date | undefined
  limit: number
  /** The id of the last item of the page before. */
  after: string | null
}

/** The filter as conditions on the columns that both tables have. */
export function buildListConditions(
  each: ExpressionBuilder<Tables, 'plans'> | ExpressionBuilder<Tables, 'jobs'>,
  filter: ListFilter,
): Expression<SqlBool>[] {
  // The columns have the same names in both; one table stands for either.
  const on = each as ExpressionBuilder<Tables, 'plans'>
  const { cluster, reach = 'everything', from, to, createdBy, createdAfter, createdBefore, after } = filter
  const conditions: Expression<SqlBool>[] = []
  if (after !== null) conditions.push(on('id', '<', after))
  if (cluster !== undefined) conditions.push(on('cluster_key', '=', idKey(clusterId(cluster))))
  if (reach !== 'everything') conditions.push(scopeCondition(reach))
  if (from !== undefined) conditions.push(on('from_type', '=', from))
  if (to !== undefined) conditions.push(on('to_type', '=', to))
  if (createdBy !== undefined)
    conditions.push(on.or([on('created_by', '=', createdBy), on('created_by_id', '=', createdBy)]))
  if (createdAfter !== undefined) conditions.push(on('created_at', '>=', createdAfter))
  if (createdBefore !== undefined) conditions.push(on('created_at', '<', createdBefore))
  return conditions
}
