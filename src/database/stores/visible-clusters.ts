import { type RawBuilder, sql } from 'kysely'
import { type ClusterScope, patternKey } from '../../core/access/access-policy.ts'
import type { Queries } from '../engine/database.ts'

/** The clusters of a scope, as lists filter by them: ids of the table `clusters`. */
export type VisibleClusters = 'everything' | readonly number[]

/** A subscription, a resource group of any subscription, or a resource group of one. */
export interface Within {
  subscriptionId?: string | undefined
  resourceGroup?: string | undefined
}

/** Scopes that one process keeps resolved: about one for each caller with grants of their own. */
const MAX_RESOLVED = 100

interface Resolved {
  /** How many clusters there were. */
  count: number
  ids: Promise<number[]>
}

/**
 * Resolves the patterns of an access policy to clusters. The result is kept until a cluster is added: comparing 200
 * patterns with each row of a list takes seconds. Clusters are never deleted, so an equal count means the same clusters.
 */
export class ClusterScopes {
  readonly #db: Queries
  readonly #resolved = new Map<string, Resolved>()

  constructor(db: Queries) {
    this.#db = db
  }

  async resolve(scope: ClusterScope = 'everything'): Promise<VisibleClusters> {
    if (scope === 'everything' || scope.length === 0) return scope === 'everything' ? scope : []
    const patterns = [...new Set(scope.map(patternKey))]
    const count = await this.#count()
    const name = patterns.join('\n')
    const known = this.#resolved.get(name)
    this.#resolved.delete(name)
    const resolved = known?.count === count ? known : { count, ids: this.#matching(patterns) }
    // The latest ones are last, so the first one is the one to forget.
    this.#resolved.set(name, resolved)
    const oldest = this.#resolved.keys().next().value
    if (this.#resolved.size > MAX_RESOLVED && oldest !== undefined) this.#resolved.delete(oldest)
    return resolved.ids.catch((error: unknown) => {
      if (this.#resolved.get(name) === resolved) this.#resolved.delete(name)
      throw error
    })
  }

  /** The clusters of a scope that are in a subscription or a resource group. */
  async resolveWithin(scope?: ClusterScope, within?: Within): Promise<VisibleClusters> {
    if (within === undefined) return this.resolve(scope)
    const { subscriptionId = '*', resourceGroup = '*' } = within
    const [visible, inside] = await Promise.all([
      this.resolve(scope),
      this.#matching([patternKey({ subscriptionId, resourceGroup, clusterName: '*' })]),
    ])
    if (visible === 'everything') return inside
    const known = new Set(visible)
    return inside.filter((id) => known.has(id))
  }

  async #count(): Promise<number> {
    const query = this.#db.selectFrom('clusters').select(({ fn }) => fn.countAll<string>().as('count'))
    return Number((await query.executeTakeFirstOrThrow()).count)
  }

  async #matching(patterns: readonly string[]): Promise<number[]> {
    const likes = patterns.map(likePattern)
    const query = this.#db
      .selectFrom('clusters')
      .select('id')
      .where(sql<boolean>`cluster_key like any (${likes}::text[])`)
    return (await query.execute()).map(({ id }) => id)
  }
}

/** Adds a cluster that a record names, unless it is known. Plans add theirs by a trigger. */
export async function addCluster(db: Queries, clusterKey: string): Promise<void> {
  await sql`insert into clusters (cluster_key)
    select ${clusterKey} where not exists (select from clusters where cluster_key = ${clusterKey})
    on conflict do nothing`.execute(db)
}

/** As a condition on `cluster_key`. A null key is only in the scope `everything`. */
export function visibleCondition(visible: VisibleClusters = 'everything'): RawBuilder<boolean> {
  if (visible === 'everything') return sql`true`
  return visible.length === 0 ? sql`false` : sql`cluster_key in (${visibleKeys(visible)})`
}

/** Selects the keys of visible clusters. */
export function visibleKeys(ids: readonly number[]): RawBuilder<unknown> {
  return sql`select cluster_key from clusters where id = any (${[...ids]}::integer[])`
}

/**
 * `*` within one name becomes `%`, which cannot match into the next name: a key has as many slashes as the pattern, and
 * names have none.
 */
export function likePattern(key: string): string {
  return key.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
}
