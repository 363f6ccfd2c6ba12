import { sql } from 'kysely'
import { patternKey, type Reach } from '../core/access/reach.ts'

/** `isWithin` as SQL, so that pages stay full whatever a caller may not see. Null is in no reach but `everything`. */
export function reachCondition(reach: Exclude<Reach, 'everything'>) {
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
