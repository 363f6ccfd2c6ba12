import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Reach } from '../core/access/reach.ts'
import { clusterId, idKey } from '../core/resource-id.ts'
import type { ClusterRef } from '../core/target.ts'
import { reachCondition } from './reach-condition.ts'
import type { Tables } from './tables.ts'

/** What plans and jobs can be filtered by alike. */
export interface ListFilter {
  cluster?: ClusterRef | undefined
  reach?: Reach | undefined
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
export function listConditions(
  each: ExpressionBuilder<Tables, 'plans'> | ExpressionBuilder<Tables, 'jobs'>,
  filter: ListFilter,
): Expression<SqlBool>[] {
  // The columns have the same names in both; one table stands for either.
  const on = each as ExpressionBuilder<Tables, 'plans'>
  const { cluster, reach = 'everything', from, to, createdBy, createdAfter, createdBefore, after } = filter
  const conditions: Expression<SqlBool>[] = []
  if (after !== null) conditions.push(on('id', '<', after))
  if (cluster !== undefined) conditions.push(on('cluster_key', '=', idKey(clusterId(cluster))))
  if (reach !== 'everything') conditions.push(reachCondition(reach))
  if (from !== undefined) conditions.push(on('from_type', '=', from))
  if (to !== undefined) conditions.push(on('to_type', '=', to))
  if (createdBy !== undefined)
    conditions.push(on.or([on('created_by', '=', createdBy), on('created_by_id', '=', createdBy)]))
  if (createdAfter !== undefined) conditions.push(on('created_at', '>=', createdAfter))
  if (createdBefore !== undefined) conditions.push(on('created_at', '<', createdBefore))
  return conditions
}
