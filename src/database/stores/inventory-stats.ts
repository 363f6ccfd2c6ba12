import { sql } from 'kysely'
import type { InventoryFlag } from '../../contract/inventory.ts'
import type { Queries } from '../engine/database.ts'

/** The inventory, counted. */
export interface InventoryStats {
  clusters: number
  flagged: { flag: InventoryFlag; count: number }[]
  /** Since the last refresh that did not fail; null before the first. */
  ageSeconds: number | null
}

export async function readInventoryStats(db: Queries): Promise<InventoryStats> {
  const { rows } = await sql<{ flag: InventoryFlag | null; count: number }>`
    select null as flag, count(*)::integer as count from inventory_clusters where gone_at is null
    union all select flag, count(*)::integer from inventory_clusters cross join unnest(flags) as flag
      where gone_at is null group by flag`.execute(db)
  const age = await sql<{ seconds: number | null }>`
    select extract(epoch from now() - max(ended_at))::float8 as seconds from inventory_refreshes
      where status in ('succeeded', 'partial')`.execute(db)
  return {
    clusters: rows.find(({ flag }) => flag === null)?.count ?? 0,
    flagged: rows.flatMap(({ flag, count }) => (flag === null ? [] : [{ flag, count }])),
    ageSeconds: age.rows[0]?.seconds ?? null,
  }
}
