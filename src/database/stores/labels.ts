import { type RawBuilder, sql } from 'kysely'
import type { Labels } from '../../contract/labels.ts'

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
